package org.latebind.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Errno;
import org.latebind.iommu.Protection;

class PageTableTest {

    private static final long K4_SIZES = 1L << 12 | 1L << 21 | 1L << 30;
    private static final long K16_SIZES = 1L << 14 | 1L << 25;
    private static final long K64_SIZES = 1L << 16 | 1L << 29;
    private static final int RW = Protection.READ | Protection.WRITE;
    private static final int EINVAL = -Errno.EINVAL.number();

    private final TestMemory memory = new TestMemory();
    private final TestMemory.Allocator allocator = new TestMemory.Allocator(0x8000_0000L);
    private final List<Warning> warnings = new ArrayList<>();
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

    private PageTable table(PageTableFormat format, long sizes, int ias, int oas, boolean coherent, int quirks,
            Behaviour behaviour) {
        return PageTables.allocate(format, new PageTableConfig(sizes, ias, oas, coherent, quirks, behaviour), memory, allocator,
                tlb, (w, iova, size) -> warnings.add(w));

    }

    private PageTable newest(PageTableFormat format, int ias, int oas) {
        return table(format, K4_SIZES, ias, oas, true, 0, Behaviour.V7_3);
    }

    @Nested
    class Allocation {

        @Test
        void startLevelAndRootSizeFollowTheComputedTable() {
            int[][] bits = {{32, 32}, {36, 36}, {37, 40}, {39, 40}, {40, 40}, {42, 42}, {43, 44}, {48, 48}};
            String[] stage1 = {"1/20 2/400 2/40", "1/200 2/4000 2/400", "1/400 1/10 2/800", "1/1000 1/40 2/2000",
                "0/10 1/80 2/4000",
                "0/40 1/200 2/10000", "0/80 1/400 1/10", "0/1000 0/10 1/200"};
            String[] stage2 = {"1/20 2/400 2/40", "1/200 2/4000 2/400", "1/400 2/8000 2/800", "1/1000 2/20000 2/2000",
                "1/2000 2/40000 2/4000", "1/8000 1/200 2/10000", "0/80 1/400 1/10", "0/1000 1/8000 1/200"};
            for (int i = 0; i < bits.length; i++) {
                assertThat(shapes(PageTableFormat.ARM_64_LPAE_S1, bits[i])).isEqualTo(stage1[i]);
                assertThat(shapes(PageTableFormat.ARM_64_LPAE_S2, bits[i])).isEqualTo(stage2[i]);
            }
        }

        private String shapes(PageTableFormat format, int[] bits) {
            List<String> shapes = new ArrayList<>();
            for (long sizes : new long[] {K4_SIZES, K16_SIZES, K64_SIZES}) {
                Geometry g = table(format, sizes, bits[0], bits[1], true, 0, Behaviour.V7_3).geometry();
                shapes.add(g.startLevel() + "/" + Long.toHexString(g.pgdBytes()));
            }
            return String.join(" ", shapes);
        }

        @Test
        void controlRegistersFollowTheComputedTable() {
            int[] bits = {32, 36, 40, 42, 44, 48};
            int[] vtcr = {0x3560, 0x1355c, 0x23558, 0x33556, 0x43594, 0x53590, 0xb560, 0x1b55c, 0x2b558, 0x3b596, 0x4b594,
                0x5b590,
                0x7560, 0x1755c, 0x27558, 0x37556, 0x47594, 0x57590};
            int at = 0;
            for (long sizes : new long[] {K4_SIZES, K16_SIZES, K64_SIZES}) {
                for (int b : bits) {
                    PageTable s2 = table(PageTableFormat.ARM_64_LPAE_S2, sizes, b, b, true, 0, Behaviour.V7_3);
                    assertThat(((Registers.Stage2) s2.registers()).packed()).isEqualTo(vtcr[at++]);
                }
            }
            PageTable old = table(PageTableFormat.ARM_64_LPAE_S2, K16_SIZES, 40, 40, false, 0, Behaviour.V6_12);
            assertThat(((Registers.Stage2) old.registers()).packed()).isEqualTo(0x2a098);
            Registers.Stage1 s1 = (Registers.Stage1) table(PageTableFormat.ARM_64_LPAE_S1, K16_SIZES, 44, 44, false,
                    Quirks.ARM_OUTER_WBWA, Behaviour.V7_3).registers();
            assertThat(s1.packedLow()).isEqualTo(0xa414);
            assertThat(s1.ips()).isEqualTo(4);
            assertThat((int) s1.mair()).isEqualTo(0xf404ff44);
        }

        @Test
        void configurationsThatCannotBeServedAreRefusedWithAReason() {
            assertThat(refused(PageTableFormat.ARM_64_LPAE_S1, 1L << 13, 48, 48, 0)).contains("no page size");
            assertThat(refused(PageTableFormat.ARM_64_LPAE_S1, K4_SIZES, 48, 43, 0)).contains("oas");
            assertThat(refused(PageTableFormat.ARM_64_LPAE_S2, K4_SIZES, 40, 40, Quirks.ARM_NS)).contains("quirks");
            assertThat(refused(PageTableFormat.ARM_64_LPAE_S1, K4_SIZES, 40, 40, Quirks.ARM_OUTER_WBWA)).contains("coherent");
            assertThat(refused(PageTableFormat.ARM_32_LPAE_S1, K4_SIZES, 33, 40, 0)).contains("ias");
            assertThat(refused(PageTableFormat.ARM_32_LPAE_S2, K4_SIZES, 41, 40, 0)).contains("ias");
            assertThat(refused(PageTableFormat.ARM_64_LPAE_S1, K4_SIZES, 12, 40, 0)).contains("nothing to translate");
            assertThat(refused(PageTableFormat.ARM_V7S, K4_SIZES, 33, 32, 0)).contains("ias");
            assertThat(refused(PageTableFormat.ARM_V7S, 1L << 12, 32, 32, Quirks.ARM_MTK_EXT)).contains("NO_PERMS");
            assertThat(allocator.count()).isZero();
        }

        private String refused(PageTableFormat format, long sizes, int ias, int oas, int quirks) {
            assertThat(table(format, sizes, ias, oas, true, quirks, Behaviour.V7_3)).isNull();
            return PageTables.refusal(format, new PageTableConfig(sizes, ias, oas, true, quirks, Behaviour.V7_3));
        }

        @Test
        void mandatoryConcatenationOfMoreThan16TablesFailsWithAWarning() {
            assertThat(newest(PageTableFormat.ARM_64_LPAE_S2, 48, 40)).isNull();
            assertThat(warnings).containsExactly(Warning.TOO_MANY_ROOT_TABLES);
        }

        @Test
        void memoryThatRunsOutIsAValue() {
            allocator.limit(0);
            assertThat(newest(PageTableFormat.ARM_64_LPAE_S1, 48, 48)).isNull();
            allocator.limit(2);
            PageTable table = newest(PageTableFormat.ARM_64_LPAE_S1, 48, 48);
            assertThat(table.mapPages(0, 0x1000, 0x1000, 1, RW)).isEqualTo(-Errno.ENOMEM.number());
            assertThat(table.iovaToPhys(0)).isZero();
        }

        @Test
        void theCallersSizesAndBitsAreNarrowedAndReadableBack() {
            PageTable table = table(PageTableFormat.ARM_64_LPAE_S1, K4_SIZES | K16_SIZES, 52, 52, true, 0, Behaviour.V7_3);
            assertThat(table.config().pageSizes()).isEqualTo(K4_SIZES);
            assertThat(table.config().ias()).isEqualTo(48);
            assertThat(table.config().oas()).isEqualTo(48);
        }
    }

    @Nested
    class BadInput {

        private void unchangedAfter(PageTableFormat format) {
            PageTable table = newest(format, 32, format == PageTableFormat.ARM_V7S ? 32 : 40);
            long size = format == PageTableFormat.ARM_V7S ? 1L << 20 : 1L << 21;
            assertThat(table.mapPages(0x4000_0000L, 0x1000, 0x1000, 1, RW)).isEqualTo(0x1000);
            int tables = allocator.count();
            assertThat(table.mapPages(0x4000_1000L, 0x2000, size, 1, RW)).as("unaligned iova").isEqualTo(EINVAL);
            assertThat(table.mapPages(0x8000_0000L, 0x2000, size, 1, RW)).as("unaligned address").isEqualTo(EINVAL);
            assertThat(table.mapPages(1L << 32, 0x2000, 0x1000, 1, RW)).as("iova out of range").isEqualTo(-34);
            assertThat(table.mapPages(-0x1000L, 0x2000, 0x1000, 2, RW)).as("wrap-around").isEqualTo(-34);
            assertThat(table.mapPages(0, 1L << 40, 0x1000, 1, RW)).as("output out of range").isEqualTo(-34);
            assertThat(table.mapPages(0, 0, 0x2000, 1, RW)).as("size not offered").isEqualTo(EINVAL);
            assertThat(table.mapPages(0, 0, 0, 1, RW)).as("size of zero").isEqualTo(EINVAL);
            assertThat(table.mapPages(0, 0, 0x1000, 0, RW)).as("no page").isZero();
            assertThat(table.mapPages(0, 0, 0x1000, -1, RW)).as("negative count").isZero();
            assertThat(table.mapPages(0, 0, 0x1000, 1, Protection.CACHE)).as("no right").isEqualTo(EINVAL);
            assertThat(table.mapPages(0x4000_0000L, 0x9000, 0x1000, 1, RW)).as("twice").isEqualTo(-17);
            assertThat(table.unmapPages(0x4000_0800L, 0x1000, 1, null)).isZero();
            assertThat(table.unmapPages(0x4000_0000L, 0x1000, 0, null)).isZero();
            assertThat(table.unmapPages(0x4000_0000L, 0x2000, 1, null)).isZero();
            assertThat(table.unmapPages(1L << 40, 0x1000, 1, null)).isZero();
            assertThat(table.unmapPages(0x4000_1000L, 0x1000, 1, null)).isZero();
            assertThat(table.iovaToPhys(0x4000_0123L)).isEqualTo(0x1123);
            assertThat(allocator.count()).as("tables").isEqualTo(tables);
            assertThat(flushes).isEmpty();
            assertThat(warnings).hasSize(13);
        }

        @Test
        void longDescriptorsAnswerWithTheDocumentedErrorAndDoNotChange() {
            unchangedAfter(PageTableFormat.ARM_64_LPAE_S1);
        }

        @Test
        void shortDescriptorsAnswerWithTheDocumentedErrorAndDoNotChange() {
            unchangedAfter(PageTableFormat.ARM_V7S);
        }

        @Test
        void noWarnSilencesPresenceButNotMistakes() {
            PageTable table = table(PageTableFormat.ARM_64_LPAE_S1, K4_SIZES, 48, 48, true, Quirks.NO_WARN, Behaviour.V7_3);
            table.mapPages(0, 0x1000, 0x1000, 1, RW);
            table.mapPages(0, 0x1000, 0x1000, 1, RW);
            table.unmapPages(0x5000, 0x1000, 1, null);
            assertThat(warnings).isEmpty();
            table.unmapPages(0x5000, 0x3000, 1, null);
            assertThat(warnings).containsExactly(Warning.BAD_SIZE);
        }
    }

    @Nested
    class Leaves {

        @Test
        void forcedWriteBackIsForCacheableStage2LeavesOnly() {
            PageTable table = table(PageTableFormat.ARM_64_LPAE_S2, K4_SIZES, 30, 40, true, Quirks.ARM_S2FWB, Behaviour.V7_3);
            long root = table.registers().root();
            table.mapPages(0, 0x20_0000, 1L << 21, 1, RW | Protection.CACHE);
            table.mapPages(1L << 21, 0x20_0000, 1L << 21, 1, RW);
            assertThat(memory.read64(root)).isEqualTo(0x2007d9L);
            assertThat(memory.read64(root + 8)).isEqualTo(0x2006d5L);
        }

        @Test
        void aQueuedGatherCollectsNoPages() {
            PageTable table = newest(PageTableFormat.ARM_64_LPAE_S1, 48, 48);
            table.mapPages(0, 0x1000, 0x1000, 4, RW);
            Gather gather = new Gather();
            gather.queued(true);
            assertThat(table.unmapPages(0, 0x1000, 2, gather)).isEqualTo(0x2000);
            assertThat(flushes).isEmpty();
            gather.queued(false);
            assertThat(table.unmapPages(0x2000, 0x1000, 2, gather)).isEqualTo(0x2000);
            assertThat(flushes).containsExactly("page 2000/1000", "page 3000/1000");
        }
    }
}
