package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.devicetree.Node;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Mmio;
import org.latebind.iommu.Protection;
import org.latebind.iommu.core.Configuration;
import org.latebind.machine.ipmmu.IpmmuFactory;

/**
 * Real trees against the published topologies (IPMMU sheet, section 8), which were not read from these trees by this code:
 * which instances there are, which micro-TLBs each master has, and what stands in the hardware when it is attached.
 */
class TopologyTest {

    /** Leaves by SoC: address and, where there is one, bit in the root. */
    private static final Map<String, String> LEAVES = Map.of(
            "r8a77951", "ds0 e6740000 0, ds1 e7740000 1, hc e6570000 2, ir ff8b0000 3, mp0 ec670000 4, pv0 fd800000 6,"
                    + " pv1 fd950000 7, pv2 fd960000 8, pv3 fd970000 9, rt ffc80000 10, vc0 fe6b0000 12, vc1 fe6f0000 13,"
                    + " vi0 febd0000 14, vi1 febe0000 15, vp0 fe990000 16, vp1 fe980000 17",
            "r8a77960", "ds0 e6740000 0, ds1 e7740000 1, hc e6570000 2, ir ff8b0000 3, mp ec670000 4, pv0 fd800000 5,"
                    + " pv1 fd950000 6, rt ffc80000 7, vc0 fe6b0000 8, vi0 febd0000 9",
            "r8a77965", "ds0 e6740000 0, ds1 e7740000 1, hc e6570000 2, mp ec670000 4, pv0 fd800000 6, rt ffc80000 10,"
                    + " vc0 fe6b0000 12, vi0 febd0000 14, vp0 fe990000 16",
            "r8a77990", "ds0 e6740000 0, ds1 e7740000 1, hc e6570000 2, mp ec670000 4, pv0 fd800000 6, rt ffc80000 10,"
                    + " vc0 fe6b0000 12, vi0 febd0000 14, vp0 fe990000 16",
            "r8a779g0", "rt0 ee480000, rt1 ee4c0000, ds0 eed00000, hc eed40000, ir eed80000, vc eedc0000, 3dg eee00000,"
                    + " vi0 eee80000, vi1 eeec0000, vip0 eef00000, vip1 eef40000");

    private static final String DMAC = "dma-controller@e6700000 ds0 0-15, dma-controller@e7300000 ds1 0-15,"
            + " dma-controller@e7310000 ds1 16-31, ethernet@e6800000 ds0 16,";
    private static final String SDHI = " mmc@ee100000 ds1 32, mmc@ee120000 ds1 33, mmc@ee140000 ds1 34, mmc@ee160000 ds1 35,";

    /** Masters by SoC: node, leaf, micro-TLBs. Boards enable some of them. */
    private static final Map<String, String> MASTERS = Map.of(
            "r8a77951", DMAC + SDHI + " dma-controller@ec700000 mp0 0-15, dma-controller@ec720000 mp0 16-31,"
                    + " sata@ee300000 hc 2, fcp@fe950000 vp0 0, fcp@fe951000 vp1 1, fcp@fe96f000 vp0 5, fcp@fe92f000 vp1 7,"
                    + " fcp@fe9af000 vp0 8, fcp@fe9bf000 vp1 9, fcp@fea27000 vi0 8, fcp@fea2f000 vi0 9, fcp@fea37000 vi1 10",
            "r8a77960", DMAC + SDHI + " dma-controller@ec700000 mp 0-15, dma-controller@ec720000 mp 16-31,"
                    + " fcp@fe950000 vc0 16, fcp@fe96f000 vi0 5, fcp@fe9af000 vc0 19, fcp@fea27000 vi0 8, fcp@fea2f000 vi0 9,"
                    + " fcp@fea37000 vi0 10",
            "r8a77965", DMAC + SDHI + " dma-controller@ec700000 mp 0-15, dma-controller@ec720000 mp 16-31,"
                    + " sata@ee300000 hc 2, fcp@fe950000 vp0 0, fcp@fe96f000 vp0 5, fcp@fe9af000 vp0 8, fcp@fea27000 vi0 8,"
                    + " fcp@fea2f000 vi0 9",
            "r8a77990", DMAC + " mmc@ee100000 ds1 32, mmc@ee120000 ds1 33, mmc@ee160000 ds1 35,"
                    + " dma-controller@ec700000 mp 0-15, fcp@fe96f000 vp0 5, fcp@fe9af000 vp0 8, fcp@fea27000 vi0 8,"
                    + " fcp@fea2f000 vi0 9",
            "r8a779g0", "ethernet@e6800000 hc 0, ethernet@e6810000 hc 1, ethernet@e6820000 hc 2,"
                    + " dma-controller@e7350000 ds0 0-15, dma-controller@e7351000 ds0 16-31, mmc@ee140000 ds0 32,"
                    + " fcp@fea10000 vi1 6, fcp@fea11000 vi1 7, fcp@fedb0000 vi1 24, fcp@fedb8000 vi1 25");

    private static String soc(String board) {
        return board.substring(0, board.indexOf('-'));
    }

    private static Map<String, String> rows(String text) {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String row : text.split(",\\s*")) {
            String[] words = row.strip().split(" ", 2);
            rows.put(words[0], words[1]);
        }
        return rows;
    }

    /** Names of leaves by path of the tree. */
    private static Map<String, String> leafNames(Bench bench, String soc) {
        Map<String, String> names = new TreeMap<>();
        rows(LEAVES.get(soc)).forEach((name, place) -> names.put("/soc/iommu@" + place.split(" ")[0], name));
        return names;
    }

    @ParameterizedTest
    @ValueSource(strings = {"r8a77951-salvator-xs", "r8a77960-salvator-xs", "r8a77965-salvator-xs", "r8a77990-ebisu",
        "r8a779g0-white-hawk"})
    void instancesAreThosePublished(String board) {
        Bench bench = new Bench(Boards.real(board), AllowRule.ALL);
        Map<String, String> found = new TreeMap<>();
        for (Node unit : bench.units()) {
            int[] main = unit.cells(IpmmuDriver.MAIN);
            if (unit.has(IpmmuDriver.MAIN)) {
                found.put(unit.name().substring("iommu@".length()), main.length == 2 ? " " + main[1] : "");
            }
        }
        Map<String, String> published = new TreeMap<>();
        rows(LEAVES.get(soc(board))).values().forEach(place -> published.put(place.substring(0, 8), place.substring(8)));
        assertThat(found).isEqualTo(published);
        assertThat(bench.units()).hasSize(published.size() + 1);
    }

    /** Leaf by leaf, so that contexts suffice for all: every master of the tree is seen translated. */
    @ParameterizedTest
    @ValueSource(strings = {"r8a77951-salvator-xs", "r8a77960-salvator-xs", "r8a77965-salvator-xs", "r8a77990-ebisu",
        "r8a779g0-white-hawk"})
    void everyMasterHasThePublishedMicroTlbsInTheHardware(String board) {
        Bench bench = new Bench(Boards.real(board), AllowRule.ALL, Map.of(IpmmuFactory.STRICT, "true"));
        bench.probeAll();
        Map<String, String> names = leafNames(bench, soc(board));
        Map<String, String> published = rows(MASTERS.get(soc(board)));
        Map<String, List<Node>> byLeaf = new TreeMap<>();
        for (Node node : bench.tree.nodes()) {
            if (node.has("iommus") && node.available()) {
                assertThat(published).as("published masters of %s", board).containsKey(node.name());
                byLeaf.computeIfAbsent(bench.specifiers(node.path()).get(0).iommu(), l -> new ArrayList<>()).add(node);
            }
        }
        assertThat(byLeaf).isNotEmpty();
        byLeaf.forEach((leaf, masters) -> {
            for (Node master : masters) {
                assertThat(bench.attach(master.path())).as(master.path()).isInstanceOf(Configuration.Grouped.class);
                check(bench, master, names.get(leaf), published.get(master.name()));
            }
            masters.forEach(master -> bench.release(master.path()));
        });
        assertThat(bench.driver.instances().root().contextsInUse()).isZero();
        assertThat(bench.machine.findings()).isEmpty();
    }

    /** {@code row} is leaf and micro-TLBs, for example {@code ds1 16-31}. */
    private static void check(Bench bench, Node master, String leafName, String row) {
        String[] words = row.split(" ");
        String[] range = words[1].split("-");
        int first = Integer.parseInt(range[0]);
        int last = Integer.parseInt(range[range.length - 1]);
        assertThat(leafName).as(master.path()).isEqualTo(words[0]);
        String leaf = bench.client(master.path()).iommuPath();
        Mmio registers = bench.device(leaf).registers(0);
        long base = registers.sizeBytes() > 0x1000 ? 0x3000 : 0;
        TreeSet<Integer> on = new TreeSet<>();
        for (int n = first; n <= last; n++) {
            int control = registers.read32(base + (n < 32 ? 0x300 + 16L * n : 0x600 + 16L * (n - 32)));
            assertThat(control).as("%s micro-TLB %d", master.path(), n).isEqualTo(0x11);
            on.add(n);
        }
        assertThat(bench.specifiers(master.path()).stream().map(s -> s.cells()[0]).toList()).containsExactlyElementsOf(on);
        for (int stream = 0; stream <= last - first; stream++) {
            long iova = 0x3000_0000L + 0x1000L * (first + stream);
            long page = bench.page();
            assertThat(bench.domain(master.path()).map(iova, page, 4096, 1, Protection.READ | Protection.WRITE)).isEqualTo(4096);
            byte[] data = {(byte) stream, 0x11, (byte) first, 0x22};
            assertThat(bench.transfer(master.path(), stream, iova + 0xFF0, data)).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(bench.memory(page + 0xFF0, 4)).isEqualTo(data);
            assertThat(bench.domain(master.path()).unmap(iova, 4096, 1, null)).isEqualTo(4096);
        }
        bench.domain(master.path()).flushAll();
    }
}
