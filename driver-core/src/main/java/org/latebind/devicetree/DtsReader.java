package org.latebind.devicetree;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a device tree source: everything that dtc accepts without the C preprocessor, except overlays ({@code /plugin/}).
 * What dtc refuses is refused, with file, line and column. Source: the language as described in dtc's manual (dts-format) and
 * observed with dtc 1.6.1.
 */
public final class DtsReader {

    private final String source;
    private final DtsScanner in;
    private final DtsLiteral literal;
    private final List<MemoryReservation> reservations = new ArrayList<>();
    private final Map<String, Set<SourceNode>> byLabel = new HashMap<>();
    private SourceNode root;

    private DtsReader(String source, Path folder, byte[] text) {
        this.source = source;
        this.in = new DtsScanner(source, folder, text);
        this.literal = new DtsLiteral(in);
    }

    /**
     * Reads a file and the files it includes, which are looked for beside the file that names them.
     *
     * @throws DeviceTreeException when there is no such file, or it is not a sound source
     */
    public static DeviceTree read(Path file) {
        return new DtsReader(file.toString(), file.toAbsolutePath().getParent(), DtbReader.bytes(file)).read();
    }

    /**
     * Reads a text that includes no other files.
     *
     * @param source name for messages
     * @throws DeviceTreeException when it is not a sound source
     */
    public static DeviceTree read(String source, String text) {
        return new DtsReader(source, null, text.getBytes(StandardCharsets.UTF_8)).read();
    }

    private DeviceTree read() {
        in.expect("/dts-v1/", "at the beginning");
        in.expect(";", "after /dts-v1/");
        while (in.accept("/dts-v1/")) {
            in.expect(";", "after /dts-v1/");
        }
        in.skip();
        if (in.lookingAt("/plugin/")) {
            throw in.fail("an overlay (/plugin/) is no board");
        }
        memoryReservations();
        statement();
        while (in.skip() >= 0) {
            statement();
        }
        return new DtsResolver(source, root, reservations).resolve();
    }

    private void memoryReservations() {
        while (true) {
            boolean labelled = false;
            while (in.label() != null) {
                labelled = true;
            }
            if (!in.accept("/memreserve/")) {
                if (labelled) {
                    throw in.fail("expected /memreserve/ after a label, found " + in.found());
                }
                return;
            }
            reservations.add(new MemoryReservation(literal.primary(), literal.primary()));
            in.expect(";", "after /memreserve/");
        }
    }

    /** One definition, override or deletion at the top level. */
    private void statement() {
        if (root != null && in.accept("/delete-node/")) {
            target().delete();
            in.expect(";", "after /delete-node/");
            return;
        }
        if (root != null && in.accept("/omit-if-no-ref/")) {
            target().omitIfUnused = true;
            in.expect(";", "after /omit-if-no-ref/");
            return;
        }
        String label = root == null ? null : in.label();
        if (in.skip() == '&') {
            SourceNode target = target();
            if (label != null && target.labels.add(label)) {
                register(target);
            }
            target.merge(body(target.name, in.place(), depth(target)), this::register);
            return;
        }
        SourcePlace place = in.place();
        if (label != null || in.skip() != '/' || !in.accept("/")) {
            throw in.fail("expected a definition (/ or &), found " + in.found());
        }
        if (in.skip() != '{') {
            throw in.fail("expected { after /, found " + in.found());
        }
        SourceNode node = body("", place, 0);
        if (root == null) {
            root = node;
            root.attach(this::register);
        } else {
            root.merge(node, this::register);
        }
    }

    private SourceNode target() {
        in.skip();
        SourcePlace place = in.place();
        if (in.peek() != '&') {
            throw in.fail("expected a reference, found " + in.found());
        }
        String reference = in.reference();
        SourceNode node = root == null ? null
            : reference.startsWith("/") ? DtsResolver.byPath(root, reference) : labelled(reference);
        if (node == null) {
            throw place.fail("no node has the label or path " + reference);
        }
        return node;
    }

    private SourceNode labelled(String label) {
        for (SourceNode node : byLabel.getOrDefault(label, Set.of())) {
            if (!node.deleted && node.labels.contains(label)) {
                return node;
            }
        }
        return null;
    }

    private void register(SourceNode node) {
        for (String label : node.labels) {
            byLabel.computeIfAbsent(label, key -> new LinkedHashSet<>(1)).add(node);
        }
    }

    private static int depth(SourceNode node) {
        int depth = 0;
        for (SourceNode at = node; at.parent != null; at = at.parent) {
            depth++;
        }
        return depth;
    }

    /** Reads a node from its opening brace to the semicolon. */
    private SourceNode body(String name, SourcePlace place, int depth) {
        if (depth >= TreeBuilder.DEPTH_MAX) {
            throw place.fail("nodes are nested deeper than " + TreeBuilder.DEPTH_MAX);
        }
        SourceNode node = new SourceNode(name, place);
        in.expect("{", "to open a node");
        while (!in.accept("}")) {
            Set<String> labels = labels();
            boolean omit = false;
            while (in.accept("/omit-if-no-ref/")) {
                omit = true;
                labels.addAll(labels());
            }
            in.skip();
            SourcePlace at = in.place();
            if (!omit && in.accept("/delete-property/")) {
                beforeChildren(node, at);
                node.add(new SourceProperty(in.name(), at, null));
                in.expect(";", "after /delete-property/");
            } else if (in.accept("/delete-node/")) {
                SourceNode order = new SourceNode(in.name(), at);
                order.deleted = true;
                node.add(order);
                in.expect(";", "after /delete-node/");
            } else {
                member(node, labels, omit, at, depth);
            }
        }
        in.expect(";", "after a node");
        return node;
    }

    private void member(SourceNode node, Set<String> labels, boolean omit, SourcePlace at, int depth) {
        String name = in.name();
        if (in.skip() == '{') {
            SourceNode child = body(name, at, depth + 1);
            child.labels.addAll(labels);
            child.omitIfUnused = omit;
            node.add(child);
            return;
        }
        if (omit) {
            throw in.fail("expected { after the name of a node, found " + in.found());
        }
        beforeChildren(node, at);
        SourceProperty property = new SourceProperty(name, at, new SourceData());
        property.labels.addAll(labels);
        if (in.accept("=")) {
            value(property);
        }
        in.expect(";", "after a property");
        node.add(property);
    }

    private static void beforeChildren(SourceNode node, SourcePlace at) {
        if (!node.children.isEmpty()) {
            throw at.fail("properties must come before child nodes");
        }
    }

    private Set<String> labels() {
        Set<String> labels = new LinkedHashSet<>(0);
        for (String label = in.label(); label != null; label = in.label()) {
            labels.add(label);
        }
        return labels;
    }

    private void value(SourceProperty property) {
        do {
            property.labels.addAll(labels());
            int c = in.skip();
            if (c == '"') {
                property.data.add(in.string());
                property.data.add(0);
            } else if (c == '<') {
                in.next();
                array(property, 32);
            } else if (c == '[') {
                in.next();
                byteString(property);
            } else if (c == '&') {
                SourcePlace place = in.place();
                property.data.reference(in.reference(), false, place);
            } else if (in.accept("/bits/")) {
                SourcePlace place = in.place();
                long bits = literal.number();
                if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
                    throw place.fail("elements have 8, 16, 32 or 64 bits");
                }
                in.expect("<", "after /bits/");
                array(property, (int) bits);
            } else if (in.accept("/incbin/")) {
                incbin(property);
            } else {
                throw in.fail("expected a value, found " + in.found());
            }
            property.labels.addAll(labels());
        } while (in.accept(","));
    }

    private void array(SourceProperty property, int bits) {
        while (!in.accept(">")) {
            SourcePlace place = in.place();
            String label = in.label();
            if (label != null) {
                property.labels.add(label);
            } else if (in.peek() == '&') {
                if (bits != 32) {
                    throw place.fail("references only stand between elements of 32 bits");
                }
                property.data.reference(in.reference(), true, place);
            } else if (DtsLiteral.starts(in.peek())) {
                long value = literal.primary();
                long mask = bits == 64 ? -1L : (1L << bits) - 1;
                if (Long.compareUnsigned(value, mask) > 0 && (value | mask) != -1L) {
                    throw place.fail("0x" + Long.toHexString(value) + " does not fit into " + bits + " bits");
                }
                property.data.number(value, bits);
            } else {
                throw in.fail("expected a number, a reference or >, found " + in.found());
            }
        }
    }

    private void byteString(SourceProperty property) {
        while (!in.accept("]")) {
            int high = Character.digit(Math.max(in.peek(), 0), 16);
            int low = Character.digit(Math.max(in.peek(1), 0), 16);
            if (high >= 0 && low >= 0) {
                property.data.add(high << 4 | low);
                in.next();
                in.next();
                continue;
            }
            String label = in.label();
            if (label == null) {
                throw in.fail("expected two hexadecimal digits or ], found " + in.found());
            }
            property.labels.add(label);
        }
    }

    private void incbin(SourceProperty property) {
        in.expect("(", "after /incbin/");
        in.skip();
        SourcePlace place = in.place();
        if (in.peek() != '"') {
            throw in.fail("the name of the file is missing");
        }
        byte[] bytes = in.file(in.resolve(new String(in.string(), StandardCharsets.UTF_8), place), place);
        if (in.accept(",")) {
            long from = literal.primary();
            in.expect(",", "after the offset");
            long length = literal.primary();
            int start = (int) (Long.compareUnsigned(from, bytes.length) > 0 ? bytes.length : from);
            long left = bytes.length - start;
            bytes = Arrays.copyOfRange(bytes, start, start + (int) (Long.compareUnsigned(length, left) > 0 ? left : length));
        }
        in.expect(")", "after /incbin/");
        property.data.add(bytes);
    }
}
