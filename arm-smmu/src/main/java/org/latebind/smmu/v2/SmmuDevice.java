package org.latebind.smmu.v2;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.latebind.driver.Binding;
import org.latebind.driver.Device;
import org.latebind.driver.Errno;
import org.latebind.hardware.Interrupts;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.GuestStage1;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.NestedDomain;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.iommu.ReservedRegion;
import org.latebind.iommu.Translation;

/** One SMMU that was brought up: its clients, its domains, and the way down. */
final class SmmuDevice implements IommuOps, Binding {

    private static final ReservedRegion MSI_WINDOW = new ReservedRegion(0x8000000L, 0x100000L,
            Protection.WRITE | Protection.NOEXEC | Protection.MMIO, ReservedRegion.Kind.SW_MSI);

    private final Device device;
    private final SmmuState state;
    private final boolean legacy;
    private final int matchMask;
    private final ContextInterrupts interrupts;
    private final FaultReports faults;
    private final List<Interrupts.Request> globalRequests = new ArrayList<>();
    private final Map<IommuClient, Streams> clients = new IdentityHashMap<>();

    /** What one client holds. */
    private static final class Streams {
        private final int[] entries;
        private boolean attached;

        Streams(int[] entries) {
            this.entries = entries;
        }
    }

    /** Identity of a set of devices that share a stream entry; compared by reference. */
    private static final class SharedStreams {
    }

    SmmuDevice(Device device, SmmuState state, boolean legacy, ContextInterrupts interrupts, FaultReports faults) {
        this.device = device;
        this.state = state;
        this.legacy = legacy;
        this.interrupts = interrupts;
        this.faults = faults;
        matchMask = matchMask(device);
    }

    SmmuState state() {
        return state;
    }

    Device device() {
        return device;
    }

    ContextInterrupts interrupts() {
        return interrupts;
    }

    FaultReports faults() {
        return faults;
    }

    void keep(Interrupts.Request request) {
        globalRequests.add(request);
    }

    @Override
    public String path() {
        return device.path();
    }

    @Override
    public Translation translate(IommuClient client, int[] cells) {
        return translate(cells, matchMask);
    }

    /** Mask of one-cell specifiers. */
    static int matchMask(Device device) {
        int[] mask = device.properties().cells("stream-match-mask");
        return mask.length == 1 ? mask[0] : 0;
    }

    /** One cell is a stream id, two are id and mask; both go into one id, the mask above. */
    static Translation translate(int[] cells, int matchMask) {
        if (cells.length == 0 || cells.length > 2) {
            return new Translation.Refused(Errno.EINVAL, "a stream specifier has one or two cells, not " + cells.length);
        }
        int mask = cells.length == 2 ? cells[1] : matchMask;
        if ((cells[0] & ~0xffff) != 0 || (mask & ~0xffff) != 0) {
            return new Translation.Refused(Errno.EINVAL,
                    String.format("stream id 0x%x or mask 0x%x has more than 16 bits", cells[0], mask));
        }
        return new Translation.Ids(mask << 16 | cells[0]);
    }

    @Override
    public Errno probe(IommuClient client) {
        if (clients.containsKey(client)) {
            return Errno.EEXIST;
        }
        if (client.idCount() == 0) {
            return Errno.ENODEV;
        }
        int[] ids = new int[client.idCount()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = client.id(i);
            if ((ids[i] & 0xffff & ~state.streamIdMask()) != 0) {
                device.log(Device.LogLevel.ERROR, String.format("stream ID 0x%x out of range for SMMU (0x%x)", ids[i] & 0xffff,
                        state.streamIdMask()));
                return Errno.EINVAL;
            }
            if ((ids[i] >>> 16 & ~state.smrMask()) != 0) {
                device.log(Device.LogLevel.ERROR, String.format("SMR mask 0x%x out of range for SMMU (0x%x)", ids[i] >>> 16,
                        state.smrMask()));
                return Errno.EINVAL;
            }
        }
        int[] entries = new int[ids.length];
        Errno error = state.streams().allocate(ids, entries);
        if (error == null && !agree(client, entries)) {
            for (int entry : entries) {
                state.streams().release(entry);
            }
            error = Errno.EINVAL;
        }
        if (error != null) {
            device.log(Device.LogLevel.ERROR, client.path() + ": no stream entries: " + error);
            return error;
        }
        for (int entry : entries) {
            state.writeStreamEntry(entry);
        }
        clients.put(client, new Streams(entries));
        return null;
    }

    /** Devices behind one entry are one group; a device may not tie two groups together. */
    private boolean agree(IommuClient client, int[] entries) {
        Object group = null;
        for (int entry : entries) {
            Object there = state.streams().entry(entry).group;
            if (there != null && group != null && there != group) {
                return false;
            }
            group = there != null ? there : group;
        }
        Object shared = group != null ? group : Objects.requireNonNullElseGet(ofPciGroup(client), SharedStreams::new);
        for (int entry : entries) {
            state.streams().entry(entry).group = shared;
        }
        return true;
    }

    /** The group of the first function (requester ids end the paths) that PCI rules put together with this one, or null. */
    private Object ofPciGroup(IommuClient client) {
        Object pciGroup = client.pciGroup();
        if (pciGroup == null) {
            return null;
        }
        Comparator<IommuClient> byPath = Comparator.comparing(IommuClient::path,
                Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        return clients.keySet().stream().filter(other -> pciGroup.equals(other.pciGroup())).min(byPath)
                .map(other -> state.streams().entry(clients.get(other).entries[0]).group).orElse(null);
    }

    @Override
    public void release(IommuClient client) {
        Streams streams = clients.remove(client);
        if (streams == null) {
            return;
        }
        unpoint(streams);
        for (int entry : streams.entries) {
            if (state.streams().release(entry)) {
                state.writeStreamEntry(entry);
            }
        }
    }

    @Override
    public Object groupKey(IommuClient client) {
        Streams streams = clients.get(client);
        return streams == null ? null : state.streams().entry(streams.entries[0]).group;
    }

    @Override
    public DomainType defaultDomainType(IommuClient client) {
        if (legacy && state.parameters().legacyAsLinux()) {
            return DomainType.IDENTITY;
        }
        return state.implementation().defaultDomainType(client);
    }

    @Override
    public List<ReservedRegion> reservedRegions(IommuClient client) {
        return List.of(MSI_WINDOW);
    }

    @Override
    public Domain allocate(DomainType type, IommuClient first) {
        if (type == DomainType.NESTED) {
            return null;
        }
        return type.paging() ? SmmuDomain.allocate(this, type, first) : new FixedDomain(this, type);
    }

    @Override
    public PagingDomain allocateNestingParent(IommuClient first) {
        return SmmuDomain.allocateNestingParent(this, first);
    }

    @Override
    public NestedDomain allocateNested(PagingDomain parent, GuestStage1 stage1) {
        return parent instanceof SmmuDomain below && below.nestingParent() && stage1 instanceof GuestStage1.ContextBank guest
                ? GuestContext.start(this, below, guest) : null;
    }

    @Override
    public Unattached unattached() {
        return state.parameters().disableBypass() ? Unattached.ABORT : Unattached.BYPASS;
    }

    /** Leads all streams of a client somewhere. */
    Errno point(IommuClient client, StreamMapTable.Type type, int bank) {
        Streams streams = clients.get(client);
        if (streams == null) {
            return Errno.ENODEV;
        }
        for (int n : streams.entries) {
            StreamMapTable.Entry entry = state.streams().entry(n);
            entry.attached += streams.attached ? 0 : 1;
            if (entry.type != type || entry.bank != bank) {
                entry.type = type;
                entry.bank = bank;
                state.writeS2cr(n);
            }
        }
        streams.attached = true;
        return null;
    }

    /** Leads the streams of a client where unattached ones go, unless somebody shares them and stays. */
    void unpoint(IommuClient client) {
        Streams streams = clients.get(client);
        if (streams != null) {
            unpoint(streams);
        }
    }

    private void unpoint(Streams streams) {
        if (!streams.attached) {
            return;
        }
        streams.attached = false;
        for (int n : streams.entries) {
            StreamMapTable.Entry entry = state.streams().entry(n);
            if (--entry.attached == 0) {
                entry.type = state.streams().initialType();
                entry.bank = 0;
                state.writeS2cr(n);
            }
        }
    }

    @Override
    public void suspend() {
        // The shadow is complete at all times; there is nothing to save.
    }

    @Override
    public void resume() {
        state.reset();
    }

    @Override
    public void shutdown() {
        state.disable();
    }

    @Override
    public void close() {
        if (!clients.isEmpty()) {
            throw new IllegalStateException(clients.size() + " clients left on " + path());
        }
        state.disable();
        closeInterrupts();
    }

    /** Lets go of all interrupt lines, last come first. */
    void closeInterrupts() {
        interrupts.close();
        for (int i = globalRequests.size() - 1; i >= 0; i--) {
            globalRequests.get(i).close();
        }
        globalRequests.clear();
    }
}
