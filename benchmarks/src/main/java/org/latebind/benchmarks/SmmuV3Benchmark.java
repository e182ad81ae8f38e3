package org.latebind.benchmarks;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.ReferenceList;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.dma.DmaFacts;
import org.latebind.dma.DmaFactory;
import org.latebind.dma.DmaSpace;
import org.latebind.driver.Bound;
import org.latebind.driver.Device;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.core.Configuration;
import org.latebind.iommu.core.DriverCall;
import org.latebind.iommu.core.IommuCore;
import org.latebind.iommu.core.Specifier;
import org.latebind.iommu.core.StreamClient;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;
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

    private static final long PAGE = 0x8100_0000L;
    private static final String TREE = """
            /dts-v1/;
            / { #address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;
              memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x10000000>; };
              gic: interrupt-controller@1000 { compatible = "arm,gic-400"; reg = <0 0x1000 0 0x1000>;
                interrupt-controller; #interrupt-cells = <3>; };
              smmu: iommu@2b400000 { compatible = "arm,smmu-v3"; reg = <0 0x2b400000 0 0x20000>; #iommu-cells = <1>;
                interrupts = <0 10 1>, <0 11 1>; interrupt-names = "eventq", "gerror"; dma-coherent; };
              dma@10000000 { compatible = "bench,dma"; iommus = <&smmu 0x10>; };
              dma@10010000 { compatible = "bench,dma"; iommus = <&smmu 0x20>; };
            };
            """;

    /** Pages whose translations are dropped in one go: as many commands, and a CMD_SYNC. */
    public static final int COMMANDS = 4096;

    /** IDR3: with range invalidation, and without it, when every page is a command of its own. */
    @Param({"0x1404", "0x4"})
    public String idr3;

    private DeviceTree tree;
    private SimMachine machine;
    private IommuCore core;
    private StreamClient comesAndGoes;
    private DmaApi dma;
    private PagingDomain domain;
    private final Gather gather = new Gather();

    /** Brings the SMMU up and attaches the second master. */
    @Setup
    public void start() {
        tree = DtsReader.read("bench.dts", TREE);
        machine = SimMachine.of(tree, BuiltInModels.factories(), Map.of("smmu3.idr3", idr3));
        core = new IommuCore(new Direct(), e -> {
            throw new IllegalStateException(e);
        });
        Bound bound = (Bound) new SmmuV3Driver(defaults()).probe(device("/iommu@2b400000"));
        core.register("arm-smmu-v3", bound.iommu());
        comesAndGoes = client("/dma@10000000");
        Configuration.Grouped grouped = configure(client("/dma@10010000"));
        domain = (PagingDomain) grouped.group().current();
        dma = new DmaFactory(machine.memory(), machine.pages()).translated(new DmaSpace(domain, List.of()), DmaFacts.plain());
    }

    private StreamClient client(String path) {
        return new StreamClient(path, path, false, tree.byPath(path));
    }

    private Configuration.Grouped configure(StreamClient client) {
        List<Specifier> specifiers = ReferenceList.iommus(tree, tree.byPath(client.path())).entries().stream()
                .map(r -> new Specifier(r.target().path(), r.cells())).toList();
        return (Configuration.Grouped) core.configure(client, specifiers, List.of());
    }

    /** One stream: entry, context, tables; and all of it back with a full invalidation. */
    @Benchmark
    public Configuration attachAndDetach() {
        Configuration grouped = configure(comesAndGoes);
        core.release(comesAndGoes);
        return grouped;
    }

    /** One page through the whole DMA API; unmapping waits for the invalidation. */
    @Benchmark
    public long mapAndUnmap() {
        long address = dma.map(PAGE, 4096, Direction.BIDIRECTIONAL, 0);
        if (address == DmaApi.MAPPING_ERROR) {
            throw new IllegalStateException("no address");
        }
        dma.unmap(address, 4096, Direction.BIDIRECTIONAL, 0);
        return address;
    }

    /** Invalidation of {@value #COMMANDS} pages: one range, or as many commands in batches, and the wait for CMD_SYNC. */
    @Benchmark
    public Gather invalidate() {
        gather.reset();
        gather.add(0x1000_0000L, COMMANDS * 4096L, 4096);
        domain.sync(gather);
        return gather;
    }

    private Device device(String path) {
        Node node = tree.byPath(path);
        return (Device) Proxy.newProxyInstance(Device.class.getClassLoader(), new Class<?>[] {Device.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "path", "name" -> path;
                    case "compatible" -> node.compatible();
                    case "properties" -> node;
                    case "machine" -> machine;
                    case "registerCount" -> node.reg().size();
                    case "registerSize" -> node.reg().get(0).sizeBytes();
                    case "registers" -> machine.map(node.reg().get(0).cpuAddress(), node.reg().get(0).sizeBytes());
                    case "interruptCount" -> ReferenceList.interrupts(tree, node).entries().size();
                    case "interruptLine" -> machine.interrupts()
                            .line(ReferenceList.interrupts(tree, node).entries().get((int) arguments[0]).cells());
                    case "xen" -> Optional.empty();
                    default -> null;
                });
    }

    /** The parameters' default values. */
    private static Parameters defaults() {
        return (Parameters) Proxy.newProxyInstance(Parameters.class.getClassLoader(),
                new Class<?>[] {Parameters.class}, (proxy, method, arguments) -> method.getDefaultValue());
    }

    /** Calls drivers on the spot. */
    private static final class Direct implements DriverCall {
        @Override
        public <T> T ask(String driver, String what, Callable<T> call) {
            try {
                return call.call();
            } catch (Exception e) {
                throw new IllegalStateException(what, e);
            }
        }
    }
}
