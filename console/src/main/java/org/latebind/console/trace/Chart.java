package org.latebind.console.trace;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.latebind.runtime.LogEntry;

/** A chart of a run as SVG: one row for each device, hatched while it waits, solid while a driver holds it. Pure. */
public final class Chart {

    private static final int LEFT = 300;
    private static final int WIDTH = 800;
    private static final int ROW = 18;
    private static final int TOP = 30;
    private static final int TICKS = 8;

    private Chart() {
    }

    /** Draws the log. */
    public static String svg(String board, List<LogEntry> log) {
        List<Wait> waits = Wait.of(log);
        Map<String, Integer> rows = new LinkedHashMap<>();
        waits.forEach(wait -> rows.putIfAbsent(wait.device(), rows.size()));
        long end = Math.max(1, log.isEmpty() ? 0 : log.get(log.size() - 1).timeNanos());
        int height = TOP + ROW * rows.size() + ROW;
        StringBuilder svg = new StringBuilder();
        add(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                + "font-family=\"sans-serif\" font-size=\"11\">%n", LEFT + WIDTH + 40, height);
        add(svg, "<title>%s</title>%n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n", escaped(board));
        add(svg, "<defs><pattern id=\"w\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
                + "<rect width=\"6\" height=\"6\" fill=\"#ffe2b8\"/><path d=\"M0 6L6 0\" stroke=\"#a85b00\"/>"
                + "</pattern></defs>%n");
        for (int i = 0; i <= TICKS; i++) {
            int x = LEFT + WIDTH * i / TICKS;
            add(svg, "<path d=\"M%d %dV%d\" stroke=\"#cccccc\"/>"
                    + "<text x=\"%d\" y=\"18\" text-anchor=\"middle\">%.3f s</text>%n", x,
                    TOP - 6, height - ROW, x, end / 1e9 * i / TICKS);
        }
        rows.forEach((device, row) -> add(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n", LEFT - 6,
                TOP + ROW * row + 12, escaped(device)));
        for (Wait wait : waits) {
            double x = LEFT + (double) WIDTH * wait.fromNanos() / end;
            add(svg, "<rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" fill=\"%s\">"
                    + "<title>%s %s %.6f s to %.6f s</title></rect>%n",
                    x, TOP + ROW * rows.get(wait.device()) + 2, Math.max(1, (double) WIDTH * wait.nanos() / end), ROW - 4,
                    wait.kind() == Wait.Kind.WAITING ? "url(#w)" : "#2b6cb0", escaped(wait.device()),
                    wait.kind().name().toLowerCase(Locale.ROOT), wait.fromNanos() / 1e9, wait.toNanos() / 1e9);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
