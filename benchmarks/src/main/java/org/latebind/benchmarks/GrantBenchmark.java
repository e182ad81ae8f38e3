package org.latebind.benchmarks;

import java.util.concurrent.TimeUnit;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Mapping and unmapping by grants while many other grants live: the cost must not depend on their number. One operation is one
 * map and its unmap, of one page or of 64 pages in a run, by one thread or by two on the same table.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class GrantBenchmark {

    private static final long PAGE = 0x4100_0000L;
    private static final long RUN_BYTES = 64 * 4096L;

    /** Grants that live all the time. */
    @Param({"1", "1000", "32000"})
    public int live;

    private DmaApi dma;

    /** Starts the driver and makes the grants. */
    @Setup
    public void start() {
        dma = GrantBench.client();
        for (int i = 0; i < live; i++) {
            if (dma.map(PAGE, 4096, Direction.TO_DEVICE, 0) == DmaApi.MAPPING_ERROR) {
                throw new IllegalStateException("no reference for grant " + i);
            }
        }
    }

    private long cycle(long sizeBytes) {
        long address = dma.map(PAGE, sizeBytes, Direction.BIDIRECTIONAL, 0);
        if (address == DmaApi.MAPPING_ERROR) {
            throw new IllegalStateException("no references");
        }
        dma.unmap(address, sizeBytes, Direction.BIDIRECTIONAL, 0);
        return address;
    }

    /** One page, one thread. */
    @Benchmark
    public long onePage() {
        return cycle(4096);
    }

    /** 64 pages, one thread. */
    @Benchmark
    public long sixtyFourPages() {
        return cycle(RUN_BYTES);
    }

    /** One page, two threads. */
    @Benchmark
    @Threads(2)
    public long onePageByTwoThreads() {
        return cycle(4096);
    }

    /** 64 pages, two threads. */
    @Benchmark
    @Threads(2)
    public long sixtyFourPagesByTwoThreads() {
        return cycle(RUN_BYTES);
    }
}
