package org.latebind.explorer.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Inspection;

/**
 * Explorations as one page that opens from disk: the board as a graph, every device's outcomes, and each finding with a
 * scrubber through its schedule. The page loads nothing.
 */
public final class HtmlReport {

    private static final String TEMPLATE = "exploration.html";
    private static final String DATA = "/*DATA*/null";

    private HtmlReport() {
    }

    /**
     * Makes the page.
     *
     * @param board        name of the board
     * @param tree         its tree, for the graph
     * @param explorations documents of {@link ExplorationDocument}
     * @param json         turns maps and lists into JSON text
     */
    public static String of(String board, DeviceTree tree, List<Map<String, Object>> explorations,
            Function<Object, String> json) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("board", board);
        data.put("model", tree.model());
        data.put("edges", edges(tree));
        data.put("explorations", explorations);
        // In a script element only "</" and "<!--" could end the data early.
        String text = json.apply(data).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
        return template().replace(DATA, text);
    }

    private static List<Object> edges(DeviceTree tree) {
        List<Object> edges = new ArrayList<>();
        for (Inspection.Referrer master : Inspection.of("", tree).masters()) {
            master.references().stream().map(r -> r.target().path()).distinct()
                    .forEach(iommu -> edges.add(List.of(master.node().path(), iommu)));
        }
        return edges;
    }

    private static String template() {
        try (InputStream in = HtmlReport.class.getResourceAsStream(TEMPLATE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
