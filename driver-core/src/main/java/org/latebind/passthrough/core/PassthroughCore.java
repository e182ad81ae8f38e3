package org.latebind.passthrough.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.RegEntry;
import org.latebind.driver.Errno;
import org.latebind.hardware.Machine;
import org.latebind.hardware.PageAllocator;
import org.latebind.passthrough.Passthrough;
import org.latebind.passthrough.PassthroughResult;
import org.latebind.passthrough.XenHost;
import org.latebind.passthrough.XenIommuOps;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.P2mType;
import org.latebind.pagetable.TlbInvalidation;
import org.latebind.pagetable.XenP2m;

/**
 * The hypervisor: domains, devices and the one table of IOMMU operations. One thread at a time. The devices' owners and
 * specifiers are kept here, not in the driver, so that they outlive it.
 */
public final class PassthroughCore implements Passthrough, XenHost {

    private static final int IPA_BITS_CPU = 48;
    private static final int DOMID_FIRST_RESERVED = 0x7FF0;
    private static final int DOMID_IO = 0x7FF1;
    private static final long BLOCKED_TABLE_BYTES = 8192;
    private static final int DMA_BITS = 40;
    private static final int P2M_PAGES_MAX = 1 << 16;

    private final DeviceTree tree;
    private final Machine machine;
    private final Consumer<String> log;
    private final DeviceTable devices;
    private final Map<Integer, GuestDomain> domains = new TreeMap<>();
    private boolean enabled = true;
    private int ipaBits = IPA_BITS_CPU;
    private XenIommuOps ops;
    private long blockedTable = PageAllocator.NONE;

    /**
     * Makes a hypervisor without domains.
     *
     * @param tree    the host's tree; not null
     * @param machine the host; not null
     * @param log     one line for each event, the order of a release included; not null
     */
    public PassthroughCore(DeviceTree tree, Machine machine, Consumer<String> log) {
        this.tree = tree;
        this.machine = machine;
        this.log = log;
        this.devices = new DeviceTable(tree);
    }

    /** Takes the result of the boot-time set-up: without IOMMU nothing is protected and nothing can be assigned. */
    public void setupFinished(Errno result) {
        enabled = result == null;
        log.accept(enabled ? "I/O virtualisation enabled" : "I/O virtualisation disabled");
    }

    @Override
    public void restrictIpaBits(int bits) {
        ipaBits = Math.min(ipaBits, XenP2m.restrictIpaBits(bits));
    }

    @Override
    public void setOps(XenIommuOps wanted) {
        if (ops != null && !ops.driver().equals(wanted.driver())) {
            log.accept("WARNING: IOMMU operations of " + wanted.driver() + " ignored, " + ops.driver() + " was first");
            return;
        }
        if (ops != wanted) {
            ops = wanted;
            // A driver that came back knows nothing of the domains that outlived it.
            domains.values().forEach(wanted::initDomain);
        }
    }

    @Override
    public void unitUp(String path) {
        for (DtDevice device : devices.known()) {
            if (device.quarantined() && device.owner() != null && path.equals(device.iommuPath())) {
                Errno error = restore(device);
                log.accept(device.path() + (error == null ? " assigned again to domain " + device.owner().id()
                        : " stays quarantined: " + error));
            }
        }
    }

    private Errno restore(DtDevice device) {
        Errno error = ops.assign(device.owner(), device);
        if (error == null) {
            device.quarantined(false);
        }
        return error;
    }

    @Override
    public void unitDown(String path) {
        for (DtDevice device : devices.known()) {
            if (device.owner() != null && !device.quarantined() && path.equals(device.iommuPath())) {
                ops.quarantine(device.owner(), device);
                device.quarantined(true);
                log.accept(device.path() + " quarantined: its IOMMU goes while domain " + device.owner().id() + " lives");
            }
        }
    }

    @Override
    public long blockedTable() {
        if (blockedTable == PageAllocator.NONE) {
            blockedTable = machine.pages().allocate(BLOCKED_TABLE_BYTES, BLOCKED_TABLE_BYTES, DMA_BITS);
        }
        return blockedTable;
    }

    @Override
    public boolean quarantined() {
        return devices.known().stream().anyMatch(DtDevice::quarantined);
    }

    /**
     * Adds a device to the IOMMU ({@code iommu_add_dt_device}).
     *
     * @return 0 protected, 1 need not be protected, negative error number
     */
    public int addDtDevice(String path) {
        DtDevice device = devices.find(path);
        return device == null ? -Errno.ENODEV.number() : devices.add(device, enabled, ops);
    }

    /**
     * Removes a device from the IOMMU ({@code iommu_remove_dt_device}).
     *
     * @return 0 removed, 1 without an IOMMU, negative error number
     */
    public int removeDtDevice(String path) {
        DtDevice device = devices.find(path);
        return device == null ? -Errno.ENODEV.number() : devices.remove(device, enabled, ops);
    }

    /**
     * Builds the hardware domain: all memory under its own addresses; every device that no driver of Xen uses and that is
     * not set aside for passthrough is added and, when protected, assigned.
     *
     * @return 0, or the negative error number that stops the boot
     */
    public int buildHardwareDomain() {
        GuestDomain domain = newDomain(0);
        if (domain == null) {
            return -Errno.ENOMEM.number();
        }
        for (Node node : tree.root().children()) {
            if ("memory".equals(node.string("device_type"))) {
                for (RegEntry entry : node.reg()) {
                    domain.mapDirect(entry.busAddress(), entry.sizeBytes());
                }
            }
        }
        for (Node node : tree.nodes()) {
            if (node.has("xen,passthrough") || !node.has("iommus")) {
                continue;
            }
            int added = addDtDevice(node.path());
            DtDevice device = devices.find(node.path());
            if (added < 0) {
                log.accept("domain 0: " + node.path() + ": error " + added);
                return added;
            }
            if (device.isProtected()) {
                PassthroughResult result = assignTo(domain, device);
                if (!result.ok()) {
                    return result.code();
                }
            }
        }
        return 0;
    }

    @Override
    public PassthroughResult createHardwareDomain() {
        if (!domains.isEmpty()) {
            return PassthroughResult.refused(Errno.EBUSY, "the hardware domain is the first; there is domain "
                    + domains.keySet().iterator().next());
        }
        if (!enabled || ops == null) {
            return PassthroughResult.refused(Errno.ENODEV, "no IOMMU is up");
        }
        int error = buildHardwareDomain();
        return error == 0 ? PassthroughResult.done("domain 0 built, " + domains.get(0).devices().size() + " devices")
                : new PassthroughResult(error, "domain 0 stopped with error " + error);
    }

    private GuestDomain newDomain(int id) {
        FlushOf tlb = new FlushOf();
        XenP2m p2m = XenP2m.allocate(ipaBits, machine.memory(), machine.pages(), tlb);
        if (p2m == null) {
            return null;
        }
        GuestDomain domain = new GuestDomain(id, p2m, machine);
        tlb.domain = domain;
        domains.put(id, domain);
        if (ops != null && enabled) {
            ops.initDomain(domain);
        }
        return domain;
    }

    @Override
    public PassthroughResult create(int domid, long memoryBytes) {
        if (domid < 1 || domid >= DOMID_FIRST_RESERVED) {
            return PassthroughResult.refused(Errno.EINVAL, "domain id " + domid + " is not one of a guest (1 to 0x7fef)");
        }
        if (domains.containsKey(domid)) {
            return PassthroughResult.refused(Errno.EEXIST, "domain " + domid + " is there already");
        }
        if (!enabled || ops == null) {
            return PassthroughResult.refused(Errno.EINVAL, "no IOMMU is enabled, a guest with passthrough cannot be created");
        }
        if (memoryBytes <= 0 || memoryBytes > 1L << ipaBits - 1) {
            return PassthroughResult.refused(Errno.EINVAL, "memory of " + memoryBytes + " bytes");
        }
        long size = memoryBytes + 4095 & -4096L;
        GuestDomain domain = newDomain(domid);
        if (domain == null || !domain.populate(size)) {
            if (domain != null) {
                freeDomain(domain);
            }
            return PassthroughResult.refused(Errno.ENOMEM, "no memory for domain " + domid);
        }
        log.accept("domain " + domid + " created");
        return PassthroughResult.done("domain " + domid + " created, " + size + " bytes at guest address 0x40000000");
    }

    @Override
    public PassthroughResult assign(int domid, String devicePath) {
        GuestDomain domain = domains.get(domid);
        if (domain == null) {
            return noDomain(domid);
        }
        if (!enabled || ops == null) {
            return PassthroughResult.refused(Errno.EOPNOTSUPP, "no IOMMU is enabled");
        }
        if (domain.dying()) {
            return PassthroughResult.refused(Errno.EINVAL, "domain " + domid + " is dying");
        }
        DtDevice device = devices.find(devicePath);
        if (device == null) {
            return PassthroughResult.refused(Errno.ENODEV, "the tree has no " + devicePath);
        }
        // A PCI function is added once, when its bus is scanned; a device of the tree whenever somebody asks.
        boolean known = device.requesterId().isPresent() && device.hasSpecifier();
        int added = known ? 0 : devices.add(device, enabled, ops);
        if (added < 0) {
            return new PassthroughResult(added, Errno.of(added) + ": " + devicePath + " cannot be added to the IOMMU");
        }
        return assignTo(domain, device);
    }

    /** The domain that owns what nobody owns takes no device of the tree; all others must exist. */
    private static PassthroughResult noDomain(int domid) {
        return domid == DOMID_IO ? PassthroughResult.refused(Errno.EINVAL, "domain 0x7ff1 (I/O) takes no device of the tree")
                : PassthroughResult.refused(Errno.ESRCH, "no domain " + domid);
    }

    /** {@code iommu_assign_dt_device}. */
    private PassthroughResult assignTo(GuestDomain domain, DtDevice device) {
        if (!device.isProtected()) {
            return PassthroughResult.refused(Errno.EINVAL, device.path() + " is not protected by an IOMMU");
        }
        if (device.owner() != null) {
            return PassthroughResult.refused(Errno.EBUSY, device.path() + " belongs to domain " + device.owner().id());
        }
        Errno error = ops.assign(domain, device);
        if (error != null) {
            return PassthroughResult.refused(error, device.path() + " could not be put behind the table of domain "
                    + domain.id());
        }
        domain.devices().add(0, device);
        device.owner(domain);
        log.accept(device.path() + " assigned to domain " + domain.id());
        return PassthroughResult.done(device.path() + " assigned to domain " + domain.id());
    }

    @Override
    public PassthroughResult testAssign(String devicePath) {
        DtDevice device = devices.find(devicePath);
        if (device == null) {
            return PassthroughResult.refused(Errno.ENODEV, "the tree has no " + devicePath);
        }
        return device.owner() != null
                ? PassthroughResult.refused(Errno.EINVAL, devicePath + " belongs to domain " + device.owner().id())
                : PassthroughResult.done(devicePath + " is free");
    }

    @Override
    public PassthroughResult deassign(int domid, String devicePath) {
        GuestDomain domain = domains.get(domid);
        DtDevice device = devices.find(devicePath);
        if (domain == null) {
            return noDomain(domid);
        }
        if (!enabled || ops == null) {
            return PassthroughResult.refused(Errno.EOPNOTSUPP, "no IOMMU is enabled");
        }
        if (device == null) {
            return PassthroughResult.refused(Errno.ENODEV, "the tree has no " + devicePath);
        }
        return deassignFrom(domain, device);
    }

    /** {@code iommu_deassign_dt_device}: the device goes to nobody, never back to the hardware domain. */
    private PassthroughResult deassignFrom(GuestDomain domain, DtDevice device) {
        if (!enabled || !device.isProtected()) {
            return PassthroughResult.refused(Errno.EINVAL, device.path() + " is not protected by an IOMMU");
        }
        // A quarantined device is in nobody's context any more: there is nothing to take back from the hardware.
        if (!device.quarantined() || device.owner() != domain) {
            Errno error = ops.reassign(domain, null, device);
            if (error != null) {
                return PassthroughResult.refused(error, device.path() + " is not a device of domain " + domain.id());
            }
        }
        domain.devices().remove(device);
        device.owner(null);
        log.accept(device.path() + " deassigned from domain " + domain.id());
        return PassthroughResult.done(device.path() + " belongs to nobody now");
    }

    @Override
    public PassthroughResult reboot(int domid) {
        GuestDomain domain = domains.get(domid);
        if (domain == null || domid == 0) {
            return PassthroughResult.refused(domain == null ? Errno.ESRCH : Errno.EINVAL, "no guest " + domid);
        }
        List<String> paths = new ArrayList<>(domain.devices().stream().map(DtDevice::path).toList());
        java.util.Collections.reverse(paths);
        long size = domain.memoryBytes();
        PassthroughResult destroyed = destroy(domid);
        if (!destroyed.ok()) {
            return destroyed;
        }
        PassthroughResult created = create(domid, size);
        for (int i = 0; created.ok() && i < paths.size(); i++) {
            PassthroughResult assigned = assign(domid, paths.get(i));
            if (!assigned.ok()) {
                return assigned;
            }
        }
        return created.ok() ? PassthroughResult.done("domain " + domid + " rebooted with " + paths.size() + " devices") : created;
    }

    @Override
    public PassthroughResult destroy(int domid) {
        GuestDomain domain = domains.get(domid);
        if (domain == null || domid == 0) {
            return PassthroughResult.refused(domain == null ? Errno.ESRCH : Errno.EINVAL, "no guest " + domid);
        }
        domain.markDying();
        for (DtDevice device : List.copyOf(domain.devices())) {
            PassthroughResult released = deassignFrom(domain, device);
            if (!released.ok()) {
                // Its DMA may still run: the memory stays where it is, the domain stays dying, a second destroy tries again.
                return new PassthroughResult(released.code(), "domain " + domid + " stays dying: " + released.text());
            }
        }
        freeDomain(domain);
        return PassthroughResult.done("domain " + domid + " destroyed");
    }

    /** Memory, then mappings, then the context, which walked an empty table to the end, then the table. */
    private void freeDomain(GuestDomain domain) {
        domain.releaseMemory();
        log.accept("domain " + domain.id() + ": memory freed");
        domain.dropMappings();
        log.accept("domain " + domain.id() + ": mappings dropped");
        domains.remove(domain.id());
        if (ops != null) {
            ops.teardownDomain(domain);
            log.accept("domain " + domain.id() + ": IOMMU context freed");
        }
        domain.p2m().free();
        log.accept("domain " + domain.id() + ": table freed");
    }

    @Override
    public List<Status> list() {
        List<Status> all = new ArrayList<>();
        for (GuestDomain domain : domains.values()) {
            all.add(new Status(domain.id(), domain.memoryBytes(), domain.p2mRoot(), domain.ipaBits(),
                    ops == null ? "" : ops.describe(domain), domain.devices().stream().map(DtDevice::path).toList()));
        }
        return all;
    }

    @Override
    public List<Mapping> p2m(int domid, long guestAddress, int pages) {
        List<Mapping> lines = new ArrayList<>();
        GuestDomain domain = domains.get(domid);
        for (int i = 0; domain != null && i < Math.min(pages, P2M_PAGES_MAX); i++) {
            long address = (guestAddress & -4096L) + i * 4096L;
            long entry = domain.p2m().entry(address >>> GuestDomain.PAGE_SHIFT);
            lines.add(new Mapping(address, domain.p2m().translate(address), entry,
                    P2mType.of(entry).name().toLowerCase(java.util.Locale.ROOT)));
        }
        return lines;
    }

    /** A live table tells the IOMMU of every change. */
    private final class FlushOf implements TlbInvalidation {
        private GuestDomain domain;

        @Override
        public void flushAll() {
            if (ops != null && domain != null && domains.get(domain.id()) == domain) {
                ops.flush(domain);
            }
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
            flushAll();
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
            flushAll();
        }
    }
}
