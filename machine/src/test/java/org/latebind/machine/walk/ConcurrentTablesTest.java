package org.latebind.machine.walk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.latebind.hardware.PageAllocator;
import org.latebind.iommu.Protection;
import org.latebind.machine.memory.MemoryAllocator;
import org.latebind.machine.memory.SparseMemory;
import org.latebind.pagetable.Behaviour;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.PageTableConfig;
import org.latebind.pagetable.PageTableFormat;
import org.latebind.pagetable.PageTables;
import org.latebind.pagetable.TlbInvalidation;

/**
 * Threads may map and unmap disjoint ranges of one table at the same time, although their pages share tables: whoever
 * comes second to a missing table uses the first one's and gives its own back. The end result is that of one thread,
 * whatever the interleaving. {@code latebind.pgtable.rounds} changes the number of rounds.
 */
class ConcurrentTablesTest {

    private static final int ROUNDS = Integer.getInteger("latebind.pgtable.rounds", 40);
    private static final int THREADS = 8;
    private static final int PAGES_EACH = 24;
    private static final int RW = Protection.READ | Protection.WRITE;

    @TestFactory
    List<DynamicTest> disjointRangesOfOneTableChangeAtTheSameTime() {
        List<DynamicTest> tests = new ArrayList<>();
        for (boolean coherent : new boolean[] {true, false}) {
            add(tests, PageTableFormat.ARM_64_LPAE_S1, 1L << 12 | 1L << 21 | 1L << 30, 48, coherent);
            add(tests, PageTableFormat.ARM_64_LPAE_S2, 1L << 14 | 1L << 25, 40, coherent);
            add(tests, PageTableFormat.ARM_64_LPAE_S1, 1L << 16 | 1L << 29, 48, coherent);
            add(tests, PageTableFormat.ARM_32_LPAE_S1, 1L << 12 | 1L << 21, 32, coherent);
            add(tests, PageTableFormat.ARM_V7S, 1L << 12 | 1L << 20, 32, coherent);
        }
        return tests;
    }

    private static void add(List<DynamicTest> tests, PageTableFormat format, long sizes, int bits, boolean coherent) {
        for (Behaviour behaviour : Behaviour.values()) {
            PageTableConfig config = new PageTableConfig(sizes, bits, bits, coherent, 0, behaviour);
            tests.add(DynamicTest.dynamicTest(format + " " + config, () -> new Run(format, config).run()));
        }
    }

    private static final class Run implements TlbInvalidation, PageAllocator {

        private final SparseMemory memory = new SparseMemory(0x4000_0000L, 0x4000_0000L);
        private final MemoryAllocator allocator = new MemoryAllocator(memory);
        private final AtomicInteger live = new AtomicInteger();
        private final PageTable table;
        private final EntryModel model;
        private final long page;
        private final long block;
        private final CyclicBarrier start = new CyclicBarrier(THREADS);

        Run(PageTableFormat format, PageTableConfig config) {
            table = PageTables.allocate(format, config, memory, this, this);
            model = new EntryModel(format, table.config());
            page = Long.lowestOneBit(config.pageSizes());
            block = Long.lowestOneBit(config.pageSizes() & ~page);
        }

        /** Each thread has every eighth page of a fresh block, and a block of its own behind it. */
        void run() throws InterruptedException, ExecutionException {
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            try {
                List<Future<?>> running = new ArrayList<>();
                for (int t = 0; t < THREADS; t++) {
                    int thread = t;
                    running.add(threads.submit(() -> work(thread)));
                }
                for (Future<?> done : running) {
                    done.get();
                }
            } finally {
                threads.shutdownNow();
            }
            replay();
            compare();
            assertThat(live.get()).as("tables in use, none of the losers'").isEqualTo(model.tables());
            table.free();
            assertThat(allocator.allocatedBytes()).isZero();
        }

        private long area(int round) {
            return round % 3 * (THREADS + 1) * block;
        }

        private static long output(long iova) {
            return iova & 0x3fff_ffffL;
        }

        private Void work(int thread) throws InterruptedException, BrokenBarrierException {
            Gather gather = new Gather();
            for (int round = 0; round < ROUNDS; round++) {
                start.await();
                for (int i = 0; i < PAGES_EACH; i++) {
                    long iova = area(round) + (i * (long) THREADS + thread) * page;
                    expect(page, table.mapPages(iova, output(iova), page, 1, RW), iova);
                    expect(output(iova) + 4, table.iovaToPhys(iova + 4), iova);
                }
                long own = area(round) + (thread + 1) * block;
                expect(block, table.mapPages(own, output(own) & -block, block, 1, RW), own);
                expect(block, table.unmapPages(own, block, 1, gather), own);
                expect(page, table.mapPages(own, output(own), page, 1, RW), own);
                expect(block, table.unmapPages(own, block, 1, gather), own);
                for (int i = round == ROUNDS - 1 ? PAGES_EACH / 2 : 0; i < PAGES_EACH; i++) {
                    long iova = area(round) + (i * (long) THREADS + thread) * page;
                    expect(page, table.unmapPages(iova, page, 1, gather), iova);
                    expect(0, table.iovaToPhys(iova), iova);
                }
            }
            return null;
        }

        private static void expect(long expected, long found, long iova) {
            if (found != expected) {
                throw new AssertionError(String.format("%x instead of %x at %x", found, expected, iova));
            }
        }

        private void replay() {
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < PAGES_EACH * THREADS; i++) {
                    long iova = area(round) + i * page;
                    expect(page, model.map(iova, output(iova), page, 1, RW), iova);
                }
                for (int i = round == ROUNDS - 1 ? PAGES_EACH / 2 * THREADS : 0; i < PAGES_EACH * THREADS; i++) {
                    expect(page, model.unmap(area(round) + i * page, page, 1), i);
                }
                for (int t = 1; t <= THREADS; t++) {
                    long own = area(round) + t * block;
                    expect(page, model.map(own, output(own), page, 1, RW), own);
                    expect(block, model.unmap(own, block, 1), own);
                }
            }
        }

        private void compare() {
            WalkConfig walk = TableRegisters.walkOf(table);
            for (int round = 0; round < Math.min(ROUNDS, 3); round++) {
                for (long iova = area(round); iova < area(round) + PAGES_EACH * THREADS * page; iova += page) {
                    EntryModel.Leaf leaf = model.at(iova);
                    long expected = leaf == null ? 0 : leaf.paddr();
                    assertThat(table.iovaToPhys(iova)).isEqualTo(expected);
                    assertThat(Walker.walk(memory, walk, iova, Access.READ).address()).isEqualTo(expected);
                }
            }
        }

        @Override
        public long allocate(long sizeBytes, long alignmentBytes, int addressBits) {
            live.incrementAndGet();
            return allocator.allocate(sizeBytes, alignmentBytes, addressBits);
        }

        @Override
        public void free(long address, long sizeBytes) {
            live.decrementAndGet();
            allocator.free(address, sizeBytes);
        }

        @Override
        public long allocatedBytes() {
            return allocator.allocatedBytes();
        }

        @Override
        public void flushAll() {
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
        }

        @Override
        public void addPage(Gather g, long iova, long granule) {
        }
    }
}
