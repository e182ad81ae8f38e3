package org.latebind.ipmmu.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.IommuMap;
import org.latebind.devicetree.LinuxDeviceName;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.driver.Binding;
import org.latebind.driver.Bound;
import org.latebind.driver.Deferred;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.DmaMaster;
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
import org.latebind.passthrough.core.IommuSetup;
import org.latebind.passthrough.core.PassthroughCore;

/** A board on simulated hardware with this driver and the live IOMMU core, without OSGi and without a probe engine. */
final class Bench {

    final DeviceTree tree;
    final SimMachine machine;
    IpmmuDriver driver;
    final IommuCore core;
    final List<String> log = new ArrayList<>();
    final List<String> trace = new ArrayList<>();
    /** Null in Linux mode. */
    PassthroughCore passthrough;
    private final Map<String, Binding> bindings = new LinkedHashMap<>();
    private final Map<String, StreamClient> clients = new HashMap<>();

    Bench(DeviceTree tree, AllowRule rule, Map<String, String> options) {
        this(tree, rule, Flavour.LINUX, options);
    }

    Bench(DeviceTree tree, AllowRule rule, Flavour flavour, Map<String, String> options) {
        this.tree = tree;
        this.machine = SimMachine.of(tree, BuiltInModels.factories(), options);
        this.driver = new IpmmuDriver(rule, flavour);
        this.core = new IommuCore(new DriverCall() {
            @Override
            public <T> T ask(String name, String what, Callable<T> call) throws DriverMisbehavedException {
                try {
                    return call.call();
                } catch (Exception e) {
                    throw new AssertionError(name + " threw in " + what, e);
                }
            }
        }, e -> {
            throw new AssertionError(e);
        });
        machine.addListener((path, window, offset, write, value) -> {
            if (write) {
                trace.add(String.format("%s +0x%05x = 0x%08x",
                        LinuxDeviceName.of(tree.byPath(path)).replace(".iommu", ""), offset, value));
            }
        });
    }

    Bench(DeviceTree tree, AllowRule rule) {
        this(tree, rule, Map.of());
    }

    /** A board under Xen; nothing is probed yet. */
    static Bench xen(DeviceTree tree, Map<String, String> options) {
        Bench bench = new Bench(tree, AllowRule.LINUX, options);
        bench.passthrough = new PassthroughCore(tree, bench.machine, bench.log::add);
        return bench;
    }

    /** Xen's boot: the fixpoint over the nodes in the given order. */
    IommuSetup bootXen(List<String> order) {
        IommuSetup setup = IommuSetup.run(order, path -> {
            ProbeResult result = probe(path);
            return result instanceof Bound ? null : result instanceof Deferred ? Errno.EAGAIN : ((Failed) result).errno();
        });
        passthrough.setupFinished(setup.result());
        return setup;
    }

    IommuSetup bootXen() {
        return bootXen(units().stream().map(Node::path).toList());
    }

    /** The bundle stops: leaves first, then roots. Nothing of the driver object is used again. */
    void unloadDriver() {
        List<String> paths = new ArrayList<>(bindings.keySet());
        paths.sort((a, b) -> Boolean.compare(tree.byPath(b).has(IpmmuDriver.MAIN), tree.byPath(a).has(IpmmuDriver.MAIN)));
        paths.forEach(this::remove);
        driver = new IpmmuDriver(AllowRule.LINUX, Flavour.LINUX);
    }

    /** IPMMU nodes that the driver matches and that are available, in document order. */
    List<Node> units() {
        return tree.nodes().stream().filter(n -> Features.of(n.compatible()) != null && n.available()).toList();
    }

    BenchDevice device(String path) {
        return new BenchDevice(tree, tree.byPath(path), machine, log::add).underXen(passthrough);
    }

    ProbeResult probe(String path) {
        return probe(device(path));
    }

    ProbeResult probe(BenchDevice device) {
        ProbeResult result = driver.probe(device);
        if (result instanceof Bound bound) {
            bindings.put(device.path(), bound.binding());
            if (bound.iommu() != null) {
                core.register("ipmmu-vmsa", bound.iommu());
            }
        }
        return result;
    }

    /** Probes in the given order; what defers is tried again after each success. Returns the paths left over. */
    List<String> probeAll(List<String> order) {
        Deque<String> deferred = new ArrayDeque<>();
        for (String path : order) {
            settle(path, deferred);
        }
        return List.copyOf(deferred);
    }

    private void settle(String path, Deque<String> deferred) {
        ProbeResult result = probe(path);
        if (result instanceof Deferred) {
            deferred.add(path);
        } else if (result instanceof Bound) {
            List<String> again = List.copyOf(deferred);
            deferred.clear();
            again.forEach(p -> settle(p, deferred));
        } else {
            throw new AssertionError(path + ": " + result);
        }
    }

    List<String> probeAll() {
        return probeAll(units().stream().map(Node::path).toList());
    }

    Binding binding(String path) {
        return bindings.get(path);
    }

    /** Unregisters and removes, as the core does on unbind. */
    void remove(String path) {
        core.unregister(path);
        bindings.remove(path).close();
    }

    StreamClient client(String path) {
        return clients.computeIfAbsent(path, p -> {
            int at = p.lastIndexOf('@');
            Node node = tree.byPath(p);
            return node != null ? new StreamClient(p, LinuxDeviceName.of(node), false, node)
                    : new StreamClient(p, p.substring(at + 1), true, tree.byPath(p.substring(0, at)));
        });
    }

    /** What the tree says of a device, or of a PCI function {@code host@requesterId}. */
    List<Specifier> specifiers(String path) {
        List<Specifier> specifiers = new ArrayList<>();
        Node node = tree.byPath(path);
        if (node == null) {
            int at = path.lastIndexOf('@');
            IommuMap map = IommuMap.of(tree, tree.byPath(path.substring(0, at)), IommuMap.Reading.TARGET_CELLS);
            int masked = Integer.parseInt(path.substring(at + 1), 16) & map.mask().orElse(-1);
            for (IommuMap.Entry entry : map.entries()) {
                if (entry.matches(masked)) {
                    specifiers.add(new Specifier(entry.iommu().path(), entry.outBase()[0] + masked - entry.ridBase()));
                }
            }
            return specifiers;
        }
        for (Reference reference : ReferenceList.iommus(tree, node).entries()) {
            specifiers.add(new Specifier(reference.target().path(), reference.cells()));
        }
        return specifiers;
    }

    Configuration attach(String path) {
        return core.configure(client(path), specifiers(path), List.of());
    }

    void release(String path) {
        core.release(client(path));
    }

    PagingDomain domain(String path) {
        return (PagingDomain) core.groupOf(client(path)).orElseThrow().current();
    }

    DmaMaster master(String path) {
        return machine.master(path).orElseThrow();
    }

    /** Writes through the master and reads back by the CPU; returns how the transfer ended. */
    DmaResult.Kind transfer(String path, int stream, long busAddress, byte[] data) {
        return master(path).write(stream, busAddress, data).kind();
    }

    byte[] memory(long address, int length) {
        byte[] bytes = new byte[length];
        machine.memory().read(address, bytes, 0, length);
        return bytes;
    }

    long page() {
        return machine.pages().allocate(4096, 4096, 40);
    }

    List<String> rules() {
        return machine.findings().stream().map(f -> f.rule()).distinct().toList();
    }

    /** Writes so far, table addresses made independent of the allocator; then forgets them. */
    List<String> takeTrace() {
        List<String> taken = List.copyOf(trace);
        trace.clear();
        return taken;
    }
}
