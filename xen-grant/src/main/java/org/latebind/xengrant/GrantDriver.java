package org.latebind.xengrant;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.latebind.driver.Binding;
import org.latebind.driver.Device;
import org.latebind.driver.DeviceProperties;
import org.latebind.driver.Driver;
import org.latebind.driver.DriverCapability;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.Machine;
import org.latebind.hardware.xen.GrantInspection;
import org.latebind.hardware.xen.GrantLedger;
import org.latebind.hardware.xen.GrantLedger.Leftover;
import org.latebind.hardware.xen.Hypervisor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The driver {@code xen-grant}: binds {@code xen,grant-dma} nodes. The guest has one grant table however many nodes there
 * are, so the first bound node opens it and the last one lets go of it.
 */
@Component(service = {Driver.class, GrantInspection.class}, configurationPid = "xen-grant",
        property = Driver.NAME + "=" + GrantDriver.NAME)
@Designate(ocd = GrantSettings.class)
@DriverCapability(name = GrantDriver.NAME, compatible = GrantDriver.COMPATIBLE, iommu = true)
public final class GrantDriver implements Driver, GrantInspection {

    static final String NAME = "xen-grant";
    static final String COMPATIBLE = "xen,grant-dma";
    private static final String HYPERVISOR = "xen,xen";

    private final GrantLedger ledger;
    private final GrantRole role;
    private final long virtioFeatures;
    private final List<GrantUnit> units = new ArrayList<>();
    private GuestGrantTable table;
    private Leftovers leftovers;

    /** Makes the driver with module parameters from Configuration Admin. */
    @Activate
    public GrantDriver(@Reference GrantLedger ledger, GrantSettings settings) {
        this(ledger, GrantRole.of(settings.role()), Long.parseUnsignedLong(settings.virtio__features(), 16));
    }

    GrantDriver(GrantLedger ledger, GrantRole role, long virtioFeatures) {
        this.ledger = ledger;
        this.role = role;
        this.virtioFeatures = virtioFeatures;
    }

    @Override
    public ProbeResult probe(Device device) {
        int[] cells = device.properties().cells("#iommu-cells");
        if (cells.length != 1 || cells[0] != 1) {
            return ProbeResult.failed(Errno.EINVAL, "#iommu-cells is not <1>");
        }
        List<String> warnings = new ArrayList<>();
        GrantUnit unit;
        synchronized (this) {
            String error = openTable(device, warnings);
            if (error != null) {
                return ProbeResult.failed(Errno.ENODEV, error);
            }
            unit = new GrantUnit(device, role, virtioFeatures, table, leftovers);
            units.add(unit);
        }
        warnings.forEach(text -> device.log(Device.LogLevel.WARNING, text));
        Binding binding = () -> remove(device, unit);
        return ProbeResult.bound(binding).withIommu(unit);
    }

    /** Opens the table for the first node; returns what is in the way, or null. */
    private String openTable(Device device, List<String> warnings) {
        if (table != null) {
            return null;
        }
        Machine machine = device.machine();
        Hypervisor hypervisor = machine.hypervisor().orElse(null);
        if (hypervisor == null) {
            return "this machine does not run under Xen";
        }
        List<DeviceProperties> nodes = device.findCompatible(HYPERVISOR);
        long[] window = nodes.isEmpty() ? null : window(nodes.get(0), rootCells(device));
        if (window == null) {
            return "no hypervisor node with a window for the grant table";
        }
        GuestGrantTable.Opened opened = GuestGrantTable.open(hypervisor.grants(), machine.memory(), window[0], window[1],
                ledger.leftovers());
        if (opened.error() != null) {
            return opened.error();
        }
        table = opened.table();
        leftovers = new Leftovers(table, machine.pages(), ledger);
        for (int ref : opened.orphans()) {
            warnings.add("grant " + ref + " was given by nobody known and is kept until its user lets go");
            leftovers.keep(new Leftover(Leftover.UNKNOWN, ref, 1, table.entries().frame(ref), 0));
        }
        leftovers.reclaim();
        return null;
    }

    /** Address and size cells of the root node, the parent of the hypervisor node; two each unless it says otherwise. */
    private static int[] rootCells(Device device) {
        for (String compatible : device.boardCompatible()) {
            for (DeviceProperties root : device.findCompatible(compatible)) {
                int[] address = root.cells("#address-cells");
                int[] size = root.cells("#size-cells");
                if ("/".equals(root.path()) && address.length == 1 && size.length == 1) {
                    return new int[] {address[0], size[0]};
                }
            }
        }
        return new int[] {2, 2};
    }

    /** Start and size of the first window of the hypervisor node, or null. */
    private static long[] window(DeviceProperties node, int[] rootCells) {
        int[] reg = node.cells("reg");
        if (rootCells[0] < 1 || rootCells[0] > 2 || rootCells[1] < 1 || rootCells[1] > 2
                || reg.length < rootCells[0] + rootCells[1]) {
            return null;
        }
        long size = number(reg, rootCells[0], rootCells[1]);
        return size <= 0 ? null : new long[] {number(reg, 0, rootCells[0]), size};
    }

    private static long number(int[] cells, int at, int count) {
        long low = Integer.toUnsignedLong(cells[at + count - 1]);
        return count == 1 ? low : (long) cells[at] << 32 | low;
    }

    private void remove(Device device, GrantUnit unit) {
        unit.close();
        reclaim();
        synchronized (this) {
            units.remove(unit);
            if (!units.isEmpty()) {
                return;
            }
            table = null;
            leftovers = null;
        }
        for (Leftover left : ledger.leftovers()) {
            device.log(Device.LogLevel.WARNING, left.device() + ": a backend still uses grants " + left.firstRef() + " to "
                    + (left.firstRef() + left.count() - 1) + "; they and their pages are kept until it lets go");
        }
    }

    @Override
    public synchronized Snapshot snapshot() {
        if (table == null) {
            return new Snapshot(List.of(), 0, 0, 0, 0, List.of(), List.of(), ledger.leftovers());
        }
        List<Client> clients = new ArrayList<>();
        for (GrantUnit unit : units) {
            for (GrantDma dma : unit.records()) {
                clients.add(new Client(dma.devicePath(), unit.path(), dma.backend(), table.held(dma), dma.broken()));
            }
        }
        clients.sort(Comparator.comparing(Client::path));
        List<Grant> grants = new ArrayList<>();
        for (int ref = FreeReferences.RESERVED; ref < table.size(); ref++) {
            GrantOwner owner = table.owner(ref);
            if (owner != null) {
                grants.add(grant(ref, owner));
            }
        }
        return new Snapshot(units.stream().map(GrantUnit::path).toList(), table.version(), table.frames(), table.size(),
                table.freeCount(), clients, grants, ledger.leftovers());
    }

    private Grant grant(int ref, GrantOwner owner) {
        EntryLayout entries = table.entries();
        int inUse = entries.inUse(ref);
        return new Grant(ref, owner.devicePath(), entries.domid(ref), entries.frame(ref),
                (entries.flags(ref) & EntryLayout.READONLY) != 0, (inUse & EntryLayout.READING) != 0,
                (inUse & EntryLayout.WRITING) != 0);
    }

    @Override
    public int reclaim() {
        Leftovers present;
        synchronized (this) {
            present = leftovers;
        }
        return present == null ? 0 : present.reclaim();
    }
}
