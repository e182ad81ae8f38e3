package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.driver.Deferred;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Mmio;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.iommu.core.Configuration;
import org.latebind.iommu.core.StreamClient;
import org.latebind.machine.ipmmu.IpmmuFactory;

/**
 * Register writes of refusals, time-outs, faults and the vendor kernel's variants, against stored texts: one file for each
 * generation, beside those of {@link LinuxTraceTest}. Section numbers are those of the IPMMU sheet.
 */
class LinuxEdgeTraceTest {

    private static final long IOVA = 0x1000_0000L;
    private static final long BLOCK = 1L << 21;
    private static final int RW = Protection.READ | Protection.WRITE;
    private static final long NO_MEMORY_TABLE = 0x8000_00F0_0000_0003L;

    private Golden trace;
    private Bench bench;
    private DeviceTree tree;

    @Test
    void gen2EdgesWriteTheseRegisters() {
        edges(Boards.gen2(2));
        trace.matches("linux-gen2-edges.txt");
    }

    @Test
    void gen3EdgesWriteTheseRegisters() {
        edges(Boards.gen3(8));
        trace.matches("linux-gen3-edges.txt");
    }

    @Test
    void gen4EdgesWriteTheseRegisters() {
        edges(Boards.gen4(16));
        trace.matches("linux-gen4-edges.txt");
    }

    @Test
    void gen2VendorSequencesWriteTheseRegisters() {
        vendor(Boards.gen2(1));
        trace.matches("bsp-gen2.txt");
    }

    @Test
    void gen3VendorSequencesWriteTheseRegisters() {
        vendor(Boards.gen3(1));
        trace.matches("bsp-gen3.txt");
    }

    @Test
    void gen4VendorSequencesWriteTheseRegisters() {
        vendor(Boards.gen4(1));
        trace.matches("bsp-gen4.txt");
    }

    private void power(Flavour flavour, String... options) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        Golden before = trace;
        bench = new Bench(tree, AllowRule.ALL, flavour, all);
        trace = before == null ? new Golden(bench) : before.on(bench);
    }

    private String a(int i) {
        return Boards.master(tree, 'a', i);
    }

    private String root() {
        return Boards.root(tree) == null ? Boards.leaf(tree, 0) : Boards.root(tree);
    }

    private IommuOps ops(int leaf) {
        return bench.core.unit(Boards.leaf(tree, leaf)).orElseThrow().ops();
    }

    /** Binds everything and attaches the first master; forgets the trace of that. */
    private void running() {
        assertThat(bench.probeAll()).isEmpty();
        assertThat(bench.attach(a(0))).isInstanceOf(Configuration.Grouped.class);
        bench.machine.delay().micros(10);
        bench.trace.clear();
    }

    private void edges(DeviceTree board) {
        tree = board;
        boolean rootAndLeaves = Boards.root(tree) != null;
        power(Flavour.LINUX, IpmmuFactory.DIRTY, "true");
        if (rootAndLeaves) {
            assertThat(bench.probe(Boards.leaf(tree, 0))).isInstanceOf(Deferred.class);
            trace.section("4.1 probe of a leaf before its root: deferred");
        }
        BenchDevice silent = bench.device(root());
        silent.interruptsServed(false);
        assertThat(((Failed) bench.probe(silent)).errno()).isEqualTo(Errno.ENXIO);
        trace.section("4.1 probe of a root without its interrupt: fails");
        BenchDevice narrow = bench.device(root());
        narrow.maskServed(false);
        assertThat(((Failed) bench.probe(narrow)).errno()).isEqualTo(Errno.EIO);
        trace.section("4.1 probe without a 40-bit DMA mask: fails");
        exhaustion();
        refusals();
        invalidations();
        faults();
        if (rootAndLeaves) {
            power(Flavour.LINUX);
            running();
            bench.remove(Boards.root(tree));
            trace.section("4.10 remove of the root before its leaves: micro-TLBs, leaf, root");
        }
    }

    /** Gen2 has one context for each instance; elsewhere the root's are for all leaves. */
    private void exhaustion() {
        power(Flavour.LINUX);
        assertThat(bench.probeAll()).isEmpty();
        int usable = Features.of(tree.byPath(root()).compatible()).usableContexts();
        boolean oneEach = Boards.root(tree) == null;
        for (int i = 0; i < (oneEach ? 1 : usable); i++) {
            assertThat(bench.attach(a(i))).isInstanceOf(Configuration.Grouped.class);
        }
        bench.trace.clear();
        if (oneEach) {
            PagingDomain second = (PagingDomain) ops(0).allocate(DomainType.UNMANAGED, bench.client(Boards.master(tree, 'b', 0)));
            bench.attach(Boards.master(tree, 'b', 0));
            bench.trace.clear();
            assertThat(second.attach(bench.client(Boards.master(tree, 'b', 0)))).isEqualTo(Errno.EBUSY);
        } else {
            assertThat(((Configuration.Untranslated) bench.attach(a(usable))).errno()).isEqualTo(Errno.EBUSY);
        }
        assertThat(bench.log).anyMatch(l -> l.contains("all " + usable + " contexts of " + root() + " are in use"));
        trace.section("4.2 all contexts are taken, one more attach: EBUSY");
        if (!oneEach) {
            bench.release(a(0));
            bench.trace.clear();
            assertThat(bench.attach(a(usable))).isInstanceOf(Configuration.Grouped.class);
            trace.section("4.2 a context is free again: the attach that was refused");
        }
    }

    private void refusals() {
        power(Flavour.LINUX);
        running();
        StreamClient nowhere = new StreamClient("/soc/nowhere", "nowhere", false, tree.byPath(a(0)));
        assertThat(bench.domain(a(0)).attach(nowhere)).isEqualTo(Errno.ENXIO);
        trace.section("4.3 client without an IPMMU: ENXIO");
        PagingDomain foreign = (PagingDomain) ops(1).allocate(DomainType.UNMANAGED, bench.client(a(0)));
        bench.attach(a(1));
        foreign.attach(bench.client(a(1)));
        bench.trace.clear();
        assertThat(bench.domain(a(0)).attach(bench.client(a(1)))).isEqualTo(Errno.EINVAL);
        trace.section("4.3 client of another IPMMU: EINVAL");
        PagingDomain never = (PagingDomain) ops(0).allocate(DomainType.UNMANAGED, bench.client(a(0)));
        assertThat(never.map(IOVA, 0x4800_0000L, 4096, 1, RW)).isEqualTo(-Errno.ENODEV.number());
        never.flushAll();
        never.close();
        trace.section("4.7 domain that was never attached: mapped, flushed, freed");
        assertThat(ops(0).allocate(DomainType.IDENTITY, bench.client(a(0))).attach(bench.client(a(0)))).isNull();
        trace.section("4.5 attach to the identity domain");
        assertThat(ops(0).allocate(DomainType.IDENTITY, bench.client(a(0))).attach(bench.client(a(0)))).isNull();
        trace.section("4.5 and once more: nothing to switch off");
    }

    private void invalidations() {
        power(Flavour.LINUX);
        running();
        PagingDomain domain = bench.domain(a(0));
        assertThat(domain.map(IOVA, bench.page(), 4096, 1, RW)).isEqualTo(4096);
        assertThat(domain.unmap(IOVA, BLOCK, 1, null)).isEqualTo(BLOCK);
        trace.section("4.6 unmap that frees a sub-table: invalidated before the table goes");
        power(Flavour.LINUX, IpmmuFactory.FLUSH_STUCK, "true");
        running();
        bench.log.clear();
        bench.domain(a(0)).flushAll();
        assertThat(bench.log).singleElement().satisfies(l -> assertThat(l).endsWith("TLB sync timed out -- MMU may be deadlocked"));
        trace.section("4.6 invalidation that never ends: given up after 100 us");
    }

    private void faults() {
        power(Flavour.LINUX, IpmmuFactory.MULTIPLE_HITS, "true");
        running();
        PagingDomain domain = bench.domain(a(0));
        assertThat(domain.map(IOVA, bench.page(), 4096, 1, Protection.READ)).isEqualTo(4096);
        assertThat(bench.transfer(a(0), 0, IOVA, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
        trace.section("4.8 interrupt of a permission fault");
        int base = Features.of(tree.byPath(root()).compatible()).reservedContext ? 1 : 0;
        Mmio registers = bench.device(root()).registers(0);
        long table = Integer.toUnsignedLong(registers.read32(tableBase(base)));
        bench.machine.memory().write64(table + 3 * Long.BYTES, NO_MEMORY_TABLE);
        assertThat(bench.transfer(a(0), 0, 0xC000_0000L, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
        assertThat(bench.log).last().asString().contains("abort on table walk at iova 0xc0000000");
        trace.section("4.8 interrupt of an abort on a table walk");
        // Another page behind the driver's back: the cached one and the new one are a multiple hit.
        bench.master(a(0)).read(0, IOVA, new byte[1]);
        assertThat(domain.unmap(IOVA, 4096, 1, null)).isEqualTo(4096);
        assertThat(domain.map(IOVA, bench.page(), 4096, 1, RW)).isEqualTo(4096);
        assertThat(bench.transfer(a(0), 0, IOVA, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
        assertThat(bench.log).last().asString().contains("multiple TLB hits at iova 0x10000000");
        trace.section("4.8 interrupt of multiple hits");
    }

    private long tableBase(int context) {
        Features features = Features.of(tree.byPath(root()).compatible());
        return features.aliasOffset + features.contextBase + (long) features.contextStride * context + RegisterBlock.IMTTLBR0;
    }

    private void vendor(DeviceTree board) {
        tree = board;
        power(Flavour.BSP, IpmmuFactory.CACHE_FAULTS, "true");
        assertThat(bench.probeAll()).isEmpty();
        bench.trace.clear();
        String b = Boards.master(tree, 'b', 0);
        bench.attach(a(0));
        trace.section("4.4 first attach of the vendor kernel: micro-TLBs without FLUSH");
        bench.attach(b);
        trace.section("4.4 second client");
        bench.machine.delay().micros(10);
        bench.transfer(a(0), 0, IOVA, new byte[1]);
        trace.section("4.8 translation fault: status cleared, the context invalidated");
        assertThat(bench.domain(a(0)).map(IOVA, bench.page(), 4096, 1, RW)).isEqualTo(4096);
        assertThat(bench.transfer(a(0), 0, IOVA, new byte[] {1})).as("the fault was cached, and dropped")
                .isEqualTo(DmaResult.Kind.TRANSLATED);
        bench.binding(Boards.leaf(tree, 0)).suspend();
        bench.binding(root()).suspend();
        trace.section("4.9 suspend: registers are read, none is written");
        bench.machine.resetAll();
        bench.trace.clear();
        if (!root().equals(Boards.leaf(tree, 0))) {
            bench.binding(root()).resume();
        }
        bench.binding(Boards.leaf(tree, 0)).resume();
        trace.section("4.9 resume: saved registers, IMCTR last");
        assertThat(bench.transfer(b, 1, IOVA, new byte[] {2})).isEqualTo(DmaResult.Kind.TRANSLATED);
        assertThat(bench.machine.findings()).isEmpty();
    }
}
