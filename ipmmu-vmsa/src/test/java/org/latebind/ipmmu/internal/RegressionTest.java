package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.driver.Bound;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Machine;
import org.latebind.hardware.PageAllocator;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.iommu.Translation;
import org.latebind.iommu.core.Configuration;
import org.latebind.iommu.core.StreamClient;
import org.latebind.machine.ipmmu.IpmmuFactory;
import org.latebind.machine.ipmmu.ProductRegisterFactory;

/** Bugs of other drivers of this hardware, by the line of the list of known bugs: none of them must come back here. */
class RegressionTest {

    private static final int RW = Protection.READ | Protection.WRITE;

    private final DeviceTree tree = Boards.gen3(3);
    private final String root = Boards.root(tree);
    private final String leaf0 = Boards.leaf(tree, 0);
    private final String a0 = Boards.master(tree, 'a', 0);
    private final String b0 = Boards.master(tree, 'b', 0);
    private final String a1 = Boards.master(tree, 'a', 1);

    private static Bench up(DeviceTree board, Map<String, String> options) {
        Bench bench = new Bench(board, AllowRule.ALL, options);
        assertThat(bench.probeAll()).isEmpty();
        bench.trace.clear();
        return bench;
    }

    private Bench up() {
        return up(tree, Map.of());
    }

    private static int register(Bench bench, String path, long offset) {
        return bench.device(path).registers(0).read32(offset);
    }

    @Test
    void line01_leafServesItsMastersTheMomentItIsRegistered() {
        Bench bench = new Bench(tree, AllowRule.ALL);
        bench.probe(root);
        ProbeResult result = bench.probe(leaf0);
        IommuOps ops = ((Bound) result).iommu();
        assertThat(ops.translate(bench.client(a0), new int[] {2})).isInstanceOf(Translation.Ids.class);
        assertThat(bench.attach(a0)).isInstanceOf(Configuration.Grouped.class);
    }

    @Test
    void line02_translationHoldsNothing() {
        Bench bench = up();
        long before = bench.machine.pages().allocatedBytes();
        for (int i = 0; i < 100; i++) {
            bench.attach(a0);
            bench.release(a0);
        }
        Instance leaf = bench.driver.instances().find(leaf0);
        assertThat(leaf.utlbsInUse()).isZero();
        assertThat(leaf.utlbUsers(2)).isZero();
        assertThat(leaf.root().contextsInUse()).isZero();
        assertThat(bench.driver.instances().attachment(bench.client(a0))).isNull();
        assertThat(bench.machine.pages().allocatedBytes()).isEqualTo(before);
    }

    @Test
    void line03_tablesAreAllocatedWithoutTheRegisterLock() {
        Bench bench = new Bench(tree, AllowRule.ALL);
        List<Boolean> held = new ArrayList<>();
        PageAllocator real = bench.machine.pages();
        PageAllocator watched = (PageAllocator) Proxy.newProxyInstance(PageAllocator.class.getClassLoader(),
                new Class<?>[] {PageAllocator.class}, (p, method, arguments) -> {
                    Instance instance = bench.driver.instances().root();
                    held.add(Thread.holdsLock(instance.lock()));
                    return method.invoke(real, arguments);
                });
        Machine machine = (Machine) Proxy.newProxyInstance(Machine.class.getClassLoader(), new Class<?>[] {Machine.class},
                (p, method, arguments) -> method.getName().equals("pages") ? watched : method.invoke(bench.machine, arguments));
        for (String path : List.of(root, leaf0)) {
            bench.probe(new BenchDevice(tree, tree.byPath(path), machine, bench.log::add));
        }
        bench.attach(a0);
        bench.domain(a0).map(0x1000, bench.page(), 4096, 1, RW);
        assertThat(held).isNotEmpty().doesNotContain(true);
    }

    @Test
    void line04_domainThatWasNeverAttachedIsFreedAndFlushedWithoutARegister() {
        Bench bench = new Bench(tree, AllowRule.ALL);
        bench.probe(root);
        IommuOps ops = ((Bound) bench.probe(leaf0)).iommu();
        bench.trace.clear();
        PagingDomain domain = (PagingDomain) ops.allocate(DomainType.DMA, bench.client(a0));
        assertThat(domain.map(0x1000, 0x4800_0000L, 4096, 1, RW)).isEqualTo(-Errno.ENODEV.number());
        assertThat(domain.unmap(0x1000, 4096, 1, null)).isZero();
        domain.flushAll();
        domain.close();
        assertThat(bench.trace).isEmpty();
    }

    @Test
    void line05_otherMachinesAreLeftAlone() {
        DeviceTree other = DtsReader.read("other.dts",
                "/dts-v1/;\n/ { compatible = \"acme,board\"; uart { compatible = \"uart\"; }; };");
        Bench bench = new Bench(other, AllowRule.LINUX);
        assertThat(bench.units()).isEmpty();
        assertThat(((Failed) bench.probe("/uart")).errno()).isEqualTo(Errno.ENODEV);
        assertThat(bench.trace).isEmpty();
        assertThat(bench.machine.interruptHandlers()).isZero();
    }

    @Test
    void line06_controlRegistersAreWrittenInTheLeafBeforeTheRoot() {
        Bench bench = up();
        bench.attach(a0);
        bench.domain(a0).flushAll();
        bench.release(a0);
        assertThat(bench.trace.stream().filter(l -> l.contains("+0x00040")).toList()).containsExactly(
                "e6740000 +0x00040 = 0x00000007", "e67b0000 +0x00040 = 0x00000007",
                "e6740000 +0x00040 = 0x00000007", "e67b0000 +0x00040 = 0x00000007",
                "e6740000 +0x00040 = 0x00000002", "e67b0000 +0x00040 = 0x00000002");
        assertThat(bench.machine.findings()).isEmpty();
    }

    @Test
    void line07_walksDoNotSnoopOnGen3() {
        Bench bench = up();
        bench.attach(a0);
        assertThat(register(bench, root, 0x48)).isEqualTo(0x80000080);
    }

    @Test
    void line08_faultAddressHasItsUpperBits() {
        Bench bench = up();
        bench.attach(a0);
        bench.master(a0).write(0, 0x12_3456_7000L, new byte[1]);
        assertThat(bench.log).anyMatch(l -> l.contains("translation fault at iova 0x1234567000") && l.contains(a0));
    }

    @Test
    void line09_contextsAndMicroTlbsComeBackFromSleepWhoeverIsWokenFirst() {
        for (List<String> order : List.of(List.of(root, leaf0), List.of(leaf0, root))) {
            Bench bench = up();
            bench.attach(a0);
            long page = bench.page();
            bench.domain(a0).map(0x5000, page, 4096, 1, RW);
            order.forEach(p -> bench.binding(p).suspend());
            bench.machine.resetAll();
            assertThat(bench.transfer(a0, 0, page, new byte[1])).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            order.forEach(p -> bench.binding(p).resume());
            assertThat(bench.transfer(a0, 0, 0x5000, new byte[] {42})).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(bench.memory(page, 1)).containsExactly(42);
            assertThat(bench.machine.findings()).as("%s", order).isEmpty();
        }
    }

    @Test
    void line10_tablesAboveFourGigabytesAreReached() {
        Bench bench = up(Boards.gen3WithMemoryAt(0x6_0000_0000L), Map.of());
        bench.attach(a0);
        long page = bench.page();
        assertThat(bench.domain(a0).map(0x8000_0000L, page, 4096, 1, RW)).isEqualTo(4096);
        assertThat(register(bench, root, 0x54)).isEqualTo(6);
        assertThat(bench.transfer(a0, 0, 0x8000_0000L, new byte[] {1})).isEqualTo(DmaResult.Kind.TRANSLATED);
        assertThat(bench.memory(page, 1)).containsExactly(1);
        BenchDevice narrow = bench.device(Boards.leaf(tree, 0));
        narrow.maskServed(false);
        assertThat(((Failed) bench.driver.probe(narrow)).errno()).isEqualTo(Errno.EIO);
    }

    @Test
    void line11_gen4FallbackNameIsSpelledAsInTheTrees() {
        assertThat(Features.of(List.of("renesas,ipmmu-r8a779f0", "renesas,rcar-gen4-ipmmu-vmsa"))).isEqualTo(Features.RCAR_GEN4);
        assertThat(Features.of(List.of("renesas,ipmmu-r8a779h0", "renesas,rcar-gen4-ipmmu-vmsa"))).isEqualTo(Features.RCAR_GEN4);
        assertThat(Features.of(List.of("renesas,rcar-gen4-ipmmu"))).isNull();
    }

    @Test
    void line12_everyTableIsGivenBackWhateverSlotsAreEmpty() {
        Bench bench = up();
        long before = bench.machine.pages().allocatedBytes();
        bench.attach(a0);
        for (long iova : new long[] {0x1000, 0x60_0000, 0x4000_0000L, 0xC020_0000L, 0xFFFF_F000L}) {
            assertThat(bench.domain(a0).map(iova, 0x4900_0000L, 4096, 1, RW)).isEqualTo(4096);
        }
        bench.domain(a0).unmap(0x60_0000, 4096, 1, null);
        bench.release(a0);
        assertThat(bench.machine.pages().allocatedBytes()).isEqualTo(before);
    }

    @Test
    void line13_eighthLeafFindsNoContextAndItsMasterIsReported() {
        Bench bench = up(Boards.gen3(8), Map.of());
        for (int i = 0; i < 7; i++) {
            assertThat(bench.attach(Boards.master(bench.tree, 'a', i))).isInstanceOf(Configuration.Grouped.class);
        }
        String eighth = Boards.master(bench.tree, 'a', 7);
        Configuration.Untranslated refused = (Configuration.Untranslated) bench.attach(eighth);
        assertThat(refused.errno()).isEqualTo(Errno.EBUSY);
        assertThat(bench.log).anyMatch(l -> l.contains("all 7 contexts of " + root + " are in use"));
        assertThat(refused.reason()).contains("all 7 contexts of " + root + " are in use");
        bench.release(Boards.master(bench.tree, 'a', 3));
        assertThat(bench.attach(eighth)).isInstanceOf(Configuration.Grouped.class);
    }

    @Test
    void line14_allowRuleLooksAtNames() {
        for (String node : List.of("mmc", "sd")) {
            DeviceTree board = DtsReader.read("bench.dts", Boards.gen3Text(1)
                    .replace("a0: dma@ec000000", "a0: " + node + "@ee140000").replace("0xec000000", "0xee140000"));
            Bench bench = new Bench(board, AllowRule.LINUX);
            bench.probeAll();
            Configuration outcome = bench.attach("/soc/" + node + "@ee140000");
            if (node.equals("mmc")) {
                assertThat(outcome).isInstanceOf(Configuration.Grouped.class);
            } else {
                assertThat(((Configuration.Untranslated) outcome).errno()).isEqualTo(Errno.ENODEV);
                assertThat(((Configuration.Untranslated) outcome).reason()).startsWith("by policy: ee140000.sd ");
            }
        }
    }

    @Test
    void line15_percentSignsOfANameAreNoFormat() {
        Bench bench = up();
        StreamClient odd = new StreamClient("/soc/dma%s%n%d@1", "1.dma%s", false, tree.byPath(a0));
        assertThat(bench.core.configure(odd, bench.specifiers(a0), List.of())).isInstanceOf(Configuration.Grouped.class);
        bench.master(a0).write(0, 0x1000, new byte[1]);
        assertThat(bench.log).anyMatch(l -> l.contains("/soc/dma%s%n%d@1"));
    }

    @Test
    void line16_microTlbOfTwoMastersStaysOnForTheSecond() {
        Bench bench = up();
        bench.attach(a0);
        bench.attach(b0);
        bench.domain(b0).map(0x1000, bench.page(), 4096, 1, RW);
        bench.release(a0);
        assertThat(bench.transfer(b0, 0, 0x1000, new byte[1])).isEqualTo(DmaResult.Kind.TRANSLATED);
        bench.release(b0);
        assertThat(bench.transfer(b0, 0, 0x1000, new byte[1])).isNotEqualTo(DmaResult.Kind.TRANSLATED);
    }

    @Test
    void line17_microTlbNumbersAreChecked() {
        Bench bench = up();
        IommuOps ops = bench.core.unit(leaf0).orElseThrow().ops();
        for (int id : new int[] {48, 63, 64, -1, Integer.MAX_VALUE}) {
            Translation answer = ops.translate(bench.client(a0), new int[] {id});
            assertThat(((Translation.Refused) answer).errno()).as("%d", id).isEqualTo(Errno.EINVAL);
        }
        assertThat(ops.translate(bench.client(a0), new int[] {47})).isInstanceOf(Translation.Ids.class);
        assertThat(((Translation.Refused) ops.translate(bench.client(a0), new int[] {1, 2})).errno()).isEqualTo(Errno.EINVAL);
    }

    @Test
    void line18_rootThatGoesFirstTakesItsContextsDownLeafFirst() {
        Bench bench = up();
        bench.attach(a0);
        bench.remove(root);
        assertThat(register(bench, leaf0, 0x320)).isZero();
        assertThat(register(bench, leaf0, 0x40) & 1).isZero();
        assertThat(register(bench, root, 0x40)).isZero();
        assertThat(bench.attach(a1)).isInstanceOfSatisfying(Configuration.Untranslated.class,
                u -> assertThat(u.errno()).isEqualTo(Errno.ENXIO));
        bench.release(a0);
        bench.remove(leaf0);
        assertThat(bench.machine.findings()).isEmpty();
    }

    @Test
    void line19_removedLeafLeavesNothingOnAndComesBackClean() {
        Bench bench = up();
        bench.attach(a0);
        bench.remove(leaf0);
        for (long utlb : new long[] {0x320, 0x4F0, 0x600}) {
            assertThat(register(bench, leaf0, utlb)).isZero();
        }
        assertThat(register(bench, root, 0x40) & 1).isZero();
        bench.probe(leaf0);
        assertThat(bench.attach(a0)).isInstanceOf(Configuration.Grouped.class);
        assertThat(bench.machine.findings()).isEmpty();
    }

    @Test
    void line20_resumeWithFreedContextsTouchesNothingOfThem() {
        Bench bench = up();
        bench.attach(a0);
        bench.attach(a1);
        bench.release(a0);
        bench.binding(leaf0).suspend();
        bench.binding(root).suspend();
        bench.machine.resetAll();
        bench.binding(root).resume();
        bench.binding(leaf0).resume();
        assertThat(register(bench, root, 0x40)).isZero();
        assertThat(register(bench, leaf0, 0x320)).isZero();
    }

    @Test
    void line21_microTlbInTwoDomainsIsRefused() {
        Bench bench = Bench.xen(tree, Map.of());
        bench.bootXen();
        bench.passthrough.create(1, 4096);
        bench.passthrough.create(2, 4096);
        assertThat(bench.passthrough.assign(1, a0).code()).isZero();
        assertThat(bench.passthrough.assign(2, b0).code()).isEqualTo(-Errno.EINVAL.number());
    }

    @Test
    void line22_sharedMicroTlbOfAGuestGoesOffWithItsLastUser() {
        Bench bench = Bench.xen(tree, Map.of());
        bench.bootXen();
        bench.passthrough.create(1, 4096);
        bench.passthrough.assign(1, a0);
        bench.passthrough.assign(1, b0);
        bench.passthrough.deassign(1, a0);
        assertThat(register(bench, leaf0, 0x320)).isEqualTo(0x11);
        bench.passthrough.deassign(1, b0);
        assertThat(register(bench, leaf0, 0x320)).isZero();
    }

    @Test
    void line23_secureGroupIsClearedInEveryInstance() {
        Bench bench = Bench.xen(tree, Map.of(IpmmuFactory.SECGRP, "true", IpmmuFactory.FIRMWARE, "tf-a",
                ProductRegisterFactory.VALUE, "0x5501"));
        bench.bootXen();
        assertThat(register(bench, root, 0x500)).isEqualTo(0xC0000000);
        assertThat(register(bench, leaf0, 0x500)).isEqualTo(0xE0000000);
    }

    @Test
    void line24_addressesWithTheTopBitSetStayUnsigned() {
        Bench bench = up(Boards.gen3WithMemoryAt(0xC000_0000L), Map.of());
        bench.attach(a0);
        assertThat(register(bench, root, 0x50) & 0xFFFF_FFFFL).isGreaterThanOrEqualTo(0xC000_0000L);
        assertThat(register(bench, root, 0x54)).isZero();
        bench.master(a0).write(0, 0xFFFF_F000L, new byte[1]);
        assertThat(bench.log).anyMatch(l -> l.contains("iova 0xfffff000,"));
        long page = bench.page();
        bench.domain(a0).map(0xFFFF_F000L, page, 4096, 1, RW);
        assertThat(bench.transfer(a0, 0, 0xFFFF_FFFFL, new byte[] {5})).isEqualTo(DmaResult.Kind.TRANSLATED);
        assertThat(bench.memory(page + 0xFFF, 1)).containsExactly(5);
    }

    @Test
    void line25_invalidationIsAwaitedFromTheWriteThatStartsIt() {
        Bench bench = up(tree, Map.of(IpmmuFactory.FLUSH_MICROS, "60"));
        bench.attach(a0);
        bench.machine.delay().micros(100);
        long start = bench.machine.delay().nanos();
        bench.domain(a0).flushAll();
        assertThat(bench.machine.delay().nanos() - start).isBetween(60_000L, 61_000L);
        Bench stuck = up(tree, Map.of(IpmmuFactory.FLUSH_STUCK, "true"));
        stuck.attach(a0);
        start = stuck.machine.delay().nanos();
        stuck.domain(a0).flushAll();
        assertThat(stuck.machine.delay().nanos() - start).isEqualTo(101_000L);
        assertThat(stuck.log).contains("ERROR e6740000.iommu: TLB sync timed out -- MMU may be deadlocked");
    }

    @Test
    void line26_m3wPlusHasANameOfItsOwn() {
        DeviceTree board = DtsReader.read("bench.dts", Boards.gen3Text(1).replace("r8a7795", "r8a77961"));
        Bench bench = Bench.xen(board, Map.of());
        assertThat(bench.bootXen().result()).isNull();
        assertThat(new Bench(board, AllowRule.LINUX).probeAll()).isEmpty();
    }

    @Test
    void line27_guestAddressesAreRestrictedToFortyBitsBeforeAnyTableIsMade() {
        Bench bench = Bench.xen(tree, Map.of());
        bench.bootXen();
        bench.passthrough.create(1, 4096);
        bench.passthrough.assign(1, a0);
        assertThat(bench.passthrough.list().get(0).ipaBits()).isEqualTo(40);
        assertThat(register(bench, root, 0x48)).isEqualTo(0xC0000058);
        assertThat(bench.passthrough.list().get(0).p2mRoot() % 8192).isZero();
    }

    @Test
    void line28_oldBitsDoNotSurviveTheReuseOfAContextOrMicroTlb() {
        Bench bench = up(tree, Map.of(IpmmuFactory.DIRTY, "true"));
        String leaf1 = Boards.leaf(tree, 1);
        assertThat(register(bench, leaf1, 0x320)).isEqualTo(0x11);
        bench.attach(a0);
        bench.attach(a1);
        // Context 2 over a left-over 1 would be 3 if the old value were kept.
        assertThat(register(bench, leaf1, 0x320)).isEqualTo(0x21);
        bench.device(root).registers(0).write32(0xC8, 0x7F1F);
        bench.attach(Boards.master(tree, 'a', 2));
        assertThat(register(bench, root, 0xC8)).isEqualTo(0x80000080);
    }
}
