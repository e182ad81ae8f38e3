package org.latebind.devicetree;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Makes a tree in memory, node by node, for hardware that something else than a device tree describes. Properties of a node
 * come before its children. Not thread safe.
 */
public final class TreeComposer {

    private final TreeBuilder builder = new TreeBuilder();

    /** Starts with the root open. */
    public TreeComposer() {
        begin("");
    }

    /** Opens a child of the open node. */
    public TreeComposer begin(String name) {
        check(builder.begin(name));
        return this;
    }

    /** Closes the open node. */
    public TreeComposer end() {
        check(builder.end());
        return this;
    }

    /** A property of 32-bit cells; none for a property without a value. */
    public TreeComposer cells(String name, int... cells) {
        byte[] data = new byte[4 * cells.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (cells[i >> 2] >>> 24 - 8 * (i & 3));
        }
        return property(name, data);
    }

    /** A property of strings. */
    public TreeComposer strings(String name, String... values) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (String value : values) {
            data.writeBytes(value.getBytes(StandardCharsets.ISO_8859_1));
            data.write(0);
        }
        return property(name, data.toByteArray());
    }

    private TreeComposer property(String name, byte[] data) {
        check(builder.property(new Property(name, data, 0, data.length)));
        return this;
    }

    /** Closes the root and returns the tree; {@code source} names it in messages. */
    public DeviceTree build(String source) {
        end();
        return builder.build(source, java.util.List.of(), 0);
    }

    private static void check(String problem) {
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
    }
}
