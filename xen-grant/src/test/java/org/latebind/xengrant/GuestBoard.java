package org.latebind.xengrant;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DeviceTreeFile;
import org.latebind.devicetree.IommuMap;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.ReferenceList;
import org.latebind.dma.DmaApi;
import org.latebind.driver.Bound;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.internal.xen.KeptGrants;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.core.Configuration;
import org.latebind.iommu.core.IommuCore;
import org.latebind.iommu.core.Specifier;
import org.latebind.iommu.core.StreamClient;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;
import org.latebind.machine.TreeNodeDevice;
import org.latebind.machine.xen.DomainSpec;
import org.latebind.machine.xen.MapRequest;
import org.latebind.machine.xen.UnmapRequest;
import org.latebind.machine.xen.XenHypervisor;
import org.latebind.machine.xen.XenPlatform;

/** A board of the project with its simulated machine, the real IOMMU core and the driver under test. */
final class GuestBoard {

    static final Path VIRTIO_GUEST = Path.of("../boards/xen-guest-virtio.dts");
    static final Path DOM0 = Path.of("../boards/xen-dom0.dts");
    static final String DISK = "/virtio@2000000";
    static final String SECOND_DISK = "/virtio@2000200";
    static final long WINDOW = 0x3800_0000L;
    static final long THERE = 0x1_0000_0000L;

    final DeviceTree tree;
    final SimMachine machine;
    /** Null when the board has no hypervisor. */
    final XenHypervisor xen;
    final KeptGrants ledger = new KeptGrants();
    final List<String> log = new ArrayList<>();
    IommuCore core = core();
    GrantDriver driver;
    private final Map<String, Bound> bound = new LinkedHashMap<>();
    private final Map<String, StreamClient> clients = new LinkedHashMap<>();

    GuestBoard() {
        this(DeviceTreeFile.read(VIRTIO_GUEST), Map.of());
    }

    GuestBoard(DeviceTree tree, Map<String, String> options) {
        this.tree = tree;
        machine = SimMachine.of(tree, BuiltInModels.factories(), options);
        xen = machine.hypervisor().map(hypervisor -> ((XenPlatform) hypervisor).xen()).orElse(null);
        for (int domid : xen == null ? new int[0] : new int[] {0, 2, 3}) {
            xen.create(DomainSpec.backend(domid));
        }
    }

    static GuestBoard withFrames(int maxFrames) {
        return new GuestBoard(DeviceTreeFile.read(VIRTIO_GUEST), Map.of("xen.gnttab-max-frames", Integer.toString(maxFrames)));
    }

    private IommuCore core() {
        return new IommuCore(GuestBoard::call, report -> {
            throw new AssertionError(report);
        });
    }

    private static <T> T call(String driver, String what, java.util.concurrent.Callable<T> call) {
        try {
            return call.call();
        } catch (Exception e) {
            throw new AssertionError(driver + ": " + what, e);
        }
    }

    PhysicalMemory memory() {
        return machine.memory();
    }

    /** Starts the driver as the core does: every grant node is probed and its unit registered. */
    List<ProbeResult> start(GrantRole role, long features) {
        driver = new GrantDriver(ledger, role, features);
        List<ProbeResult> results = new ArrayList<>();
        for (Node node : tree.findCompatible(GrantDriver.COMPATIBLE)) {
            ProbeResult result = driver.probe(new TreeNodeDevice(tree, node, machine, (level, text) -> log.add(text)));
            results.add(result);
            if (result instanceof Bound success) {
                bound.put(node.path(), success);
                core.register(GrantDriver.NAME, success.iommu());
            }
        }
        return results;
    }

    GuestBoard start() {
        start(GrantRole.FULL, VirtioCheck.VERSION_1 | VirtioCheck.ACCESS_PLATFORM);
        return this;
    }

    /** Stops the driver: consumers first, then the unit, then the binding. */
    void stop() {
        List.copyOf(clients.keySet()).forEach(this::unbind);
        bound.keySet().forEach(core::unregister);
        bound.values().forEach(b -> b.binding().close());
        bound.clear();
        clients.clear();
    }

    /** Configures a platform device behind its IOMMU. */
    Configuration configure(String path) {
        Node node = tree.byPath(path);
        List<Specifier> specifiers = ReferenceList.iommus(tree, node).entries().stream()
                .map(r -> new Specifier(r.target().path(), r.cells())).toList();
        StreamClient client = new StreamClient(path, path.substring(1), false, node);
        clients.put(path, client);
        return core.configure(client, specifiers, List.of());
    }

    /** Configures a PCI function by its requester id; null when the host's map does not name it. */
    Configuration configurePci(String host, int rid) {
        Node node = tree.byPath(host);
        String path = host + "@" + Integer.toHexString(rid);
        StreamClient client = new StreamClient(path, path, true, node);
        clients.put(path, client);
        if (IommuMap.of(tree, node, IommuMap.Reading.FOUR_CELLS).translate(rid) instanceof IommuMap.Mapped mapped) {
            return core.configure(client, List.of(new Specifier(mapped.reference().target().path(),
                    mapped.reference().cells())), List.of());
        }
        return null;
    }

    /** The DMA API a client gets from its unit, as the core asks for it at bind. */
    DmaApi dma(String path) {
        StreamClient client = clients.get(path);
        return bound.values().stream().map(b -> b.iommu().dmaApi(client)).filter(api -> api != null).findFirst().orElse(null);
    }

    /** A client that is configured and bound. */
    GrantDma bind(String path) {
        configure(path);
        return (GrantDma) dma(path);
    }

    /** The client's driver lets go. */
    void unbind(String path) {
        bound.values().forEach(b -> b.iommu().endDmaApi(clients.get(path)));
    }

    /** The unit of the first grant node. */
    IommuOps unit() {
        return bound.values().iterator().next().iommu();
    }

    int records() {
        return driver.snapshot().devices().size();
    }

    int free() {
        return driver.snapshot().free();
    }

    int status(int backend, int ref, boolean readOnly, int slot) {
        return map(backend, ref, readOnly, slot).status().code();
    }

    MapRequest.Result map(int backend, int ref, boolean readOnly, int slot) {
        return xen.map(backend, MapRequest.host(1, ref, THERE + slot * 4096L, readOnly));
    }

    int unmap(int backend, int handle, int slot) {
        return xen.unmap(backend, UnmapRequest.host(THERE + slot * 4096L, handle)).code();
    }

    int flags(int ref) {
        return memory().read16(WINDOW + ref * 8L);
    }
}
