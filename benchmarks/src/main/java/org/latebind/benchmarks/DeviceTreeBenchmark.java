package org.latebind.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtbReader;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.DtsWriter;
import org.latebind.devicetree.Inspection;
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

/** Reading and inspecting one device tree; the default is the largest at hand (sdm845-db845c, 152 kB, 901 nodes). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class DeviceTreeBenchmark {

    /** The compiled tree. */
    @Param("../shared/data/dtb/sdm845-db845c.dtb")
    public String file;

    private byte[] compiled;
    private String source;
    private DeviceTree tree;

    /** Reads the file. */
    @Setup
    public void read() throws IOException {
        compiled = Files.readAllBytes(Path.of(file));
        tree = DtbReader.read(file, compiled);
        source = DtsWriter.write(tree);
    }

    /** Compiled tree to model. */
    @Benchmark
    public DeviceTree readCompiled() {
        return DtbReader.read(file, compiled);
    }

    /** Source to model. */
    @Benchmark
    public DeviceTree readSource() {
        return DtsReader.read(file, source);
    }

    /** Model to the data of the inspect command. */
    @Benchmark
    public Inspection inspect() {
        return Inspection.of(file, tree);
    }
}
