package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.hardware.DmaResult;
import org.latebind.iommu.Protection;
import org.latebind.iommu.core.Configuration;

/** What a sleep takes comes back, whoever is woken first (IPMMU sheet, sections 4.9 and 10, lines 9 and 20). */
class SleepTest {

    private static final long RAM = 0x4000_0000L;
    private static final long IOVA = 0x2000_0000L;
    private static final int RW = Protection.READ | Protection.WRITE;

    private final DeviceTree tree = Boards.gen3(2);
    private final List<String> units = List.of(Boards.root(tree), Boards.leaf(tree, 0), Boards.leaf(tree, 1));
    private final String a0 = Boards.master(tree, 'a', 0);
    private final String a1 = Boards.master(tree, 'a', 1);

    private static void sleep(Bench bench, List<String> order) {
        order.forEach(path -> bench.binding(path).suspend());
        bench.machine.resetAll();
    }

    @Test
    void guestsGoOnWhateverOrderTheirIpmmusWakeIn() {
        for (List<String> order : RenesasTreesTest.permutations(units)) {
            Bench bench = Bench.xen(tree, Map.of());
            assertThat(bench.bootXen().result()).isNull();
            for (int guest = 1; guest <= 2; guest++) {
                assertThat(bench.passthrough.create(guest, 1 << 16).ok()).isTrue();
            }
            assertThat(bench.passthrough.assign(1, a0).ok()).isTrue();
            assertThat(bench.passthrough.assign(1, Boards.master(tree, 'b', 0)).ok()).isTrue();
            assertThat(bench.passthrough.assign(2, a1).ok()).isTrue();
            assertThat(bench.transfer(a0, 0, RAM, new byte[] {11})).isEqualTo(DmaResult.Kind.TRANSLATED);
            sleep(bench, order);
            assertThat(bench.transfer(a0, 0, 0x4f00_0000L, new byte[1])).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            order.forEach(path -> bench.binding(path).resume());
            byte[] seen = new byte[1];
            assertThat(bench.master(a0).read(0, RAM, seen).kind()).as("%s", order).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(seen[0]).isEqualTo((byte) 11);
            assertThat(bench.master(a1).read(0, RAM, seen).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(seen[0]).as("the other guest's memory").isZero();
            assertThat(bench.passthrough.destroy(1).ok()).isTrue();
            assertThat(bench.passthrough.destroy(2).ok()).isTrue();
            assertThat(bench.driver.instances().root().contextsInUse()).isZero();
            assertThat(bench.machine.findings()).as("%s", order).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void linuxClientsGoOnWhateverOrderTheirIpmmusWakeIn(Flavour flavour) {
        for (List<String> order : RenesasTreesTest.permutations(units)) {
            Bench bench = new Bench(tree, AllowRule.ALL, flavour, Map.of());
            assertThat(bench.probeAll()).isEmpty();
            for (String master : List.of(a0, a1)) {
                bench.attach(master);
                assertThat(bench.domain(master).map(IOVA, bench.page(), 4096, 1, RW)).isEqualTo(4096);
            }
            sleep(bench, order);
            order.forEach(path -> bench.binding(path).resume());
            for (String master : List.of(a0, a1)) {
                assertThat(bench.transfer(master, 2, IOVA, new byte[1])).as("%s", order).isEqualTo(DmaResult.Kind.TRANSLATED);
                assertThat(bench.transfer(master, 2, IOVA + 4096, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
            }
            assertThat(bench.machine.findings()).as("%s", order).isEmpty();
        }
    }

    /** Registers that were saved for one domain are not written for the next one that has its context. */
    @ParameterizedTest
    @EnumSource(Flavour.class)
    void contextThatChangedHandsInTheSleepGetsItsNewTable(Flavour flavour) {
        Bench bench = new Bench(tree, AllowRule.ALL, flavour, Map.of());
        bench.probeAll();
        bench.attach(a0);
        sleep(bench, units);
        bench.release(a0);
        assertThat(bench.attach(a1)).isInstanceOf(Configuration.Grouped.class);
        long page = bench.page();
        assertThat(bench.domain(a1).map(IOVA, page, 4096, 1, RW)).isEqualTo(4096);
        bench.machine.resetAll();
        units.forEach(path -> bench.binding(path).resume());
        assertThat(bench.transfer(a1, 0, IOVA, new byte[] {5})).isEqualTo(DmaResult.Kind.TRANSLATED);
        assertThat(bench.memory(page, 1)).containsExactly(5);
        assertThat(bench.transfer(a0, 0, 0x4f00_0000L, new byte[1])).isEqualTo(DmaResult.Kind.UNTRANSLATED);
        assertThat(bench.machine.findings()).isEmpty();
    }

    /** Two sleeps in a row: what was read before the first is not written after the second. */
    @Test
    void eachSleepSavesAnew() {
        Bench bench = Bench.xen(tree, Map.of());
        bench.bootXen();
        List<String> masters = new ArrayList<>();
        for (int guest = 1; guest <= 2; guest++) {
            bench.passthrough.create(guest, 1 << 16);
            String master = guest == 1 ? a0 : a1;
            bench.passthrough.assign(guest, master);
            masters.add(master);
            sleep(bench, units);
            units.forEach(path -> bench.binding(path).resume());
            for (String served : masters) {
                assertThat(bench.transfer(served, 0, RAM, new byte[1])).isEqualTo(DmaResult.Kind.TRANSLATED);
            }
        }
        assertThat(bench.machine.findings()).isEmpty();
    }
}
