package org.latebind.benchmarks;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.latebind.iommu.core.Configuration;
import org.latebind.pagetable.Gather;
import org.latebind.smmu.v3.Parameters;
import org.latebind.smmu.v3.SmmuV3Driver;
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
import org.openjdk.jmh.annotations.Warmup;

/** The SMMUv3 driver on its model: the command queue, a stream attached and detached, a page mapped and unmapped. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 4, time = 1)
public class SmmuV3Benchmark {

    private static final String NODE = "compatible = \"arm,smmu-v3\"; interrupts = <0 10 1>, <0 11 1>;"
            + " interrupt-names = \"eventq\", \"gerror\"; dma-coherent;";

    /** Pages whose translations are dropped in one go: as many commands, and a CMD_SYNC. */
    public static final int COMMANDS = 4096;

    /** IDR3: with range invalidation, and without it, when every page is a command of its own. */
    @Param({"0x1404", "0x4"})
    public String idr3;

    private SmmuBoard board;
    private final Gather gather = new Gather();

    /** Brings the SMMU up and attaches the second master. */
    @Setup
    public void start() {
        board = new SmmuBoard(new SmmuV3Driver(SmmuBoard.defaults(Parameters.class)), NODE, Map.of("smmu3.idr3", idr3));
    }

    /** One stream: entry, context, tables; and all of it back with a full invalidation. */
    @Benchmark
    public Configuration attachAndDetach() {
        return board.attachAndDetach();
    }

    /** One page through the whole DMA API; unmapping waits for the invalidation. */
    @Benchmark
    public long mapAndUnmap() {
        return board.mapAndUnmap();
    }

    /** Invalidation of {@value #COMMANDS} pages: one range, or as many commands in batches, and the wait for CMD_SYNC. */
    @Benchmark
    public Gather invalidate() {
        gather.reset();
        gather.add(0x1000_0000L, COMMANDS * 4096L, 4096);
        board.domain().sync(gather);
        return gather;
    }
}
