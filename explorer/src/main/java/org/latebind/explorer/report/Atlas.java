package org.latebind.explorer.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Inspection;
import org.latebind.devicetree.Node;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Finding;
import org.latebind.explorer.Repair;
import org.latebind.explorer.Verdict;
import org.latebind.schedule.Schedule;

/**
 * Many boards at a glance: verdicts by IOMMU family, findings by rule, and the findings that say the most, each with the
 * boards that share it. Filled board by board; not thread safe.
 */
public final class Atlas {

    private static final int EXAMPLES = 10;
    private static final double MILLIS_PER_SECOND = 1e3;

    private final List<Row> rows = new ArrayList<>();
    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private final Map<String, Integer> findingsByRule = new TreeMap<>();
    private int withoutIommu;

    /**
     * One board.
     *
     * @param board    name
     * @param families IOMMU families on it
     * @param verdict  what is proven
     * @param findings number of findings
     * @param modules  modules that may be loaded
     * @param states   states stored
     * @param millis   wall time in milliseconds
     */
    public record Row(String board, List<String> families, Verdict verdict, int findings, int modules, long states, long millis) {
    }

    /** Findings of the same rules with the same schedule and the same repair, on whatever boards and devices. */
    private static final class Kind {
        private final FindingGroup example;
        private final String board;
        private final TreeSet<String> boards = new TreeSet<>();
        private int devices;

        Kind(FindingGroup example, String board) {
            this.example = example;
            this.board = board;
        }

        private String rules() {
            return String.join(", ", example.rules());
        }

        /** Rules and cause without the names of this board's nodes, modules and compatible strings. */
        private String story() {
            return rules() + ' ' + example.first().sentence().replaceAll("/\\S+", "/").replaceAll("names \\S+", "names")
                .replaceAll("module \\S+", "module").replaceAll("matches \\S+", "matches").replaceAll("\\S+-supply|clocks|phys", "p");
        }
    }

    /** Counts a tree without any IOMMU: it is not explored. */
    public void addWithoutIommu() {
        withoutIommu++;
    }

    /** Adds a board. */
    public void add(String board, DeviceTree tree, Exploration exploration) {
        rows.add(new Row(board, families(tree), exploration.verdict(), exploration.findings().size(),
            exploration.stats().modules(), exploration.stats().states(), exploration.stats().millis()));
        for (FindingGroup group : FindingGroup.of(exploration.findings())) {
            Kind kind = kinds.computeIfAbsent(key(group), k -> new Kind(group, board));
            kind.boards.add(board);
            kind.devices += group.devices().size();
            group.rules().forEach(rule -> findingsByRule.merge(rule, group.devices().size(), Integer::sum));
        }
    }

    private static String key(FindingGroup group) {
        Finding finding = group.first();
        List<String> parts = new ArrayList<>(group.rules());
        parts.add(finding.outcome().name());
        finding.schedule().steps().forEach(step -> parts.add(Schedule.format(step)));
        finding.repair().forEach(repair -> parts.add(repair.line()));
        return String.join("\n", parts);
    }

    /** Whether a tree names an IOMMU. */
    public static boolean hasIommu(DeviceTree tree) {
        return !Inspection.of("", tree).iommus().isEmpty();
    }

    /** IOMMU families of a board, sorted. */
    static List<String> families(DeviceTree tree) {
        TreeSet<String> families = new TreeSet<>();
        for (Node iommu : Inspection.of("", tree).iommus()) {
            families.add(family(iommu.compatible()));
        }
        return List.copyOf(families);
    }

    private static String family(List<String> compatible) {
        String all = String.join(" ", compatible);
        String[][] known = {{"smmu-v3", "SMMUv3"}, {"adreno-smmu", "qcom,smmu-v2"}, {"qcom,smmu-v2", "qcom,smmu-v2"},
            {"smmu-500", "MMU-500"}, {"mmu-500", "MMU-500"}, {"mmu-400", "SMMUv1"}, {"mmu-401", "SMMUv1"}, {"smmu-v1", "SMMUv1"},
            {"ipmmu", "IPMMU-VMSA"}, {"rockchip", "Rockchip"}, {"rk3568-iommu", "Rockchip"}, {"mediatek", "MediaTek M4U"},
            {"msm-iommu", "qcom,msm-iommu"}, {"allwinner", "Allwinner"}, {"tegra", "Tegra"}, {"samsung", "Exynos SYSMMU"},
            {"pci-iommu", "virtio"}, {"virtio", "virtio"}, {"xen,grant-dma", "Xen grant"}};
        for (String[] pair : known) {
            if (all.contains(pair[0])) {
                return pair[1];
            }
        }
        return compatible.isEmpty() ? "without compatible" : compatible.get(compatible.size() - 1);
    }

    /** The boards explored. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /** The summary as Markdown that reads well as plain text. */
    public String text(String policy, long millis) {
        StringBuilder text = new StringBuilder();
        long states = rows.stream().mapToLong(Row::states).sum();
        text.append(String.format(Locale.ROOT,
            "%d trees: %d with an IOMMU explored under policy %s in %.1f s (%d states); %d without%n%n",
            rows.size() + withoutIommu, rows.size(), policy, millis / MILLIS_PER_SECOND, states, withoutIommu));
        families(text);
        rules(text);
        examples(text);
        return text.toString();
    }

    private void families(StringBuilder text) {
        Map<String, int[]> counts = new TreeMap<>();
        for (Row row : rows) {
            for (String family : row.families()) {
                int[] count = counts.computeIfAbsent(family, f -> new int[Verdict.values().length + 2]);
                count[row.verdict().ordinal()]++;
                count[Verdict.values().length] += row.findings() > 0 ? 1 : 0;
                count[Verdict.values().length + 1] += row.findings();
            }
        }
        text.append("| family | boards | order-independent | order-dependent | limit | with findings | findings |\n")
            .append("|---|---|---|---|---|---|---|\n");
        counts.forEach((family, c) -> text.append(String.format(Locale.ROOT, "| %s | %d | %d | %d | %d | %d | %d |%n", family,
            c[0] + c[1] + c[2], c[0], c[1], c[2], c[3], c[4])));
    }

    private void rules(StringBuilder text) {
        text.append("\n| rule | findings | kinds |\n|---|---|---|\n");
        findingsByRule.forEach((rule, count) -> text.append(String.format(Locale.ROOT, "| %s | %d | %d |%n", rule, count,
            kinds.values().stream().filter(kind -> kind.example.rules().contains(rule)).count())));
        List<String> open = rows.stream().filter(row -> row.verdict() == Verdict.LIMIT).map(Row::board).sorted().toList();
        if (!open.isEmpty()) {
            text.append(String.format(Locale.ROOT, "%nNot proven, a limit was reached: %s%n", String.join(", ", open)));
        }
    }

    /** The most widespread kind of every story first, then the most widespread of the rest. */
    private void examples(StringBuilder text) {
        List<Kind> sorted = new ArrayList<>(kinds.values());
        sorted.sort(Comparator.comparingInt((Kind kind) -> -kind.boards.size()).thenComparing(kind -> key(kind.example)));
        List<Kind> chosen = new ArrayList<>();
        TreeSet<String> stories = new TreeSet<>();
        for (Kind kind : sorted) {
            if (chosen.size() < EXAMPLES && stories.add(kind.story())) {
                chosen.add(kind);
            }
        }
        for (Kind kind : sorted) {
            if (chosen.size() < EXAMPLES && !chosen.contains(kind)) {
                chosen.add(kind);
            }
        }
        int number = 1;
        for (Kind kind : chosen) {
            example(text, number++, kind);
        }
    }

    private static void example(StringBuilder text, int number, Kind kind) {
        Finding finding = kind.example.first();
        text.append(String.format(Locale.ROOT, "%n%d. **%s** on %d board%s (%d devices), for example %s `%s` (%s): %s%n",
            number, kind.rules(), kind.boards.size(), kind.boards.size() == 1 ? "" : "s", kind.devices, kind.board,
            finding.device(), finding.outcome(), finding.sentence()));
        text.append("   - schedule: `").append(finding.schedule().steps().isEmpty() ? "none, at once"
            : String.join("; ", ExplorationDocument.lines(finding.schedule()))).append("`\n");
        for (Repair repair : finding.repair()) {
            text.append(finding.repairVerified() ? "   - repair, verified: " : "   - repair, not verified: ")
                .append(repair.file()).append(": `").append(repair.line()).append("`\n");
        }
        if (finding.repair().isEmpty()) {
            text.append("   - repair: none found\n");
        }
    }
}
