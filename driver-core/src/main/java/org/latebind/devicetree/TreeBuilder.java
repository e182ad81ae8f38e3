package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Builds a tree node by node in document order and keeps the limits that bound what a hostile input can cost.
 * Complaints come as text; the reader that knows the place makes the exception of them.
 */
final class TreeBuilder {

    /** Depth of the deepest node, as in the kernel. */
    static final int DEPTH_MAX = 64;
    /** Longest node or property name in characters. */
    static final int NAME_LENGTH_MAX = 255;
    /** Characters of all paths together. */
    static final int PATH_CHARACTERS_MAX = 16 << 20;
    /** Properties of one node. */
    static final int PROPERTIES_MAX = 65_536;

    private final List<Node> nodes = new ArrayList<>(512);
    private final Map<String, Node> byPath = new HashMap<>(1024);
    private final Map<Integer, Node> byPhandle = new HashMap<>(512);
    private final Node[] open = new Node[DEPTH_MAX];
    private final Set<String> propertyNames = new HashSet<>();
    private int depth;
    private long pathCharacters;

    /** Tells how many nodes are open. */
    int depth() {
        return depth;
    }

    int size() {
        return nodes.size();
    }

    /** Opens a node; returns what is wrong with that, or null. */
    String begin(String name) {
        if (depth == 0 && !nodes.isEmpty()) {
            return "a second root node";
        }
        if (depth == DEPTH_MAX) {
            return "nodes are nested deeper than " + DEPTH_MAX;
        }
        Node parent = depth == 0 ? null : open[depth - 1];
        if (parent != null && name.isEmpty()) {
            return "a node without a name";
        }
        Node node = new Node(parent, name, nodes.size());
        pathCharacters += node.path().length();
        if (pathCharacters > PATH_CHARACTERS_MAX) {
            return "the paths of all nodes are longer than " + PATH_CHARACTERS_MAX + " characters";
        }
        if (byPath.putIfAbsent(node.path(), node) != null) {
            return "a second node " + node.path();
        }
        nodes.add(node);
        if (parent != null) {
            parent.add(node);
        }
        propertyNames.clear();
        open[depth++] = node;
        return null;
    }

    /** Adds a property to the open node; returns what is wrong with that, or null. */
    String property(Property property) {
        Node node = open[depth - 1];
        if (!node.children().isEmpty()) {
            return "property " + property.name() + " after a child node";
        }
        if (node.properties().size() == PROPERTIES_MAX) {
            return "more than " + PROPERTIES_MAX + " properties in " + node.path();
        }
        if (!propertyNames.add(property.name())) {
            return "a second property " + property.name() + " in " + node.path();
        }
        node.add(property);
        return null;
    }

    /** Closes the open node; returns what is wrong with that, or null. */
    String end() {
        Node node = open[--depth];
        node.seal();
        if (node.phandle() != 0) {
            Node other = byPhandle.putIfAbsent(node.phandle(), node);
            if (other != null) {
                return "phandle 0x" + Integer.toHexString(node.phandle()) + " of " + node.path()
                    + " is also that of " + other.path();
            }
        }
        return null;
    }

    DeviceTree build(String source, List<MemoryReservation> reservations, int bootCpu) {
        return new DeviceTree(source, nodes, byPath, byPhandle, reservations, bootCpu);
    }
}
