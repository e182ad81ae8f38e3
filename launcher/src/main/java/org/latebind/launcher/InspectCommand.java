package org.latebind.launcher;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.latebind.devicetree.Inspection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a board's tree says about IOMMUs and their masters; starts nothing. */
@Command(name = "inspect", mixinStandardHelpOptions = true,
        description = "Shows the IOMMUs of a board and who is behind them; starts nothing.")
final class InspectCommand implements Callable<Integer> {

    @Parameters(paramLabel = "BOARD", description = "A .dtb, a .dts, or the name of a board.")
    private String board;

    @Option(names = "--json", description = "One JSON document instead of text.")
    private boolean json;

    @Override
    public Integer call() {
        BoardFile file = BoardFile.open(board, Installation.find());
        Map<String, Object> document = Inspection.of(file.name(), file.tree()).toMap();
        if (json) {
            Json.print(document);
        } else {
            print(document);
        }
        return ExitCode.OK;
    }

    private static void print(Map<String, Object> document) {
        System.out.printf("%s: %s, %s nodes%n", document.get("board"), document.get("model"), document.get("nodes"));
        List<Map<String, Object>> iommus = rows(document, "iommus");
        System.out.printf("%n%d IOMMU%s%n", iommus.size(), iommus.size() == 1 ? "" : "s");
        for (Map<String, Object> iommu : iommus) {
            System.out.printf("  %-44s %s%s%n", iommu.get("path"), first(iommu), availability(iommu));
        }
        List<Map<String, Object>> masters = rows(document, "masters");
        System.out.printf("%n%d master%s%n", masters.size(), masters.size() == 1 ? "" : "s");
        for (Map<String, Object> master : masters) {
            System.out.printf("  %-44s %s%s%n", master.get("path"), first(master), availability(master));
            for (Map<String, Object> reference : rows(master, "iommus")) {
                System.out.printf("      -> %s %s%n", reference.get("iommu"), reference.get("cells"));
            }
        }
        for (Map<String, Object> map : rows(document, "iommuMaps")) {
            System.out.printf("%niommu-map of %s, mask %s%n", map.get("path"), hex(map.get("mask")));
            for (Map<String, Object> entry : rows(map, "entries")) {
                System.out.printf("  requester %s.. -> %s, id %s.., %s ids%n", hex(entry.get("ridBase")), entry.get("iommu"),
                        hex(entry.get("outBase")), entry.get("length"));
            }
        }
        for (Map<String, Object> master : rows(document, "mmuMasters")) {
            System.out.printf("%nmmu-masters of %s: %s %s%n", master.get("iommu"), master.get("master"), master.get("ids"));
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> rows(Map<String, Object> document, String key) {
        return (List<Map<String, Object>>) document.get(key);
    }

    private static String first(Map<String, Object> row) {
        List<?> compatible = (List<?>) row.get("compatible");
        return compatible.isEmpty() ? "(no compatible)" : compatible.get(0).toString();
    }

    private static String availability(Map<String, Object> row) {
        if (Boolean.TRUE.equals(row.get("available"))) {
            return "";
        }
        return "okay".equals(row.get("status")) ? "  [below a disabled node]" : "  [" + row.get("status") + "]";
    }

    private static String hex(Object number) {
        return number instanceof Number n ? "0x" + Long.toHexString(n.longValue()) : "none";
    }
}
