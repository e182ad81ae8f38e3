package org.latebind.devicetree;

import java.util.HexFormat;

/**
 * Writes a tree as source text that dtc accepts and that gives the same nodes and bytes again. What a property means is not
 * known here: bytes that look like strings are written as strings, else whole cells as cells, else single bytes.
 */
public final class DtsWriter {

    private final StringBuilder out = new StringBuilder(1 << 16);
    private final DeviceTree tree;

    private DtsWriter(DeviceTree tree) {
        this.tree = tree;
    }

    /**
     * Returns the source text.
     *
     * @throws DeviceTreeException when a name cannot be written in a source (the compiled form allows more characters)
     */
    public static String write(DeviceTree tree) {
        DtsWriter writer = new DtsWriter(tree);
        writer.write();
        return writer.out.toString();
    }

    private void write() {
        out.append("/dts-v1/;\n\n");
        for (MemoryReservation r : tree.reservations()) {
            out.append(String.format("/memreserve/ 0x%x 0x%x;%n", r.address(), r.sizeBytes()));
        }
        Node before = null;
        int depth = 0;
        for (Node node : tree.nodes()) {
            for (Node open = before; open != node.parent(); open = open.parent()) {
                indent(--depth).append("};\n");
            }
            indent(depth++).append(node.parent() == null ? "/" : checked(node.name(), "node")).append(" {\n");
            for (Property p : node.properties()) {
                indent(depth).append(checked(p.name(), "property"));
                value(p);
                out.append(";\n");
            }
            before = node;
        }
        while (depth > 0) {
            indent(--depth).append("};\n");
        }
    }

    private StringBuilder indent(int depth) {
        return out.append("\t".repeat(depth));
    }

    private String checked(String name, String what) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!DtsScanner.isNameCharacter(c) || (what.equals("node") ? "*#?" : "@").indexOf(c) >= 0) {
                throw new DeviceTreeException(tree.source(), what + " name " + name + " cannot be written in a source");
            }
        }
        return name;
    }

    private void value(Property p) {
        if (p.length() == 0) {
            return;
        }
        out.append(" = ");
        if (looksLikeStrings(p)) {
            strings(p);
        } else if ((p.length() & 3) == 0) {
            char separator = '<';
            for (int i = 0; i < p.cellCount(); i++) {
                out.append(separator).append("0x").append(Integer.toHexString(p.cell(i)));
                separator = ' ';
            }
            out.append('>');
        } else {
            out.append('[').append(HexFormat.of().withDelimiter(" ").formatHex(p.bytes())).append(']');
        }
    }

    /** Printable text with a zero at the end, and fewer zeros than characters: small numbers are no strings. */
    private static boolean looksLikeStrings(Property p) {
        int zeros = 0;
        for (int i = 0; i < p.length(); i++) {
            int b = p.u8(i);
            zeros += b == 0 ? 1 : 0;
            if (b != 0 && b != '\n' && b != '\t' && (b < 0x20 || b > 0x7e)) {
                return false;
            }
        }
        return p.u8(p.length() - 1) == 0 && zeros < p.length() - zeros;
    }

    private void strings(Property p) {
        out.append('"');
        for (int i = 0; i < p.length() - 1; i++) {
            switch (p.u8(i)) {
                case 0 -> out.append("\", \"");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                default -> out.append((char) p.u8(i));
            }
        }
        out.append('"');
    }
}
