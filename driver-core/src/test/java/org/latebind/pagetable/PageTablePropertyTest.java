package org.latebind.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.latebind.iommu.Protection;

/**
 * Random operations on every long format, granule and generation agree with a naive map of pages: return values,
 * warnings, translations and the number of tables. A million operations together; {@code latebind.pgtable.operations}
 * changes the number.
 */
class PageTablePropertyTest {

    private static final int OPERATIONS = Integer.getInteger("latebind.pgtable.operations", 1_000_000);
    private static final long K4 = 1L << 12 | 1L << 21 | 1L << 30;
    private static final long K16 = 1L << 14 | 1L << 25;
    private static final long K64 = 1L << 16 | 1L << 29;

    private record Shape(PageTableFormat format, long sizes, int ias, int oas, int quirks) {
    }

    private static final List<Shape> SHAPES = List.of(
            new Shape(PageTableFormat.ARM_64_LPAE_S1, K4, 48, 48, 0),
            new Shape(PageTableFormat.ARM_64_LPAE_S1, K4, 39, 44, Quirks.ARM_TTBR1),
            new Shape(PageTableFormat.ARM_64_LPAE_S1, K16, 47, 48, 0),
            new Shape(PageTableFormat.ARM_64_LPAE_S1, K64, 52, 52, Quirks.ARM_NS),
            new Shape(PageTableFormat.ARM_64_LPAE_S2, K4, 40, 40, 0),
            new Shape(PageTableFormat.ARM_64_LPAE_S2, K16, 40, 40, 0),
            new Shape(PageTableFormat.ARM_64_LPAE_S2, K64, 42, 42, 0),
            new Shape(PageTableFormat.ARM_32_LPAE_S1, K4, 32, 40, Quirks.ARM_NS),
            new Shape(PageTableFormat.ARM_32_LPAE_S2, K4, 40, 40, 0));

    @TestFactory
    List<DynamicTest> randomOperationsAgreeWithAMapOfPages() {
        List<DynamicTest> tests = new ArrayList<>();
        int each = Math.max(1, OPERATIONS / (2 * SHAPES.size()) + 1);
        for (Shape shape : SHAPES) {
            for (Behaviour behaviour : Behaviour.values()) {
                long seed = 31L * tests.size() + 5;
                tests.add(DynamicTest.dynamicTest(shape + " as " + behaviour + ", seed " + seed,
                        () -> new Run(shape, behaviour, seed).run(each)));
            }
        }
        return tests;
    }

    private static final class Run implements TlbInvalidation {

        private final Random random;
        private final long seed;
        private final TestMemory.Allocator allocator = new TestMemory.Allocator(0x1_0000_0000L);
        private final PageTable table;
        private final NaiveTable model;
        private final Gather gather = new Gather();
        private final long base;
        private final List<Long> sizes = new ArrayList<>();
        /** Splitting a block makes thousands of leaves with the larger granules: seldom, for the test's run time. */
        private final boolean costlyBlocks;
        private boolean warned;
        private int mapped;
        private int unmapped;

        Run(Shape shape, Behaviour behaviour, long seed) {
            this.seed = seed;
            random = new Random(seed);
            PageTableConfig config = new PageTableConfig(shape.sizes, shape.ias, shape.oas, true, shape.quirks, behaviour);
            TestMemory memory = new TestMemory();
            allocator.reuse(memory);
            allocator.start(1L << Math.min(shape.oas, 32) - 1);
            table = PageTables.allocate(shape.format, config, memory, allocator, this, (w, iova, size) -> warned = true);
            assertThat(table).isNotNull();
            costlyBlocks = shape.sizes != K4 && behaviour == Behaviour.V6_12;
            model = new NaiveTable(table.geometry(), behaviour == Behaviour.V6_12);
            base = (shape.quirks & Quirks.ARM_TTBR1) != 0 ? -1L << shape.ias : 0;
            for (long left = shape.sizes; left != 0; left &= left - 1) {
                sizes.add(Long.lowestOneBit(left));
            }
        }

        void run(int operations) {
            for (int i = 0; i < operations; i++) {
                step(i);
                if (i % 5000 == 0) {
                    assertThat(allocator.count()).as("tables, seed %d step %d", seed, i).isEqualTo(model.tables());
                }
            }
            table.free();
            assertThat(allocator.count()).as("seed %d", seed).isZero();
            assertThat(mapped).as("successful maps, or the test says little").isGreaterThan(operations / 25);
            assertThat(unmapped).as("successful unmaps").isGreaterThan(operations / 25);
        }

        private void step(int i) {
            int kind = random.nextInt(10);
            long size = size(kind >= 4);
            long iova = iova() & -size;
            long count = random.nextInt(8) > 0 ? 1 + random.nextInt(4) : 1 + random.nextInt(600);
            warned = false;
            if (kind < 4) {
                long paddr = random.nextLong() >>> 64 - 31 & -size;
                long result = table.mapPages(base | iova, paddr, size, count, Protection.READ | random.nextInt(64));
                mapped += result > 0 ? 1 : 0;
                agree(i, "map", result, model.map(iova, paddr, size, count));
                assertThat(warned).as("warning, seed %d step %d", seed, i).isEqualTo(model.warned);
            } else if (kind < 7) {
                long result = table.unmapPages(base | iova, size, count, gather);
                unmapped += result > 0 ? 1 : 0;
                agree(i, "unmap", result, model.unmap(iova, size, count));
                assertThat(warned).as("warning, seed %d step %d", seed, i).isEqualTo(model.warned);
            } else {
                long address = iova | random.nextInt((int) sizes.get(0).longValue());
                agree(i, "translate", table.iovaToPhys(base | address), model.translate(address));
            }
        }

        private void agree(int step, String what, long result, long expected) {
            if (result != expected) {
                throw new AssertionError(String.format("%s gave %x, the model %x; seed %d, step %d", what, result, expected,
                        seed, step));
            }
        }

        /** Mostly pages; unmaps take more blocks, or blocks would cover everything where they are not split. */
        private long size(boolean unmap) {
            int dice = random.nextInt(unmap ? 12 : costlyBlocks ? 1000 : 60);
            return sizes.get(dice == 0 && sizes.size() > 2 ? 2 : dice < 6 ? 1 : 0);
        }

        /** A few places at the ends of the range and around the borders of tables, so that operations meet. */
        private long iova() {
            long top = 1L << table.config().ias();
            long block = sizes.get(1);
            long place = switch (random.nextInt(4)) {
                case 0 -> 0;
                case 1 -> top - 2 * block;
                case 2 -> top / 2 - block;
                default -> (long) random.nextInt(4) << 30;
            };
            return place + (random.nextLong() & block - 1 & -sizes.get(0)) / 64 * 64 % (2 * block);
        }

        @Override
        public void flushAll() {
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
            assertThat(sizeBytes & table.config().pageSizes()).isNotZero();
        }

        @Override
        public void addPage(Gather g, long iova, long granule) {
            g.add(iova, granule, granule);
        }
    }
}
