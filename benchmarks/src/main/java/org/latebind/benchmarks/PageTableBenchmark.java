package org.latebind.benchmarks;

import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Page table operations, 4 KiB granule, tables in the simulated machine's memory, invalidation that does nothing. One
 * GiB of addresses is in use. The rows are those of docs/performance.md.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PageTableBenchmark {

    private static final long PAGE = 4096;
    private static final long BLOCK = 1L << 21;
    private static final long SPAN = 1L << 30;
    private static final int BATCH = 512;
    private static final int RW = Protection.READ | Protection.WRITE;

    /** Stage 1 with 48-bit input or stage 2 with 40-bit input. */
    @Param({"S1_48", "S2_40"})
    public String table;

    private PageTable empty;
    private PageTable full;
    private final Gather gather = new Gather();
    private long page;
    private long block;
    private long run;
    private long sequential;
    private long random = 88172645463325252L;

    /** Makes one empty table whose lower levels exist, and one that maps the whole span. */
    @Setup
    public void makeTables() {
        SparseMemory memory = new SparseMemory(0x4000_0000L, 0x4000_0000L);
        MemoryAllocator allocator = new MemoryAllocator(memory);
        empty = allocate(memory, allocator);
        full = allocate(memory, allocator);
        for (long iova = 0; iova < SPAN; iova += BLOCK) {
            full.mapPages(iova, SPAN + iova, PAGE, BATCH, RW);
            empty.mapPages(iova, SPAN + iova, PAGE, BATCH, RW);
            empty.unmapPages(iova, PAGE, BATCH, gather);
        }
    }

    private PageTable allocate(SparseMemory memory, MemoryAllocator allocator) {
        boolean first = table.startsWith("S1");
        int bits = first ? 48 : 40;
        PageTableConfig config = new PageTableConfig(1L << 12 | 1L << 21 | 1L << 30, bits, bits, true, 0, Behaviour.V7_3);
        return PageTables.allocate(first ? PageTableFormat.ARM_64_LPAE_S1 : PageTableFormat.ARM_64_LPAE_S2, config, memory,
                allocator, Nothing.INSTANCE);
    }

    /** One page mapped and unmapped. */
    @Benchmark
    public long mapUnmapPage() {
        long iova = page;
        page = iova + PAGE & SPAN - 1;
        return empty.mapPages(iova, SPAN + iova, PAGE, 1, RW) + empty.unmapPages(iova, PAGE, 1, gather);
    }

    /** 512 pages a call, figures per page. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long mapUnmapRunOf512Pages() {
        long iova = run;
        run = iova + BLOCK & SPAN - 1;
        return empty.mapPages(iova, SPAN + iova, PAGE, BATCH, RW) + empty.unmapPages(iova, PAGE, BATCH, gather);
    }

    /** One 2 MiB block mapped and unmapped, beside the pages. */
    @Benchmark
    public long mapUnmapBlock() {
        long iova = SPAN + block;
        block = block + BLOCK & SPAN - 1;
        return empty.mapPages(iova, iova, BLOCK, 1, RW) + empty.unmapPages(iova, BLOCK, 1, gather);
    }

    /** Translations of one page after the other. */
    @Benchmark
    public long translateSequential() {
        sequential = sequential + PAGE & SPAN - 1;
        return full.iovaToPhys(sequential);
    }

    /** Translations all over the span. */
    @Benchmark
    public long translateRandom() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return full.iovaToPhys(random & SPAN - 1);
    }

    /** The empty callback. */
    private enum Nothing implements TlbInvalidation {
        INSTANCE;

        @Override
        public void flushAll() {
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
        }
    }
}
