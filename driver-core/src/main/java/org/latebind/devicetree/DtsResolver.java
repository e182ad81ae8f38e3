package org.latebind.devicetree;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes a tree of a source that is read to its end: checks names, labels and phandles, gives phandles to nodes that are
 * referred to, fills in references, leaves out what nobody refers to. The order of the steps is dtc's, because phandle
 * numbers depend on it.
 */
final class DtsResolver {

    /** A reference of three characters can stand for a path of thousands: all together are bounded. */
    private static final int PATH_BYTES_MAX = 16 << 20;

    private final String source;
    private final SourceNode root;
    private final List<MemoryReservation> reservations;
    private final List<SourceNode> nodes = new ArrayList<>();
    private final Map<String, SourceNode> byLabel = new HashMap<>();
    private final Map<Integer, SourceNode> byPhandle = new HashMap<>();
    private int lastPhandle = 1;
    private long pathBytes;

    DtsResolver(String source, SourceNode root, List<MemoryReservation> reservations) {
        this.source = source;
        this.root = root;
        this.reservations = reservations;
    }

    /** Returns the node of a path, or null; slashes may be doubled or stand at the end. */
    static SourceNode byPath(SourceNode root, String path) {
        SourceNode node = root;
        for (String name : path.split("/")) {
            node = name.isEmpty() || node == null ? node : node.child(name);
        }
        return node;
    }

    DeviceTree resolve() {
        if (root.deleted) {
            throw root.place.fail("the root node is deleted");
        }
        collect(root);
        Set<String> labels = new HashSet<>();
        nodes.forEach(node -> check(node, labels));
        nodes.forEach(this::explicitPhandle);
        for (SourceNode node : nodes) {
            for (int i = 0; i < node.properties.size(); i++) {
                fillPhandles(node.properties.get(i)); // which may add a property phandle to this very node
            }
        }
        nodes.forEach(this::fillPaths);
        for (SourceNode node : nodes) {
            if (node.omitIfUnused && !node.referenced) {
                node.delete();
            }
        }
        TreeBuilder tree = new TreeBuilder();
        build(root, tree);
        return tree.build(source, reservations, bootCpu());
    }

    private void collect(SourceNode node) {
        if (!node.deleted) {
            nodes.add(node);
            node.children.forEach(this::collect);
        }
    }

    private void check(SourceNode node, Set<String> labels) {
        if (node.name.indexOf('@') != node.name.lastIndexOf('@')) {
            throw node.place.fail("node name " + node.name + " has more than one @");
        }
        for (int i = 0; i < node.name.length(); i++) {
            if ("*#?".indexOf(node.name.charAt(i)) >= 0) {
                throw node.place.fail("node name " + node.name + " has a character that only properties may have");
            }
        }
        for (String label : node.labels) {
            unique(label, labels, node.place);
            byLabel.put(label, node);
        }
        Set<String> names = new HashSet<>();
        for (SourceNode child : node.children) {
            if (!child.deleted && !names.add(child.name)) {
                throw child.place.fail("a second node " + child.path());
            }
        }
        names.clear();
        for (SourceProperty p : node.properties) {
            if (!p.deleted) {
                if (!names.add(p.name)) {
                    throw p.place.fail("a second property " + p.name + " in " + node.path());
                }
                if (p.name.indexOf('@') >= 0) {
                    throw p.place.fail("property name " + p.name + " has an @");
                }
                p.labels.forEach(label -> unique(label, labels, p.place));
            }
        }
        nameProperty(node);
    }

    private static void unique(String label, Set<String> labels, SourcePlace place) {
        if (!labels.add(label)) {
            throw place.fail("label " + label + " is used twice");
        }
    }

    /** A property "name" must say what the node is called, and is then left out. */
    private static void nameProperty(SourceNode node) {
        SourceProperty p = node.property("name");
        if (p != null) {
            int at = node.name.indexOf('@');
            String expected = (at < 0 ? node.name : node.name.substring(0, at)) + "\0";
            if (!p.data.markers.isEmpty() || !expected.equals(new String(p.data.bytes(), StandardCharsets.ISO_8859_1))) {
                throw p.place.fail("property name of " + node.path() + " is not the name of the node");
            }
            p.delete();
        }
    }

    private void explicitPhandle(SourceNode node) {
        int phandle = explicitPhandle(node, "phandle");
        int legacy = explicitPhandle(node, "linux,phandle");
        if (phandle != 0 && legacy != 0 && phandle != legacy) {
            throw node.property("phandle").place.fail("phandle and linux,phandle of " + node.path() + " differ");
        }
        node.phandle = phandle != 0 ? phandle : legacy;
        if (node.phandle != 0) {
            SourceNode other = byPhandle.putIfAbsent(node.phandle, node);
            if (other != null) {
                SourceProperty p = node.property(phandle != 0 ? "phandle" : "linux,phandle");
                throw p.place.fail("phandle of " + node.path() + " is also that of " + other.path());
            }
        }
    }

    private int explicitPhandle(SourceNode node, String property) {
        SourceProperty p = node.property(property);
        if (p == null) {
            return 0;
        }
        for (SourceData.Marker marker : p.data.markers) {
            if (find(marker) != node) {
                throw marker.place().fail(property + " of " + node.path() + " refers to another node");
            }
            return 0;
        }
        byte[] b = p.data.bytes();
        if (b.length != 4) {
            throw p.place.fail(property + " of " + node.path() + " has " + b.length + " bytes, not 4");
        }
        int value = (b[0] & 0xff) << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | b[3] & 0xff;
        if (value == 0 || value == -1) {
            throw p.place.fail(property + " of " + node.path() + " cannot be 0x" + Integer.toHexString(value));
        }
        return value;
    }

    private SourceNode find(SourceData.Marker marker) {
        String reference = marker.reference();
        SourceNode node = reference.startsWith("/") ? byPath(root, reference) : byLabel.get(reference);
        if (node == null) {
            throw marker.place().fail("no node has the label or path " + reference);
        }
        return node;
    }

    private void fillPhandles(SourceProperty p) {
        if (p.deleted || p.data.markers.isEmpty()) {
            return;
        }
        SourceData filled = new SourceData();
        byte[] bytes = p.data.bytes();
        for (SourceData.Marker marker : p.data.markers) {
            SourceNode target = find(marker);
            target.referenced = true;
            if (marker.phandle()) {
                int phandle = phandle(target);
                for (int i = 0; i < 4; i++) {
                    bytes[marker.offset() + i] = (byte) (phandle >>> 24 - 8 * i);
                }
            }
            filled.markers.add(marker);
        }
        filled.add(bytes);
        p.data = filled;
    }

    private int phandle(SourceNode node) {
        if (node.phandle == 0) {
            while (byPhandle.containsKey(lastPhandle)) {
                lastPhandle++;
            }
            node.phandle = lastPhandle;
            byPhandle.put(lastPhandle, node);
            if (node.property("phandle") == null) {
                SourceData data = new SourceData();
                data.number(lastPhandle, 32);
                node.add(new SourceProperty("phandle", node.place, data));
            }
        }
        return node.phandle;
    }

    private void fillPaths(SourceNode node) {
        for (SourceProperty p : node.properties) {
            if (p.deleted || p.data.markers.isEmpty()) {
                continue;
            }
            byte[] bytes = p.data.bytes();
            ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
            int done = 0;
            for (SourceData.Marker marker : p.data.markers) {
                if (!marker.phandle()) {
                    out.write(bytes, done, marker.offset() - done);
                    byte[] path = find(marker).path().getBytes(StandardCharsets.US_ASCII);
                    pathBytes += path.length;
                    if (pathBytes > PATH_BYTES_MAX) {
                        throw marker.place().fail("the paths of all references are longer than " + PATH_BYTES_MAX + " bytes");
                    }
                    out.writeBytes(path);
                    out.write(0);
                    done = marker.offset();
                }
            }
            out.write(bytes, done, bytes.length - done);
            SourceData filled = new SourceData();
            filled.add(out.toByteArray());
            p.data = filled;
        }
    }

    private void build(SourceNode node, TreeBuilder tree) {
        check(node.place, tree.begin(node.name));
        for (SourceProperty p : node.properties) {
            if (!p.deleted) {
                byte[] bytes = p.data.bytes();
                check(p.place, tree.property(new Property(p.name, bytes, 0, bytes.length)));
            }
        }
        for (SourceNode child : node.children) {
            if (!child.deleted) {
                build(child, tree);
            }
        }
        check(node.place, tree.end());
    }

    private static void check(SourcePlace place, String complaint) {
        if (complaint != null) {
            throw place.fail(complaint);
        }
    }

    /** The boot CPU of the header is the first child of {@code /cpus}, when its {@code reg} is one cell. */
    private int bootCpu() {
        SourceNode cpus = root.child("cpus");
        SourceNode first = cpus == null || cpus.children.isEmpty() ? null : cpus.children.get(0);
        SourceProperty reg = first == null ? null : first.property("reg");
        return reg == null || reg.data.length() != 4 ? 0 : new Property("reg", reg.data.bytes(), 0, 4).cell(0);
    }
}
