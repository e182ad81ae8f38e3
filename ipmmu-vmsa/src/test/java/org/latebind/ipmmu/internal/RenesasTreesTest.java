package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.driver.Errno;
import org.latebind.hardware.DmaResult;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.iommu.core.Configuration;
import org.latebind.machine.ipmmu.ProductRegisterFactory;

/** The driver on the compiled trees of real Renesas boards. Skipped, with the reason, where they are not there. */
class RenesasTreesTest {

    private static final long SEED = 0x17a5L;
    private static final int SHUFFLES = 20;

    static List<String> boards() {
        return Boards.RENESAS;
    }

    static List<String> boardsWithRoots() {
        return Boards.RENESAS.stream().filter(b -> !b.equals("r8a7790-lager")).toList();
    }

    private static boolean isMaster(Node node) {
        return node.has("iommus") && node.available();
    }

    @ParameterizedTest
    @MethodSource("boards")
    void documentOrderBringsUpEveryInstance(String board) {
        Bench bench = new Bench(Boards.real(board), AllowRule.ALL);
        assertThat(bench.probeAll()).isEmpty();
        assertThat(bench.driver.instances().isEmpty()).isEqualTo(board.equals("r8a7790-lager"));
        assertThat(bench.machine.findings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("boardsWithRoots")
    void rootAndFourLeavesComeUpInEveryOrder(String board) {
        DeviceTree tree = Boards.real(board);
        List<String> five = new Bench(tree, AllowRule.ALL).units().stream().map(Node::path)
                .sorted((a, b) -> Boolean.compare(tree.byPath(a).has(IpmmuDriver.MAIN), tree.byPath(b).has(IpmmuDriver.MAIN)))
                .limit(5).toList();
        int count = 0;
        // One bench for all orders: what one leaves behind would show in the next.
        Bench bench = new Bench(tree, AllowRule.ALL);
        long before = bench.machine.pages().allocatedBytes();
        for (List<String> order : permutations(five)) {
            assertThat(bench.probeAll(order)).as("%s", order).isEmpty();
            List<String> backwards = new ArrayList<>(order);
            backwards.sort((a, b) -> Boolean.compare(tree.byPath(b).has(IpmmuDriver.MAIN), tree.byPath(a).has(IpmmuDriver.MAIN)));
            backwards.forEach(bench::remove);
            count++;
        }
        assertThat(count).isEqualTo(120);
        assertThat(bench.driver.instances().isEmpty()).isTrue();
        assertThat(bench.machine.interruptHandlers()).isZero();
        assertThat(bench.machine.pages().allocatedBytes()).isEqualTo(before);
        assertThat(bench.machine.findings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("boardsWithRoots")
    void allInstancesComeUpInShuffledOrders(String board) {
        DeviceTree tree = Boards.real(board);
        Random random = new Random(SEED);
        for (int i = 0; i < SHUFFLES; i++) {
            Bench bench = new Bench(tree, AllowRule.ALL);
            List<String> order = new ArrayList<>(bench.units().stream().map(Node::path).toList());
            Collections.shuffle(order, random);
            assertThat(bench.probeAll(order)).as("seed %d, round %d: %s", SEED, i, order).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("boardsWithRoots")
    void mastersGetTheirMicroTlbsAndTranslatedDmaLandsOnTheRightBytes(String board) {
        Bench bench = new Bench(Boards.real(board), AllowRule.ALL);
        bench.probeAll();
        int translated = 0;
        for (Node node : bench.tree.nodes()) {
            if (!isMaster(node)) {
                continue;
            }
            Configuration outcome = bench.attach(node.path());
            if (outcome instanceof Configuration.Untranslated refused) {
                assertThat(refused.errno()).as(node.path()).isEqualTo(Errno.EBUSY);
                continue;
            }
            checkMaster(bench, node, translated++);
        }
        assertThat(translated).isPositive();
        assertThat(bench.machine.findings()).isEmpty();
    }

    /** Every stream of the master: the tree's micro-TLB is on with the group's context, and a write lands where it is mapped. */
    private static void checkMaster(Bench bench, Node node, int number) {
        Instance leaf = bench.driver.instances().find(bench.client(node.path()).iommuPath());
        List<Integer> fromTree = bench.specifiers(node.path()).stream().map(s -> s.cells()[0]).toList();
        PagingDomain domain = bench.domain(node.path());
        for (int stream = 0; stream < fromTree.size(); stream++) {
            assertThat(leaf.utlbContext(fromTree.get(stream))).as(node.path()).isPositive();
            long iova = 0x2000_0000L + (long) number * 0x10_0000 + stream * 0x1000L;
            long page = bench.page();
            assertThat(domain.map(iova, page, 4096, 1, Protection.READ | Protection.WRITE)).isEqualTo(4096);
            byte[] data = {(byte) number, (byte) stream, 0x5a, (byte) (number ^ stream)};
            assertThat(bench.transfer(node.path(), stream, iova + 0x123, data)).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(bench.memory(page + 0x123, 4)).as("%s stream %d", node.path(), stream).isEqualTo(data);
            assertThat(domain.unmap(iova, 4096, 1, null)).isEqualTo(4096);
            domain.flushAll();
            assertThat(bench.transfer(node.path(), stream, iova + 0x123, data)).isEqualTo(DmaResult.Kind.FAULT);
        }
    }

    @Test
    void translatedMastersBehindEightLeavesOfH3ExhaustTheContexts() {
        Bench bench = new Bench(Boards.real("r8a77951-salvator-xs"), AllowRule.ALL);
        bench.probeAll();
        Set<String> refusedLeaves = new TreeSet<>();
        Set<String> servedLeaves = new TreeSet<>();
        for (Node node : bench.tree.nodes()) {
            if (isMaster(node)) {
                boolean served = bench.attach(node.path()) instanceof Configuration.Grouped;
                (served ? servedLeaves : refusedLeaves).add(bench.specifiers(node.path()).get(0).iommu());
            }
        }
        // ds0, ds1, mp0, vp0, vp1, vi0, vi1 and hc (sata is disabled or not, by board): at most seven at a time.
        assertThat(servedLeaves).hasSizeLessThanOrEqualTo(7);
        assertThat(refusedLeaves.isEmpty() || servedLeaves.size() == 7).isTrue();
    }

    /** Refusals of the mainline rule: revision-dependent on H3, everything on M3-W and RZ/G2M, SDHI only elsewhere. */
    @ParameterizedTest
    @MethodSource("boardsWithRoots")
    void mainlineRuleRefusesExactlyWhatItSays(String board) {
        for (String prr : List.of("", "0x4f11", "0x4f20")) {
            Bench bench = new Bench(Boards.real(board), AllowRule.LINUX,
                    prr.isEmpty() ? Map.of() : Map.of(ProductRegisterFactory.VALUE, prr));
            bench.probeAll();
            List<String> soc = bench.tree.root().compatible();
            boolean deniedSoc = soc.contains("renesas,r8a7796") || soc.contains("renesas,r8a774a1")
                    || soc.contains("renesas,r8a7795") && prr.equals("0x4f11");
            for (Node node : bench.tree.nodes()) {
                if (isMaster(node)) {
                    boolean sdhi = node.name().matches("mmc@ee1[0246]0000");
                    Configuration outcome = bench.attach(node.path());
                    if (sdhi && !deniedSoc) {
                        assertThat(outcome).as("%s prr=%s", node.path(), prr).isInstanceOf(Configuration.Grouped.class);
                    } else {
                        Configuration.Untranslated refused = (Configuration.Untranslated) outcome;
                        assertThat(refused.errno()).as(node.path()).isEqualTo(Errno.ENODEV);
                        assertThat(refused.reason()).startsWith("by policy: ");
                        assertThat(bench.transfer(node.path(), 0, bench.page(), new byte[1]))
                                .isEqualTo(DmaResult.Kind.UNTRANSLATED);
                    }
                }
            }
        }
    }

    @Test
    void pciFunctionsOfH3AreTranslatedByTheMainlineRule() {
        Bench bench = new Bench(Boards.real("r8a77951-salvator-xs"), AllowRule.LINUX);
        bench.probeAll();
        assertThat(bench.attach("/soc/pcie@fe000000@0100")).isInstanceOf(Configuration.Grouped.class);
        assertThat(bench.client("/soc/pcie@fe000000@0100").id(0)).isZero();
        assertThat(bench.attach("/soc/pcie@ee800000@0208")).isInstanceOf(Configuration.Grouped.class);
        assertThat(bench.client("/soc/pcie@ee800000@0208").id(0)).isEqualTo(1);
        assertThat(bench.transfer("/soc/pcie@fe000000@0100", 0, 0x1000, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
    }

    @Test
    void leavesBeforeTheRootInTheFileDefer() {
        Map<String, Integer> before = Map.of("r8a77951-salvator-xs", 4, "r8a77960-salvator-xs", 4, "r8a77965-salvator-xs", 3,
                "r8a77990-ebisu", 3, "r8a774a1-hihope-rzg2m", 3, "r8a779g0-white-hawk", 11);
        before.forEach((board, expected) -> {
            Bench bench = new Bench(Boards.real(board), AllowRule.ALL);
            long deferred = bench.units().stream().takeWhile(n -> n.has(IpmmuDriver.MAIN)).count();
            assertThat(deferred).as(board).isEqualTo(expected.longValue());
        });
    }

    @Test
    void gen2BoardWithEveryInstanceDisabledBindsNothing() {
        Bench bench = new Bench(Boards.real("r8a7790-lager"), AllowRule.LINUX);
        assertThat(bench.units()).isEmpty();
        assertThat(bench.tree.findCompatible("renesas,ipmmu-vmsa")).hasSize(6);
    }

    static List<List<String>> permutations(List<String> items) {
        if (items.isEmpty()) {
            return List.of(List.of());
        }
        List<List<String>> all = new ArrayList<>();
        for (String first : items) {
            List<String> rest = new ArrayList<>(items);
            rest.remove(first);
            for (List<String> tail : permutations(rest)) {
                List<String> one = new ArrayList<>(List.of(first));
                one.addAll(tail);
                all.add(one);
            }
        }
        return all;
    }
}
