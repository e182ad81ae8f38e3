package org.latebind.pagetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.latebind.iommu.Protection.CACHE;
import static org.latebind.iommu.Protection.NOEXEC;
import static org.latebind.iommu.Protection.READ;
import static org.latebind.iommu.Protection.WRITE;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The checks of the kernel's own self-test of these formats, in its enumeration: page-size sets, ias, oas, stage. */
class KernelSelfTest {

    private static final long G1 = 1L << 30;
    private static final long[] SIZE_SETS = {1L << 12 | 1L << 21 | 1L << 30, 1L << 14 | 1L << 25, 1L << 16 | 1L << 29};
    private static final int[] ADDRESS_BITS = {32, 36, 40, 42, 44, 48};

    @TestFactory
    List<DynamicTest> upTo612EveryInputSizeWithAnOutputOf48BitsIn18Configurations() {
        List<DynamicTest> tests = new ArrayList<>();
        for (long sizes : SIZE_SETS) {
            for (int ias : ADDRESS_BITS) {
                tests.addAll(bothStages(sizes, ias, 48, Behaviour.V6_12));
            }
        }
        assertThat(tests).hasSize(2 * 18);
        return tests;
    }

    @TestFactory
    List<DynamicTest> laterEveryPairWithInputNotAboveOutputIn63Configurations() {
        List<DynamicTest> tests = new ArrayList<>();
        for (long sizes : SIZE_SETS) {
            for (int ias : ADDRESS_BITS) {
                for (int oas : ADDRESS_BITS) {
                    if (ias <= oas) {
                        tests.addAll(bothStages(sizes, ias, oas, Behaviour.V7_3));
                    }
                }
            }
        }
        assertThat(tests).hasSize(2 * 63);
        return tests;
    }

    private static List<DynamicTest> bothStages(long sizes, int ias, int oas, Behaviour behaviour) {
        List<DynamicTest> tests = new ArrayList<>();
        for (PageTableFormat format : List.of(PageTableFormat.ARM_64_LPAE_S1, PageTableFormat.ARM_64_LPAE_S2)) {
            PageTableConfig config = new PageTableConfig(sizes, ias, oas, true, 0, behaviour);
            tests.add(DynamicTest.dynamicTest(format + " " + Long.toHexString(sizes) + " " + ias + "/" + oas,
                    () -> new KernelSelfTest().run(format, config)));
        }
        return tests;
    }

    private void run(PageTableFormat format, PageTableConfig config) {
        TestMemory.Allocator allocator = new TestMemory.Allocator(0x1_0000L);
        PageTable table = PageTables.allocate(format, config, new TestMemory(), allocator,
                new CheckedInvalidation(config.pageSizes()));
        assertThat(table).isNotNull();
        for (long iova : new long[] {42, G1 + 42, 2 * G1 + 42}) {
            assertThat(table.iovaToPhys(iova)).isZero();
        }
        List<Long> sizes = new ArrayList<>();
        for (long left = table.config().pageSizes(); left != 0; left &= left - 1) {
            sizes.add(Long.lowestOneBit(left));
        }
        mapDistinct(table, sizes);
        if (config.behaviour() == Behaviour.V6_12) {
            unmapAPart(table, sizes.get(0));
        }
        unmapEverything(table, sizes);
        mapTheLastBlock(table, sizes.get(sizes.size() - 1));
        table.free();
        assertThat(allocator.count()).isZero();
    }

    private static void mapDistinct(PageTable table, List<Long> sizes) {
        long iova = 0;
        for (long size : sizes) {
            assertThat(table.mapPages(iova, iova, size, 1, READ | WRITE | NOEXEC | CACHE)).isEqualTo(size);
            assertThat(table.mapPages(iova, iova + size, size, 1, READ | NOEXEC)).as("overlapping map").isNegative();
            assertThat(table.iovaToPhys(iova + 42)).isEqualTo(iova + 42);
            iova += G1;
        }
    }

    private static void unmapAPart(PageTable table, long size) {
        assertThat(table.unmapPages(G1 + size, size, 1, null)).isEqualTo(size);
        assertThat(table.mapPages(G1 + size, size, size, 1, READ)).isEqualTo(size);
        assertThat(table.iovaToPhys(G1 + size + 42)).isEqualTo(size + 42);
    }

    private static void unmapEverything(PageTable table, List<Long> sizes) {
        long iova = 0;
        for (long size : sizes) {
            assertThat(table.unmapPages(iova, size, 1, null)).isEqualTo(size);
            assertThat(table.iovaToPhys(iova + 42)).isZero();
            assertThat(table.mapPages(iova, iova, size, 1, WRITE)).isEqualTo(size);
            assertThat(table.iovaToPhys(iova + 42)).isEqualTo(iova + 42);
            iova += G1;
        }
    }

    private static void mapTheLastBlock(PageTable table, long size) {
        long iova = (1L << table.config().ias()) - size;
        assertThat(table.mapPages(iova, iova, size, 1, READ | WRITE)).isEqualTo(size);
        assertThat(table.unmapPages(iova, size, 1, null)).isEqualTo(size);
    }

    /** Callbacks must speak of offered page sizes. */
    private record CheckedInvalidation(long sizes) implements TlbInvalidation {

        @Override
        public void flushAll() {
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
            assertThat(sizeBytes & sizes).isNotZero();
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
            assertThat(granule & sizes).isNotZero();
        }
    }
}
