package org.latebind.benchmarks;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.latebind.dma.IovaAllocator;
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
 * Churn of 16 devices in one 32-bit space: a free and an allocation at a random place among the live ranges. A million
 * live pages nearly fill the space.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class IovaBenchmark {

    private static final long PAGE = 4096;
    private static final long MASK_32 = 0xffff_ffffL;
    private static final int DEVICES = 16;
    private static final int BURST = 900;

    /** Live ranges. */
    @Param({"1000", "10000", "100000", "1000000"})
    public int live;

    private IovaAllocator addresses;
    /** Live ranges in random order, so that going through them frees all over the space. */
    private long[] ranges;
    private final long[] inHand = new long[DEVICES];
    private int turn;
    private int next;

    /** Fills the space to the wanted number of live ranges and brings them into disorder. */
    @Setup
    public void fill() {
        addresses = new IovaAllocator(PAGE, 0, MASK_32, List.of());
        ranges = new long[live];
        for (int i = 0; i < live; i++) {
            ranges[i] = addresses.allocate(PAGE, MASK_32);
        }
        for (int i = 0; i < DEVICES; i++) {
            inHand[i] = addresses.allocate(PAGE, MASK_32);
        }
        Random random = new Random(1);
        for (int i = live - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            long range = ranges[i];
            ranges[i] = ranges[other];
            ranges[other] = range;
        }
        for (int i = 0; i < live; i++) {
            churn();
        }
    }

    /** One pair: a live range from anywhere goes, a device takes a new one; 16 are always in flight. */
    @Benchmark
    public long churn() {
        next = next + 1 == live ? 0 : next + 1;
        addresses.free(ranges[next], PAGE);
        turn = turn + 1 & DEVICES - 1;
        ranges[next] = inHand[turn];
        inHand[turn] = addresses.allocate(PAGE, MASK_32);
        return inHand[turn];
    }

    /** Pairs in bursts too long for the ranges kept by size: 900 frees, then 900 allocations. Figures per pair. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public long bursts() {
        int from = next;
        for (int i = 0; i < BURST; i++) {
            next = next + 1 == live ? 0 : next + 1;
            addresses.free(ranges[next], PAGE);
        }
        next = from;
        for (int i = 0; i < BURST; i++) {
            next = next + 1 == live ? 0 : next + 1;
            ranges[next] = addresses.allocate(PAGE, MASK_32);
        }
        return ranges[next];
    }
}
