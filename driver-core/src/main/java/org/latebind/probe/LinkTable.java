package org.latebind.probe;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.latebind.probe.SupplierProperties.Use;

/**
 * The supplier links of a board under one policy, in the order in which the kernel makes them. Device creation is played
 * once, in
 * document order: node-to-node links stand in lists that grow at the head; a device that appears is linked first to its
 * suppliers,
 * then to its consumers; a link that closes a cycle holds nobody (driver-core sheet, sections 5.2 and 5.3). Only links that
 * can hold
 * their consumer are kept. Their state is derived from the two devices; what changes by itself is two bits: relaxed, and moved.
 */
final class LinkTable {

    /** Searching for cycles stops at this depth: a chain of suppliers that long is no real board. */
    private static final int DEPTH_MAX = 1500;
    private static final int[] NONE = {};

    /** Consumer device, supplier node, supplier device (-1 while only a node), adopting device (-1 for none), by link. */
    final int[] consumer;
    final int[] supplierNode;
    final int[] supplier;
    final int[] adopter;
    final String[] property;
    /** Links of a consumer in the order of the check; of a supplier in queueing order. */
    final int[][] ofConsumer;
    final int[][] ofSupplier;
    /** Links that close a cycle hold nobody and still delay sync_state: consumers by supplier, suppliers by consumer. */
    final int[][] cycleConsumers;
    final int[][] cycleSuppliers;

    private static final class FwLink {
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

    private record DevLink(int consumer, int supplier, FwLink from) { }

    private final Board board;
    private final boolean[] exists;
    private final boolean[] ready;
    private final List<List<FwLink>> suppliersOf = new ArrayList<>();
    private final List<List<FwLink>> consumersOf = new ArrayList<>();
    private final List<List<DevLink>> supplierLinks = new ArrayList<>();
    private final List<DevLink> made = new ArrayList<>();
    private final boolean[] parsed;
    private final int[] visited;
    private int visit;
    private final int[][] childNodes;

    LinkTable(Board board, Policy policy, Parameters parameters, boolean[] unknownReady) {
        this(board, policy, parameters, unknownReady, parameters.fwDevlink(policy).holds());
    }

    /** With {@code asIfHeld} the links are made whether they hold anybody or not: permissive links delay sync_state only. */
    LinkTable(Board board, Policy policy, Parameters parameters, boolean[] unknownReady, boolean asIfHeld) {
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
        if (asIfHeld) {
            play(policy, parameters.strict(policy));
        }
        List<DevLink> cycles = made.stream().filter(link -> link.from.cycle).toList();
        cycleConsumers = ends(cycles, DevLink::supplier, DevLink::consumer);
        cycleSuppliers = ends(cycles, DevLink::consumer, DevLink::supplier);
        List<FwLink> waiting = waitingNodes();
        int count = made.size() + waiting.size();
        consumer = new int[count];
        supplierNode = new int[count];
        supplier = new int[count];
        adopter = new int[count];
        property = new String[count];
        fill(waiting);
        ofConsumer = index(consumer, waiting.size());
        ofSupplier = indexSuppliers();
    }

    /** Part of a table: the links in {@code kept}, in order, with devices renumbered. */
    LinkTable(LinkTable whole, Board part, int[] kept, int[] deviceNumbers) {
        board = part;
        cycleConsumers = ends(List.of(), DevLink::supplier, DevLink::consumer);
        cycleSuppliers = cycleConsumers;
        exists = null;
        ready = null;
        parsed = null;
        visited = null;
        childNodes = null;
        int[] device = Board.inverse(deviceNumbers, whole.board.devices.length);
        int[] link = Board.inverse(kept, whole.size());
        consumer = new int[kept.length];
        supplierNode = new int[kept.length];
        supplier = new int[kept.length];
        adopter = new int[kept.length];
        property = new String[kept.length];
        for (int l = 0; l < kept.length; l++) {
            consumer[l] = device[whole.consumer[kept[l]]];
            supplierNode[l] = whole.supplierNode[kept[l]];
            supplier[l] = whole.supplier[kept[l]] < 0 ? -1 : device[whole.supplier[kept[l]]];
            adopter[l] = whole.adopter[kept[l]] < 0 ? -1 : device[whole.adopter[kept[l]]];
            property[l] = whole.property[kept[l]];
        }
        ofConsumer = partOf(whole.ofConsumer, link, deviceNumbers);
        ofSupplier = partOf(whole.ofSupplier, link, deviceNumbers);
    }

    private static int[][] partOf(int[][] lists, int[] link, int[] deviceNumbers) {
        int[][] result = new int[deviceNumbers.length][];
        for (int d = 0; d < result.length; d++) {
            result[d] = java.util.Arrays.stream(lists[deviceNumbers[d]]).map(l -> link[l]).filter(l -> l >= 0).toArray();
        }
        return result;
    }

    private int[][] ends(List<DevLink> links, ToIntFunction<DevLink> from, ToIntFunction<DevLink> to) {
        int[][] result = new int[board.devices.length][];
        java.util.Arrays.fill(result, NONE);
        for (DevLink link : links) {
            int[] old = result[from.applyAsInt(link)];
            result[from.applyAsInt(link)] = java.util.Arrays.copyOf(old, old.length + 1);
            result[from.applyAsInt(link)][old.length] = to.applyAsInt(link);
        }
        return result;
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

    private void play(Policy policy, boolean strict) {
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
        java.util.ArrayDeque<Integer> todo = new java.util.ArrayDeque<>();
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
        java.util.ArrayDeque<Integer> todo = new java.util.ArrayDeque<>();
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

    private int parentDevice(int node) {
        for (int n = board.nodeParent[node]; n >= 0; n = board.nodeParent[n]) {
            if (board.nodeDevice[n] >= 0 && exists[board.nodeDevice[n]]) {
                return board.nodeDevice[n];
            }
        }
        return -1;
    }

    /** Node links that stay: the supplier never becomes a device. Those of a device's own node hold it. */
    private List<FwLink> waitingNodes() {
        List<FwLink> waiting = new ArrayList<>();
        made.removeIf(link -> link.from.cycle);
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

    private void fill(List<FwLink> waiting) {
        int l = 0;
        for (FwLink link : waiting) {
            consumer[l] = board.nodeDevice[link.consumerNode];
            supplierNode[l] = link.supplierNode;
            supplier[l] = -1;
            adopter[l] = parentDevice(link.supplierNode) == consumer[l] ? -1 : parentDevice(link.supplierNode);
            property[l++] = link.property;
        }
        for (DevLink link : made) {
            consumer[l] = link.consumer;
            supplierNode[l] = board.devices[link.supplier].node();
            supplier[l] = link.supplier;
            adopter[l] = -1;
            property[l++] = link.from.property;
        }
    }

    private int[][] index(int[] owner, int nodeLinks) {
        int[] count = new int[board.devices.length];
        for (int o : owner) {
            count[o]++;
        }
        int[][] result = new int[count.length][];
        for (int d = 0; d < count.length; d++) {
            result[d] = new int[count[d]];
            count[d] = 0;
        }
        for (int l = 0; l < owner.length; l++) {
            result[owner[l]][count[owner[l]]++] = l;
        }
        return result;
    }

    private int[][] indexSuppliers() {
        int[] count = new int[board.devices.length];
        int[] owner = new int[supplier.length];
        for (int l = 0; l < owner.length; l++) {
            owner[l] = supplier[l] >= 0 ? supplier[l] : adopter[l];
            if (owner[l] >= 0) {
                count[owner[l]]++;
            }
        }
        int[][] result = new int[count.length][];
        for (int d = 0; d < count.length; d++) {
            result[d] = new int[count[d]];
            count[d] = 0;
        }
        for (int pass = 0; pass < 2; pass++) {
            for (int l = 0; l < owner.length; l++) {
                if (owner[l] >= 0 && supplier[l] >= 0 == (pass == 0)) {
                    result[owner[l]][count[owner[l]]++] = l;
                }
            }
        }
        return result;
    }

    int size() {
        return consumer.length;
    }
}
