package org.latebind.benchmarks;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.latebind.iommu.core.Configuration;
import org.latebind.smmu.v2.ArmSmmuConfiguration;
import org.latebind.smmu.v2.ArmSmmuDriver;
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

/** The SMMUv1/v2 driver on its model: a stream attached and detached, a page mapped and unmapped with its invalidation. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 4, time = 1)
public class SmmuBenchmark {

    private static final String NODE = "compatible = \"%s\"; #global-interrupts = <1>;"
            + " interrupts = <0 10 4>, <0 11 4>, <0 12 4>, <0 13 4>, <0 14 4>;";

    /** The hardware. */
    @Param({"arm,mmu-401", "arm,mmu-500"})
    public String hardware;

    private SmmuBoard board;

    /** Brings the SMMU up and attaches the second master. */
    @Setup
    public void start() {
        board = new SmmuBoard(new ArmSmmuDriver(SmmuBoard.defaults(ArmSmmuConfiguration.class)), String.format(NODE, hardware),
                Map.of());
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
}
