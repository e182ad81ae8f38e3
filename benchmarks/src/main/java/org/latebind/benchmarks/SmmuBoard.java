package org.latebind.benchmarks;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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
import org.latebind.driver.Driver;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.core.Configuration;
import org.latebind.iommu.core.DriverCall;
import org.latebind.iommu.core.IommuCore;
import org.latebind.iommu.core.Specifier;
import org.latebind.iommu.core.StreamClient;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;

/**
 * A board with one SMMU on its model and two masters: the first comes and goes, the second is attached and has the whole DMA API.
 * What the SMMU benchmarks have in common.
 */
final class SmmuBoard {

    private static final long PAGE = 0x8100_0000L;
    private static final String SMMU = "/iommu@2b400000";
    private static final String TREE = """
            /dts-v1/;
            / { #address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;
              memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x10000000>; };
              gic: interrupt-controller@1000 { compatible = "arm,gic-400"; reg = <0 0x1000 0 0x1000>;
                interrupt-controller; #interrupt-cells = <3>; };
              smmu: iommu@2b400000 { reg = <0 0x2b400000 0 0x20000>; #iommu-cells = <1>; %s };
              dma@10000000 { compatible = "bench,dma"; iommus = <&smmu 0x10>; };
              dma@10010000 { compatible = "bench,dma"; iommus = <&smmu 0x20>; };
            };
            """;

    private final DeviceTree tree;
    private final SimMachine machine;
    private final IommuCore core;
    private final StreamClient comesAndGoes;
    private final PagingDomain domain;
    private final DmaApi dma;

    /**
     * Brings the SMMU up and attaches the second master.
     *
     * @param properties further properties of the SMMU's node
     * @param options    options of the machine
     */
    SmmuBoard(Driver driver, String properties, Map<String, String> options) {
        tree = DtsReader.read("bench.dts", String.format(TREE, properties));
        machine = SimMachine.of(tree, BuiltInModels.factories(), options);
        core = new IommuCore(new Direct(), e -> {
            throw new IllegalStateException(e);
        });
        Bound bound = (Bound) driver.probe(device());
        core.register("smmu", bound.iommu());
        comesAndGoes = client("/dma@10000000");
        Configuration.Grouped grouped = (Configuration.Grouped) configure(client("/dma@10010000"));
        domain = (PagingDomain) grouped.group().current();
        dma = new DmaFactory(machine.memory(), machine.pages()).translated(new DmaSpace(domain, List.of()), DmaFacts.plain());
    }

    /** The domain of the second master. */
    PagingDomain domain() {
        return domain;
    }

    /** One stream: entry, context, tables; and all of it back with a full invalidation. */
    Configuration attachAndDetach() {
        Configuration grouped = configure(comesAndGoes);
        core.release(comesAndGoes);
        return grouped;
    }

    /** One page through the whole DMA API; unmapping waits for the invalidation. */
    long mapAndUnmap() {
        long address = dma.map(PAGE, 4096, Direction.BIDIRECTIONAL, 0);
        if (address == DmaApi.MAPPING_ERROR) {
            throw new IllegalStateException("no address");
        }
        dma.unmap(address, 4096, Direction.BIDIRECTIONAL, 0);
        return address;
    }

    private StreamClient client(String path) {
        return new StreamClient(path, path, false, tree.byPath(path));
    }

    private Configuration configure(StreamClient client) {
        List<Specifier> specifiers = ReferenceList.iommus(tree, tree.byPath(client.path())).entries().stream()
                .map(r -> new Specifier(r.target().path(), r.cells())).toList();
        return core.configure(client, specifiers, List.of());
    }

    private Device device() {
        Node node = tree.byPath(SMMU);
        return (Device) Proxy.newProxyInstance(Device.class.getClassLoader(), new Class<?>[] {Device.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "path", "name" -> SMMU;
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

    /** A driver's parameters with their default values. */
    static <T> T defaults(Class<T> parameters) {
        return parameters.cast(Proxy.newProxyInstance(parameters.getClassLoader(), new Class<?>[] {parameters},
                (proxy, method, arguments) -> method.getDefaultValue()));
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
