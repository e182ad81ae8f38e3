package org.latebind.pagetable;

import java.util.List;

/** Prints a dump: one line an entry, indented by depth. Stable text. */
public final class TableDumpPrinter {

    private static final String[] UNITS = {"", "K", "M", "G", "T", "P"};

    private TableDumpPrinter() {
    }

    /** Text of a dump, lines ending in a line feed; says so when nothing is mapped. */
    public static String print(List<TableEntry> entries) {
        if (entries.isEmpty()) {
            return "empty table\n";
        }
        StringBuilder text = new StringBuilder();
        for (TableEntry entry : entries) {
            line(text, entry);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, TableEntry e) {
        text.append("  ".repeat(e.depth())).append('L').append(e.level()).append('[').append(e.index());
        if (e.count() > 1) {
            text.append("..").append(e.index() + e.count() - 1);
        }
        text.append("] ").append(hex(e.iova())).append('-').append(hex(e.last())).append(' ');
        text.append(switch (e.kind()) {
            case TABLE -> "table at " + hex(e.target());
            case TABLE_AGAIN -> "table at " + hex(e.target()) + ", shown before";
            case BLOCK, PAGE -> "-> " + hex(e.target()) + " " + e.count() + " x " + size(e.sizeBytes());
            case INVALID -> "invalid descriptor " + hex(e.descriptor());
        });
        if (!e.attributes().isEmpty()) {
            text.append(' ').append(e.attributes());
        }
        text.append('\n');
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    private static String size(long bytes) {
        int unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.length - 1);
        return (bytes >>> 10 * unit) + UNITS[unit];
    }
}
