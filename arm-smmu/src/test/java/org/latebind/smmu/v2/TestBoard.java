package org.latebind.smmu.v2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.IommuMap;
import org.latebind.devicetree.LinuxDeviceName;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.driver.Bound;
import org.latebind.driver.Driver;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.DmaResult;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.core.Configuration;
import org.latebind.iommu.core.DriverCall;
import org.latebind.iommu.core.DriverMisbehavedException;
import org.latebind.iommu.core.IommuCore;
import org.latebind.iommu.core.Specifier;
import org.latebind.iommu.core.StreamClient;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;

/** A board with simulated hardware, the driver, and the core's own bookkeeping of units and groups. */
final class TestBoard {

    final DeviceTree tree;
    final SimMachine machine;
    final IommuCore core;
    final Map<String, NodeDevice> devices = new HashMap<>();
    final Map<String, Bound> bound = new LinkedHashMap<>();
    private final Map<String, StreamClient> clients = new HashMap<>();
    private Driver driver;

    private TestBoard(DeviceTree tree, Map<String, String> options, Parameters parameters) {
        this.tree = tree;
        machine = SimMachine.of(tree, BuiltInModels.factories(), options);
        driver = new ArmSmmuDriver(parameters);
        core = new IommuCore(new Direct(), e -> {
            throw new AssertionError(e);
        });
    }

    static TestBoard of(DeviceTree tree, Map<String, String> options, Parameters parameters) {
        return new TestBoard(tree, options, parameters);
    }

    /** A board from the text inside the root node; memory, interrupt controller and cell sizes are added. */
    static TestBoard of(String nodes, Map<String, String> options, Parameters parameters) {
        return of(DtsReader.read("test.dts", """
                /dts-v1/;
                / { compatible = "latebind,test"; #address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;
                  memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x10000000>; };
                  gic: interrupt-controller@1000 { compatible = "arm,gic-400"; reg = <0 0x1000 0 0x1000>;
                    interrupt-controller; #interrupt-cells = <3>; };
                """ + nodes + "\n};\n"), options, parameters);
    }

    static TestBoard of(String nodes) {
        return of(nodes, Map.of(), Parameters.DEFAULT);
    }

    /** Source text of an SMMU at 0x2b400000 with label {@code smmu}. */
    static String smmu(String compatible, long size, int cells, int contextInterrupts, String more) {
        StringBuilder interrupts = new StringBuilder("<0 100 4>");
        for (int i = 0; i < contextInterrupts; i++) {
            interrupts.append(", <0 ").append(101 + i).append(" 4>");
        }
        return String.format("smmu: iommu@2b400000 { compatible = %s; reg = <0 0x2b400000 0 0x%x>; #global-interrupts = <1>; "
                + "#iommu-cells = <%d>; interrupts = %s; %s };%n", compatible, size, cells, interrupts, more);
    }

    ProbeResult probe(String path) {
        NodeDevice device = new NodeDevice(tree, tree.byPath(path), machine);
        devices.put(path, device);
        ProbeResult result = driver.probe(device);
        if (result instanceof Bound b) {
            bound.put(path, b);
            core.register("arm-smmu", b.iommu());
        }
        return result;
    }

    void unload(String path) {
        core.unregister(path);
        bound.remove(path).binding().close();
    }

    SmmuDevice smmu(String path) {
        return (SmmuDevice) bound.get(path).iommu();
    }

    Configuration configure(String master) {
        Node node = tree.byPath(master);
        List<Specifier> specifiers = new ArrayList<>();
        for (Reference r : ReferenceList.iommus(tree, node).entries()) {
            specifiers.add(new Specifier(r.target().path(), r.cells()));
        }
        return core.configure(client(master, node, false), specifiers, List.of());
    }

    /** A legacy master: its SMMU names it and its ids. */
    Configuration configureLegacy(String master) {
        Node node = tree.byPath(master);
        List<Specifier> specifiers = new ArrayList<>();
        for (Node smmu : tree.nodes()) {
            for (Reference r : ReferenceList.mmuMasters(tree, smmu).entries()) {
                if (r.target() == node) {
                    for (int i = 0; i < r.cellCount(); i++) {
                        specifiers.add(new Specifier(smmu.path(), r.cell(i)));
                    }
                }
            }
        }
        return core.configure(client(master, node, false), specifiers, List.of());
    }

    Configuration configureFunction(String host, int requesterId) {
        Node node = tree.byPath(host);
        String path = String.format("%s@%04x", host, requesterId);
        IommuMap.Answer answer = IommuMap.of(tree, node, IommuMap.Reading.TARGET_CELLS).translate(requesterId);
        Reference reference = ((IommuMap.Mapped) answer).reference();
        return core.configure(client(path, node, true), List.of(new Specifier(reference.target().path(), reference.cells())),
                List.of());
    }

    StreamClient client(String path, Node node, boolean pci) {
        return clients.computeIfAbsent(path, p -> new StreamClient(p, LinuxDeviceName.of(node), pci, node));
    }

    StreamClient client(String path) {
        return clients.get(path);
    }

    /** The paging domain a configured client is in. */
    PagingDomain domain(String path) {
        return (PagingDomain) core.groupOf(clients.get(path)).orElseThrow().current();
    }

    DmaResult read(String master, int stream, long address) {
        return machine.master(master).orElseThrow().read(stream, address, new byte[8]);
    }

    List<String> findings() {
        return machine.findings().stream().map(f -> f.rule() + ": " + f.detail()).toList();
    }

    /** Calls drivers on the spot. */
    private static final class Direct implements DriverCall {
        @Override
        public <T> T ask(String name, String what, Callable<T> call) throws DriverMisbehavedException {
            try {
                return call.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(what, e);
            }
        }
    }
}
