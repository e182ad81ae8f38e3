package org.latebind.devicetree;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a tree as a compiled device tree of version 17. Source: Devicetree specification 0.4, chapter 5. */
public final class DtbWriter {

    private static final int HEADER_BYTES = 40;

    private final ByteArrayOutputStream structure = new ByteArrayOutputStream(1 << 16);
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream(1 << 12);
    private final Map<String, Integer> offsets = new LinkedHashMap<>();

    private DtbWriter() {
    }

    /** Returns the compiled tree. */
    public static byte[] write(DeviceTree tree) {
        DtbWriter writer = new DtbWriter();
        writer.nodes(tree);
        return writer.assemble(tree);
    }

    private void nodes(DeviceTree tree) {
        Node before = null;
        for (Node node : tree.nodes()) {
            close(before, node.parent());
            word(1);
            text(node.name());
            for (Property p : node.properties()) {
                word(3);
                word(p.length());
                word(offset(p.name()));
                structure.writeBytes(p.bytes());
                pad();
            }
            before = node;
        }
        close(before, null);
        word(9);
    }

    /** Ends all nodes from {@code last} up to, but without, {@code parent}. */
    private void close(Node last, Node parent) {
        for (Node node = last; node != parent; node = node.parent()) {
            word(2);
        }
    }

    private int offset(String name) {
        return offsets.computeIfAbsent(name, key -> {
            int at = strings.size();
            strings.writeBytes(key.getBytes(StandardCharsets.US_ASCII));
            strings.write(0);
            return at;
        });
    }

    private byte[] assemble(DeviceTree tree) {
        int reservationBytes = 16 * (tree.reservations().size() + 1);
        int structureAt = HEADER_BYTES + reservationBytes;
        int stringsAt = structureAt + structure.size();
        ByteBuffer out = ByteBuffer.allocate(stringsAt + strings.size());
        out.putInt(DtbReader.MAGIC).putInt(out.capacity()).putInt(structureAt).putInt(stringsAt).putInt(HEADER_BYTES);
        out.putInt(17).putInt(16).putInt(tree.bootCpu()).putInt(strings.size()).putInt(structure.size());
        for (MemoryReservation r : tree.reservations()) {
            out.putLong(r.address()).putLong(r.sizeBytes());
        }
        out.putLong(0).putLong(0);
        return out.put(structure.toByteArray()).put(strings.toByteArray()).array();
    }

    private void text(String text) {
        structure.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        structure.write(0);
        pad();
    }

    private void word(int value) {
        structure.write(value >>> 24);
        structure.write(value >>> 16);
        structure.write(value >>> 8);
        structure.write(value);
    }

    private void pad() {
        while ((structure.size() & 3) != 0) {
            structure.write(0);
        }
    }
}
