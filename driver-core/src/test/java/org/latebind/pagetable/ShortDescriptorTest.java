package org.latebind.pagetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.latebind.iommu.Protection.CACHE;
import static org.latebind.iommu.Protection.MMIO;
import static org.latebind.iommu.Protection.NOEXEC;
import static org.latebind.iommu.Protection.PRIV;
import static org.latebind.iommu.Protection.READ;
import static org.latebind.iommu.Protection.WRITE;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Errno;

class ShortDescriptorTest {

    private static final long SIZES = 1L << 12 | 1L << 16 | 1L << 20 | 1L << 24;
    private static final int RW = READ | WRITE;

    private final TestMemory memory = new TestMemory();
    private final TestMemory.Allocator allocator = new TestMemory.Allocator(0x8000_0000L);
    private final List<String> flushes = new ArrayList<>();
    private final TlbInvalidation tlb = new TlbInvalidation() {
        @Override
        public void flushAll() {
            flushes.add("all");
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
            flushes.add(String.format("walk %x+%x/%x", iova, sizeBytes, granule));
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
            flushes.add(String.format("page %x/%x", iova, granule));
        }
    };

    private PageTable table(Behaviour behaviour, int quirks) {
        return PageTables.allocate(PageTableFormat.ARM_V7S, new PageTableConfig(SIZES, 32, 32, true, quirks, behaviour), memory,
                allocator, tlb);
    }

    private int level1(PageTable table, int index) {
        return memory.read32(table.registers().root() + 4L * index);
    }

    @Test
    void descriptorsAreTheComputedOnes() {
        PageTable table = table(Behaviour.V7_3, 0);
        int[] prots = {RW, RW | CACHE, READ, READ | CACHE | NOEXEC, RW | MMIO, RW | PRIV};
        int[] expected = {0x80001c72, 0x80002c7e, 0x80003e72, 0x80004e7f, 0x80005c36, 0x80006c52};
        for (int i = 0; i < prots.length; i++) {
            long at = (i + 1) * 0x1000L;
            assertThat(table.mapPages(at, 0x8000_0000L + at, 0x1000, 1, prots[i])).isEqualTo(0x1000);
            assertThat(memory.read32(0x8000_4000L + 4 * (i + 1))).isEqualTo(expected[i]);
        }
        assertThat(level1(table, 0)).isEqualTo(0x80004001);
        table.mapPages(0x10000, 0x8001_0000L, 0x10000, 1, RW | CACHE | NOEXEC);
        for (int i = 16; i < 32; i++) {
            assertThat(memory.read32(0x8000_4000L + 4 * i)).isEqualTo(0x80019c3d);
        }
        table.mapPages(0x10_0000, 0x8010_0000L, 1L << 20, 1, RW);
        assertThat(level1(table, 1)).isEqualTo(0x80131c02);
        table.mapPages(0x20_0000, 0x8020_0000L, 1L << 20, 1, RW | CACHE | NOEXEC);
        assertThat(level1(table, 2)).isEqualTo(0x80231c1e);
        table.mapPages(0x100_0000, 0x8100_0000L, 1L << 24, 1, RW | CACHE);
        for (int i = 16; i < 32; i++) {
            assertThat(level1(table, i)).isEqualTo(0x81071c0e);
        }
        assertThat(table.iovaToPhys(0x1_2345)).isEqualTo(0x8001_2345L);
        assertThat(table.iovaToPhys(0x1ab_cdef)).isEqualTo(0x81ab_cdefL);
        table.free();
        assertThat(allocator.count()).isZero();
    }

    @Test
    void registersCarryTheWalkAttributes() {
        Registers.Short registers = (Registers.Short) table(Behaviour.V7_3, 0).registers();
        assertThat(registers).isEqualTo(new Registers.Short(0x8000_0000L, 0x8000006a, 0, 0x800b8204, 0x40004000));
        PageTableConfig config = new PageTableConfig(SIZES, 32, 32, false, 0, Behaviour.V7_3);
        PageTable other = PageTables.allocate(PageTableFormat.ARM_V7S, config, memory, allocator, tlb);
        assertThat(((Registers.Short) other.registers()).ttbr()).isEqualTo(0x80004002);
    }

    @Test
    void quirksChangeTheirBitsOnly() {
        PageTable ns = table(Behaviour.V7_3, Quirks.ARM_NS);
        ns.mapPages(0x10_0000, 0x8010_0000L, 1L << 20, 1, RW);
        ns.mapPages(0, 0x8000_0000L, 1L << 12, 1, RW);
        assertThat(level1(ns, 1)).isEqualTo(0x801b1c02);
        assertThat(level1(ns, 0) & 0x3ff).isEqualTo(9);
        PageTable mtk = PageTables.allocate(PageTableFormat.ARM_V7S, new PageTableConfig(SIZES, 34, 35, true,
                Quirks.NO_PERMS | Quirks.ARM_MTK_EXT, Behaviour.V7_3), memory, allocator, tlb);
        assertThat(mtk.mapPages(3L << 32, 0x7_1234_5000L, 0x1000, 1, READ)).isEqualTo(0x1000);
        assertThat(mtk.iovaToPhys(3L << 32 | 0x678)).isEqualTo(0x7_1234_5678L);
        int leaf = memory.read32(Integer.toUnsignedLong(level1(mtk, 3 << 12)) & -1024);
        assertThat(leaf).isEqualTo(0x12345000 | 0xc42 | 1 << 9 | 1 << 4 | 1 << 5);
    }

    @Test
    void aRunGoesOnOverTableEndsAndReportsWhatWasMappedBeforeAnError() {
        PageTable table = table(Behaviour.V7_3, 0);
        assertThat(table.mapPages(0xf_f000, 0x8000_0000L, 0x1000, 3, RW)).isEqualTo(0x3000);
        assertThat(table.mapPages(0xf_e000, 0x9000_0000L, 0x1000, 3, RW)).isEqualTo(0x1000);
        assertThat(table.mapPages(0xf_f000, 0x9000_0000L, 0x1000, 1, RW)).isEqualTo(-Errno.EEXIST.number());
        assertThat(table.unmapPages(0xf_e000, 0x1000, 9, new Gather())).isEqualTo(0x4000);
        assertThat(flushes).hasSize(4);
    }

    @Test
    void upTo612PartsOfSectionsAndLargePagesAreSplitOff() {
        PageTable table = table(Behaviour.V6_12, 0);
        table.mapPages(0, 0x8000_0000L, 1L << 24, 1, READ | CACHE);
        assertThat(table.unmapPages(0x30_1000, 0x1000, 1, new Gather())).isEqualTo(0x1000);
        assertThat(flushes).containsExactly("walk 301000+1000000/1000000", "page 301000/1000");
        assertThat(table.iovaToPhys(0x30_1000)).isZero();
        assertThat(table.iovaToPhys(0x30_2abc)).isEqualTo(0x8030_2abcL);
        assertThat(table.iovaToPhys(0xff_ffff)).isEqualTo(0x80ff_ffffL);
        table.mapPages(0x100_0000, 0x9000_0000L, 0x10000, 1, RW | NOEXEC);
        assertThat(table.unmapPages(0x100_3000, 0x1000, 1, new Gather())).isEqualTo(0x1000);
        assertThat(table.iovaToPhys(0x100_3000)).isZero();
        assertThat(table.iovaToPhys(0x100_f123)).isEqualTo(0x9000_f123L);
    }

    @Test
    void laterPartsOfSectionsAndLargePagesCannotBeUnmapped() {
        PageTable table = table(Behaviour.V7_3, 0);
        table.mapPages(0, 0x8000_0000L, 1L << 24, 1, RW);
        table.mapPages(0x100_0000, 0x9000_0000L, 0x10000, 1, RW);
        assertThat(table.unmapPages(0x1000, 0x1000, 1, null)).isZero();
        assertThat(table.unmapPages(0x10_0000, 1L << 20, 1, null)).isZero();
        assertThat(table.unmapPages(0x100_1000, 0x1000, 1, null)).isZero();
        assertThat(table.iovaToPhys(0x10_0000)).isEqualTo(0x8010_0000L);
        assertThat(table.unmapPages(0x100_0000, 0x10000, 1, null)).isEqualTo(0x10000);
    }

    @Test
    void aTableInThePlaceOfANewSectionIsFreedAfterAWalkFlush() {
        PageTable table = table(Behaviour.V7_3, 0);
        table.mapPages(0x5000, 0x8000_0000L, 0x1000, 1, RW);
        assertThat(table.mapPages(0, 0x9000_0000L, 1L << 20, 1, RW)).isEqualTo(1L << 20);
        assertThat(flushes).containsExactly("walk 0+100000/1000");
        assertThat(allocator.count()).isEqualTo(1);
    }
}
