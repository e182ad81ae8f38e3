package org.latebind.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.latebind.driver.Errno;
import org.latebind.iommu.Protection;

/**
 * Every kind of bad call on every format, granule and generation: the documented answer, and not a byte of the tables, not
 * an allocation and no invalidation differs afterwards.
 */
class BadInputMatrixTest {

    private static final int RW = Protection.READ | Protection.WRITE;
    private static final long EINVAL = -Errno.EINVAL.number();
    private static final long ERANGE = -Errno.ERANGE.number();
    private static final long EEXIST = -Errno.EEXIST.number();
    private static final long K4 = 1L << 12 | 1L << 21 | 1L << 30;
    private static final long K16 = 1L << 14 | 1L << 25;
    private static final long K64 = 1L << 16 | 1L << 29;
    private static final long SHORT = 1L << 12 | 1L << 16 | 1L << 20 | 1L << 24;

    @TestFactory
    List<DynamicTest> badCallsAnswerAsDocumentedAndChangeNoByte() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Behaviour behaviour : Behaviour.values()) {
            for (boolean coherent : new boolean[] {true, false}) {
                for (long sizes : new long[] {K4, K16, K64, 1L << 12, 1L << 14, 1L << 16}) {
                    add(tests, PageTableFormat.ARM_64_LPAE_S1, new PageTableConfig(sizes, 40, 44, coherent, 0, behaviour));
                    add(tests, PageTableFormat.ARM_64_LPAE_S1,
                            new PageTableConfig(sizes, 39, 48, coherent, Quirks.ARM_TTBR1 | Quirks.ARM_NS, behaviour));
                    add(tests, PageTableFormat.ARM_64_LPAE_S2, new PageTableConfig(sizes, 40, 40, coherent, 0, behaviour));
                }
                add(tests, PageTableFormat.ARM_32_LPAE_S1, new PageTableConfig(K4, 32, 40, coherent, 0, behaviour));
                add(tests, PageTableFormat.ARM_32_LPAE_S2, new PageTableConfig(K4, 40, 40, coherent, 0, behaviour));
                add(tests, PageTableFormat.ARM_V7S, new PageTableConfig(SHORT, 32, 32, coherent, 0, behaviour));
            }
        }
        return tests;
    }

    private static void add(List<DynamicTest> tests, PageTableFormat format, PageTableConfig config) {
        tests.add(DynamicTest.dynamicTest(format + " " + config, () -> new Matrix(format, config).run()));
    }

    private static final class Matrix implements TlbInvalidation {

        private final TestMemory memory = new TestMemory();
        private final TestMemory.Allocator allocator = new TestMemory.Allocator(0x8000_0000L);
        private final PageTable table;
        private final long page;
        private final long block;
        private final long base;
        private final long mapped;
        private final long mappedBlock;
        private int invalidations;
        private int warnings;

        Matrix(PageTableFormat format, PageTableConfig config) {
            table = PageTables.allocate(format, config, memory, allocator, this, (w, iova, size) -> warnings++);
            long sizes = table.config().pageSizes();
            page = Long.lowestOneBit(sizes);
            block = Long.highestOneBit(sizes & (1L << 30) - 1);
            base = config.has(Quirks.ARM_TTBR1) ? -1L << config.ias() : 0;
            mapped = base + (1L << 30);
            mappedBlock = mapped + (1L << 29);
        }

        void run() {
            assertThat(table.mapPages(mapped, page * 9, page, 3, RW)).isEqualTo(3 * page);
            assertThat(table.mapPages(mappedBlock, block, block, 1, RW)).isEqualTo(block);
            mapArguments();
            mapTwice();
            unmapArguments();
            assertThat(table.iovaToPhys(mapped + 5)).isEqualTo(page * 9 + 5);
        }

        private void refusedMap(String what, long expected, long iova, long paddr, long size, long count, int prot) {
            unchanged(what, expected, expected != 0 && prot != Protection.CACHE,
                    () -> table.mapPages(iova, paddr, size, count, prot));
        }

        private void refusedUnmap(String what, long iova, long size, long count) {
            unchanged(what, 0, true, () -> table.unmapPages(iova, size, count, new Gather()));
        }

        private void unchanged(String what, long expected, boolean warns, LongSupplier call) {
            Map<Long, Long> before = memory.content();
            int tables = allocator.count();
            invalidations = 0;
            warnings = 0;
            assertThat(call.getAsLong()).as(what).isEqualTo(expected);
            assertThat(memory.content()).as("table bytes after: " + what).isEqualTo(before);
            assertThat(allocator.count()).as("tables after: " + what).isEqualTo(tables);
            assertThat(invalidations).as("invalidations after: " + what).isZero();
            assertThat(warnings).as("warnings after: " + what).isEqualTo(warns ? 1 : 0);
        }

        private void mapArguments() {
            long free = mapped + 8 * page;
            for (int bit = 0; bit < 63; bit++) {
                if ((table.config().pageSizes() >>> bit & 1) == 0) {
                    refusedMap("size 2^" + bit, EINVAL, base, 0, 1L << bit, 1, RW);
                }
            }
            refusedMap("size 0", EINVAL, free, 0, 0, 1, RW);
            refusedMap("size -1", EINVAL, free, 0, -1, 1, RW);
            refusedMap("size -2^63", EINVAL, free, 0, Long.MIN_VALUE, 1, RW);
            if (block != page) {
                refusedMap("two sizes at once", EINVAL, base, 0, page | block, 1, RW);
                refusedMap("address of a block unaligned", EINVAL, mappedBlock + block + page, 0, block, 1, RW);
                refusedMap("output of a block unaligned", EINVAL, mappedBlock + block, page, block, 1, RW);
            }
            refusedMap("address unaligned", EINVAL, free + 1, 0, page, 1, RW);
            refusedMap("address half a page off", EINVAL, free + page / 2, 0, page, 1, RW);
            refusedMap("output unaligned", EINVAL, free, page / 2, page, 1, RW);
            refusedMap("no right", EINVAL, free, 0, page, 1, Protection.CACHE);
            refusedMap("no page", 0, free, 0, page, 0, RW);
            refusedMap("fewer than no pages", 0, free, 0, page, -1, RW);
            long outside = base == 0 ? 1L << table.config().ias() : base - page;
            refusedMap("first address beyond the range", ERANGE, outside, 0, page, 1, RW);
            refusedMap("the other half", ERANGE, base == 0 ? -page : 0, 0, page, 1, RW);
            refusedMap("wrap-around at 2^64", ERANGE, base == 0 ? -page : 0, 0, page, 2, RW);
            refusedMap("sign bit only", ERANGE, Long.MIN_VALUE, 0, page, 1, RW);
            refusedMap("output beyond the range", ERANGE, free, 1L << table.config().oas(), page, 1, RW);
            refusedMap("output with the sign bit", ERANGE, free, Long.MIN_VALUE, page, 1, RW);
            refusedMap("output of -1 page", ERANGE, free, -page, page, 2, RW);
        }

        private void mapTwice() {
            refusedMap("the same page again", EEXIST, mapped, page * 9, page, 1, RW);
            refusedMap("the same page elsewhere", EEXIST, mapped + page, 0, page, 1, Protection.READ);
            refusedMap("a run that begins on a mapped page", EEXIST,
                    mapped + 2 * page, 0, page, 4, RW);
            if (block != page) {
                refusedMap("a page in a block", EEXIST, mappedBlock + page, 0, page, 1, RW);
            }
            refusedMap("a block on a block", EEXIST, mappedBlock, 0, block, 1, RW);
        }

        private void unmapArguments() {
            refusedUnmap("unmap of size 0", mapped, 0, 1);
            refusedUnmap("unmap of size -1", mapped, -1, 1);
            refusedUnmap("unmap of a size not offered", mapped, page << 1, 1);
            refusedUnmap("unmap of no page", mapped, page, 0);
            refusedUnmap("unmap of fewer than no pages", mapped, page, -5);
            refusedUnmap("unmap unaligned", mapped + page / 2, page, 1);
            refusedUnmap("unmap of an empty page of a table", mapped + 8 * page, page, 1);
            refusedUnmap("unmap where no table is", base, page, 1);
            refusedUnmap("unmap beyond the range", base == 0 ? 1L << table.config().ias() : base - page, page, 1);
            refusedUnmap("unmap with wrap-around at 2^64", base == 0 ? -page : 0, page, 2);
            if (block != page && table.config().behaviour() == Behaviour.V7_3) {
                refusedUnmap("unmap of a part of a block", mappedBlock + page, page, 1);
            }
        }

        @Override
        public void flushAll() {
            invalidations++;
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
            invalidations++;
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
            invalidations++;
        }
    }
}
