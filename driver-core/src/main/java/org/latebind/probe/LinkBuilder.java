package org.latebind.probe;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.latebind.probe.SupplierProperties.Use;

/**
 * Plays the creation of a board's devices once, in document order, and makes the supplier links as the kernel does: node-to-node
 * links stand in lists that grow at the head; a device that appears is linked first to its suppliers, then to its consumers; a
 * link that closes a cycle holds nobody (driver-core sheet, sections 5.2 and 5.3).
 */
final class LinkBuilder {

    /** Searching for cycles stops at this depth: a chain of suppliers that long is no real board. */
    private static final int DEPTH_MAX = 1500;

    /** A link between nodes. */
    static final class FwLink {
        final int consumerNode;
        final int supplierNode;
        final String property;
        boolean cycle;

        FwLink(int consumerNode, int supplierNode, String property) {
            this.consumerNode = consumerNode;
            this.supplierNode = supplierNode;
            this.property = property;
        }
    }

    /** A link between devices, and the one between nodes that it came from. */
    record DevLink(int consumer, int supplier, FwLink from) { }

    /** Links between devices in the order in which they were made; those of a cycle among them. */
    final List<DevLink> made = new ArrayList<>();
    private final Board board;
    private final boolean[] exists;
    private final boolean[] ready;
    private final List<List<FwLink>> suppliersOf = new ArrayList<>();
    private final List<List<FwLink>> consumersOf = new ArrayList<>();
    private final List<List<DevLink>> supplierLinks = new ArrayList<>();
    private final boolean[] parsed;
    private final int[] visited;
    private int visit;
    private final int[][] childNodes;

    /** With {@code unknownReady} nodes count as served that no known driver drives. */
    LinkBuilder(Board board, boolean[] unknownReady) {
        this.board = board;
        int n = board.nodePath.length;
        exists = new boolean[board.devices.length];
        ready = new boolean[n];
        parsed = new boolean[n];
        visited = new int[n];
        childNodes = children();
        for (int i = 0; i < n; i++) {
            suppliersOf.add(new ArrayList<>(2));
            consumersOf.add(new ArrayList<>(2));
            ready[i] = board.nodeEarly[i] || unknownReady[i];
        }
        for (int d = 0; d < exists.length; d++) {
            supplierLinks.add(new ArrayList<>(2));
        }
    }

    private int[][] children() {
        List<List<Integer>> lists = new ArrayList<>();
        for (int i = 0; i < board.nodePath.length; i++) {
            lists.add(new ArrayList<>(0));
            if (board.nodeParent[i] >= 0) {
                lists.get(board.nodeParent[i]).add(i);
            }
        }
        int[][] result = new int[lists.size()][];
        for (int i = 0; i < result.length; i++) {
            result[i] = lists.get(i).stream().mapToInt(Integer::intValue).toArray();
        }
        return result;
    }

    /** Creates all devices. */
    void play(Policy policy, boolean strict) {
        for (BoardDevice device : board.devices) {
            if (device.node() < 0 || board.nodeDevice[device.node()] != device.index()) {
                continue;
            }
            exists[device.index()] = true;
            parseTree(device.node(), policy, strict);
            linkToConsumers(device);
            linkToSuppliers(device);
        }
    }

    private void parseTree(int top, Policy policy, boolean strict) {
        ArrayDeque<Integer> todo = new ArrayDeque<>();
        todo.push(top);
        while (!todo.isEmpty()) {
            int node = todo.pop();
            if (!parsed[node]) {
                parsed[node] = true;
                parse(node, policy, strict);
            }
            for (int i = childNodes[node].length - 1; i >= 0; i--) {
                if (board.nodeAvailable[childNodes[node][i]]) {
                    todo.push(childNodes[node][i]);
                }
            }
        }
    }

    private void parse(int node, Policy policy, boolean strict) {
        Set<Integer> exempt = exempt(node, policy);
        for (Board.Supply supply : board.supplies[node]) {
            Use use = supply.assumed() && !SupplierProperties.assumesNoCells(policy.suppliers) ? Use.NONE
                : SupplierProperties.use(supply.property(), policy.suppliers);
            boolean counts = use == Use.MANDATORY || use == Use.OPTIONAL && strict;
            if (!counts || supply.target() < 0 || exempt.contains(supply.target()) || !linkable(node, supply.target())) {
                continue;
            }
            boolean known = false;
            for (FwLink link : suppliersOf.get(node)) {
                known |= link.supplierNode == supply.target();
            }
            if (!known) {
                FwLink link = new FwLink(node, supply.target(), supply.property());
                suppliersOf.get(node).add(0, link);
                consumersOf.get(supply.target()).add(link);
            }
        }
    }

    private Set<Integer> exempt(int node, Policy policy) {
        Set<Integer> exempt = Set.of();
        for (Board.Supply supply : board.supplies[node]) {
            if (SupplierProperties.use(supply.property(), policy.suppliers) == Use.EXEMPT) {
                exempt = exempt.isEmpty() ? new HashSet<>() : exempt;
                exempt.add(supply.target());
            }
        }
        return exempt;
    }

    /** The supplier and its ancestors up to the first existing device must be available; nobody waits for an ancestor. */
    private boolean linkable(int consumerNode, int target) {
        for (int n = target; n >= 0; n = board.nodeParent[n]) {
            if (!board.nodeAvailable[n]) {
                return false;
            }
            if (board.nodeDevice[n] >= 0 && exists[board.nodeDevice[n]]) {
                break;
            }
        }
        for (int n = consumerNode; n >= 0; n = board.nodeParent[n]) {
            if (n == target) {
                return false;
            }
        }
        return true;
    }

    private void linkToConsumers(BoardDevice device) {
        List<FwLink> links = consumersOf.get(device.node());
        for (int i = links.size() - 1; i >= 0; i--) {
            FwLink link = links.get(i);
            int holder = board.nodeDevice[link.consumerNode];
            if (holder >= 0 && exists[holder] && suppliersOf.get(link.consumerNode).contains(link)) {
                make(holder, device.index(), link);
                suppliersOf.get(link.consumerNode).remove(link);
            }
        }
    }

    private void linkToSuppliers(BoardDevice device) {
        for (FwLink link : List.copyOf(suppliersOf.get(device.node()))) {
            int target = link.supplierNode;
            int supplierDevice = board.nodeDevice[target];
            visit++;
            if (reaches(device.node(), target, 0)) {
                link.cycle = true;
            }
            if (supplierDevice >= 0 && exists[supplierDevice]) {
                make(device.index(), supplierDevice, link);
                suppliersOf.get(device.node()).remove(link);
            } else if (readyOrAncestor(target)) {
                suppliersOf.get(device.node()).remove(link);
            }
        }
        cyclesBelow(device);
    }

    /**
     * The device stands in for the nodes below it that are no devices: a cycle through one of them (two ends of a graph that name
     * each other) holds nobody either.
     */
    private void cyclesBelow(BoardDevice device) {
        ArrayDeque<Integer> todo = new ArrayDeque<>();
        todo.push(device.node());
        while (!todo.isEmpty()) {
            for (int n : childNodes[todo.pop()]) {
                int own = board.nodeDevice[n];
                if (own >= 0 && exists[own]) {
                    continue;
                }
                todo.push(n);
                for (FwLink link : own < 0 ? suppliersOf.get(n) : List.<FwLink>of()) {
                    visit++;
                    if (reaches(n, link.supplierNode, 0)) {
                        link.cycle = true;
                    }
                }
            }
        }
    }

    private boolean readyOrAncestor(int node) {
        for (int n = node; n >= 0; n = board.nodeParent[n]) {
            if (ready[n]) {
                return true;
            }
        }
        return false;
    }

    private void make(int consumerDevice, int supplierDevice, FwLink link) {
        visit++;
        if (reaches(board.devices[consumerDevice].node(), board.devices[supplierDevice].node(), 0)) {
            link.cycle = true;
        }
        if (consumerDevice == supplierDevice || ready[board.devices[supplierDevice].node()]) {
            return;
        }
        DevLink devLink = new DevLink(consumerDevice, supplierDevice, link);
        supplierLinks.get(consumerDevice).add(devLink);
        made.add(devLink);
    }

    /** Searches from the supplier for the consumer over node links, the parent device and device links, marking cycles. */
    private boolean reaches(int consumerNode, int node, int depth) {
        if (node == consumerNode) {
            return true;
        }
        if (visited[node] == visit || depth > DEPTH_MAX) {
            return false;
        }
        visited[node] = visit;
        boolean found = false;
        for (FwLink link : suppliersOf.get(node)) {
            if (reaches(consumerNode, link.supplierNode, depth + 1)) {
                link.cycle = true;
                found = true;
            }
        }
        int parent = parentDevice(node);
        if (parent >= 0 && reaches(consumerNode, board.devices[parent].node(), depth + 1)) {
            found = true;
        }
        int device = board.nodeDevice[node];
        if (device >= 0 && exists[device]) {
            for (DevLink link : supplierLinks.get(device)) {
                if (reaches(consumerNode, board.devices[link.supplier].node(), depth + 1)) {
                    link.from.cycle = true;
                    found = true;
                }
            }
        }
        return found;
    }

    /** The nearest existing device above a node, or -1. */
    int parentDevice(int node) {
        for (int n = board.nodeParent[node]; n >= 0; n = board.nodeParent[n]) {
            if (board.nodeDevice[n] >= 0 && exists[board.nodeDevice[n]]) {
                return board.nodeDevice[n];
            }
        }
        return -1;
    }

    /** Node links that stay: the supplier never becomes a device. Those of a device's own node hold it. */
    List<FwLink> waitingNodes() {
        List<FwLink> waiting = new ArrayList<>();
        for (BoardDevice device : board.devices) {
            if (device.node() >= 0 && exists[device.index()]) {
                for (FwLink link : suppliersOf.get(device.node())) {
                    if (!link.cycle && !readyOrAncestor(link.supplierNode)) {
                        waiting.add(link);
                    }
                }
            }
        }
        return waiting;
    }
}
