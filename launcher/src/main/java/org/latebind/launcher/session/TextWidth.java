package org.latebind.launcher.session;

import org.latebind.console.report.TextTable;

/** How wide lines may be. */
final class TextWidth {

    private TextWidth() {
    }

    /** The terminal's width as the start script found it; unlimited when output goes elsewhere. */
    static int ofTerminal() {
        String columns = System.getenv("LATEBIND_COLUMNS");
        try {
            return columns == null || columns.isEmpty() ? TextTable.UNLIMITED : Integer.parseInt(columns);
        } catch (NumberFormatException e) {
            return TextTable.UNLIMITED;
        }
    }
}
