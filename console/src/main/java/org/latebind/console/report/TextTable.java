package org.latebind.console.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A table for a terminal: columns as wide as their content, the last one cut at the width of the terminal.
 * Not thread safe.
 */
public final class TextTable {

    /** Width where there is no terminal: nothing is cut. */
    public static final int UNLIMITED = 0;

    private final List<String[]> rows = new ArrayList<>();
    private final int columns;

    /** Makes a table with these headings. */
    public TextTable(String... headings) {
        columns = headings.length;
        rows.add(headings.clone());
    }

    /** Adds a row of as many cells as there are headings; null shows as a dash. Returns this table. */
    public TextTable row(Object... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns + " columns");
        }
        rows.add(Arrays.stream(cells).map(cell -> cell == null ? "-" : cell.toString()).toArray(String[]::new));
        return this;
    }

    /** Number of rows without the heading. */
    public int size() {
        return rows.size() - 1;
    }

    /**
     * Lays the table out.
     *
     * @param width characters a line may have, or {@link #UNLIMITED}
     * @return lines, each ended by a newline
     */
    public String format(int width) {
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row[i]);
                if (i < columns - 1) {
                    line.append(" ".repeat(widths[i] - row[i].length() + 2));
                }
            }
            text.append(cut(line.toString().stripTrailing(), width)).append('\n');
        }
        return text.toString();
    }

    private static String cut(String line, int width) {
        return width == UNLIMITED || line.length() <= width ? line : line.substring(0, Math.max(1, width - 1)) + "\u2026";
    }
}
