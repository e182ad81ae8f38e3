package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A complete device tree. Immutable; may be used by any number of threads. Look-ups take constant time. */
public final class DeviceTree {

    private final String source;
    private final List<Node> nodes;
    private final Map<String, Node> byPath;
    private final Map<Integer, Node> byPhandle;
    private final Map<String, String> aliases;
    private final List<MemoryReservation> reservations;
    private final int bootCpu;

    DeviceTree(String source, List<Node> nodes, Map<String, Node> byPath, Map<Integer, Node> byPhandle,
            List<MemoryReservation> reservations, int bootCpu) {
        this.source = source;
        this.nodes = List.copyOf(nodes);
        this.byPath = byPath;
        this.byPhandle = byPhandle;
        this.reservations = List.copyOf(reservations);
        this.bootCpu = bootCpu;
        this.aliases = readAliases(byPath.get("/aliases"));
    }

    private static Map<String, String> readAliases(Node node) {
        Map<String, String> aliases = new LinkedHashMap<>();
        if (node != null) {
            for (Property p : node.properties()) {
                List<String> value = p.strings();
                if (value.size() == 1) {
                    aliases.put(p.name(), value.get(0));
                }
            }
        }
        return Collections.unmodifiableMap(aliases);
    }

    /** Returns the name of the file it came from. */
    public String source() {
        return source;
    }

    /** Returns the root. */
    public Node root() {
        return nodes.get(0);
    }

    /** Returns all nodes in document order; the place in the list is {@link Node#index}. */
    public List<Node> nodes() {
        return nodes;
    }

    /** Returns the number of nodes. */
    public int size() {
        return nodes.size();
    }

    /** Returns node {@code index} of the document order. */
    public Node node(int index) {
        return nodes.get(index);
    }

    /** Returns the node of this full path, or null. */
    public Node byPath(String path) {
        return byPath.get(path);
    }

    /** Returns the node with this phandle, or null. */
    public Node byPhandle(int phandle) {
        return byPhandle.get(phandle);
    }

    /** Returns the aliases, name to path, in document order. */
    public Map<String, String> aliases() {
        return aliases;
    }

    /** Returns the node that a path, or an alias with or without a path below it ({@code serial0}), names; null when none. */
    public Node resolve(String pathOrAlias) {
        if (pathOrAlias.startsWith("/")) {
            return byPath(pathOrAlias);
        }
        int slash = pathOrAlias.indexOf('/');
        String target = aliases.get(slash < 0 ? pathOrAlias : pathOrAlias.substring(0, slash));
        return target == null ? null : byPath(slash < 0 ? target : target + pathOrAlias.substring(slash));
    }

    /** Returns the entries of the memory reservation block. */
    public List<MemoryReservation> reservations() {
        return reservations;
    }

    /** Returns the physical id of the boot CPU, from the header of a compiled tree; 0 otherwise. */
    public int bootCpu() {
        return bootCpu;
    }

    /** Returns the model of the board, or null. */
    public String model() {
        return root().string("model");
    }

    /** Returns the nodes that have {@code compatible} among their compatible strings, in document order. */
    public List<Node> findCompatible(String compatible) {
        List<Node> found = new ArrayList<>();
        for (Node node : nodes) {
            if (node.isCompatible(compatible)) {
                found.add(node);
            }
        }
        return found;
    }

    @Override
    public String toString() {
        return source + " (" + nodes.size() + " nodes)";
    }
}
