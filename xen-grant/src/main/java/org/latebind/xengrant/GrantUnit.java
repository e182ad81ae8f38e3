package org.latebind.xengrant;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.latebind.dma.DmaApi;
import org.latebind.driver.Device;
import org.latebind.driver.DeviceProperties;
import org.latebind.driver.Errno;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.Translation;

/**
 * One grant node as an IOMMU. The one id of a client is the domain id of its backend. There is no page table: the DMA API of
 * a client makes addresses out of grants.
 *
 * <p>In the roles of Linux the node translates nobody ({@code of_xlate} is missing there), and the DMA API comes by the other
 * path of the era.
 */
final class GrantUnit implements IommuOps {

    private final Device device;
    private final GrantRole role;
    private final long virtioFeatures;
    private final GuestGrantTable table;
    private final Leftovers leftovers;
    /** One record for each bind of a client that asked for its DMA API. */
    private final ConcurrentMap<IommuClient, GrantDma> records = new ConcurrentHashMap<>();

    GrantUnit(Device device, GrantRole role, long virtioFeatures, GuestGrantTable table, Leftovers leftovers) {
        this.device = device;
        this.role = role;
        this.virtioFeatures = virtioFeatures;
        this.table = table;
        this.leftovers = leftovers;
    }

    @Override
    public String path() {
        return device.path();
    }

    /** The records, in no order. */
    List<GrantDma> records() {
        return List.copyOf(records.values());
    }

    @Override
    public Translation translate(IommuClient client, int[] cells) {
        if (role != GrantRole.FULL) {
            return new Translation.Refused(Errno.ENODEV, "not behind an IOMMU: the grant node of " + role.word()
                    + " has no of_xlate");
        }
        if (cells.length != 1) {
            return new Translation.Refused(Errno.EINVAL, "a reference to a grant node has one cell, not " + cells.length);
        }
        return new Translation.Ids(cells[0]);
    }

    @Override
    public Errno probe(IommuClient client) {
        return client.idCount() == 0 ? Errno.ENODEV : null;
    }

    /**
     * The one backend of a client, or why it has none. Linux cuts a cell to 16 bits, which names another domain, and looks
     * at the first reference only; here a client whose references do not agree on one domain is blocked.
     */
    private static String blockedBecause(IommuClient client) {
        for (int i = 0; i < client.idCount(); i++) {
            if (Integer.compareUnsigned(client.id(i), BackendLookup.DOMID_MAX) > 0) {
                return "0x" + Integer.toHexString(client.id(i)) + " is no domain id";
            }
            if (client.id(i) != client.id(0)) {
                return "it names two backends, " + client.id(0) + " and " + client.id(i);
            }
        }
        return null;
    }

    @Override
    public void release(IommuClient client) {
        endDmaApi(client);
    }

    @Override
    public Domain allocate(DomainType type, IommuClient first) {
        // No identity domain: a guest-physical address in the hands of a backend is what grants are there to prevent.
        return type == DomainType.DMA || type == DomainType.BLOCKED ? new GrantDomain(type) : null;
    }

    @Override
    public DomainType defaultDomainType(IommuClient client) {
        return blockedBecause(client) == null ? DomainType.DMA : DomainType.BLOCKED;
    }

    /** A device bound before this driver keeps passing guest-physical addresses; no hardware stops it. */
    @Override
    public Unattached unattached() {
        return Unattached.BYPASS;
    }

    @Override
    public DmaApi dmaApi(IommuClient client) {
        return switch (role) {
            case FULL -> client.idCount() == 0 ? null : ofBackend(client);
            case LINUX_5_19 -> lookup(client) instanceof BackendLookup.Backend backend ? fresh(client, backend.domid()) : null;
            case LINUX_6_2 -> afterVirtioCheck(client);
        };
    }

    private DmaApi ofBackend(IommuClient client) {
        String blocked = blockedBecause(client);
        if (blocked != null) {
            device.log(Device.LogLevel.ERROR, client.path() + " may not do DMA: " + blocked);
            return new RefusingDma();
        }
        return fresh(client, client.id(0));
    }

    private DmaApi afterVirtioCheck(IommuClient client) {
        if (!client.isPci() && !client.properties().strings("compatible").contains("virtio,mmio")) {
            return null;
        }
        VirtioCheck.Outcome outcome = VirtioCheck.check(lookup(client), virtioFeatures);
        if (outcome instanceof VirtioCheck.Grants grants) {
            return fresh(client, grants.domid());
        }
        if (outcome instanceof VirtioCheck.Refused refused) {
            device.log(Device.LogLevel.ERROR, client.path() + ": " + refused.why());
            return new RefusingDma();
        }
        return null;
    }

    private BackendLookup.Answer lookup(IommuClient client) {
        DeviceProperties unit = device.properties();
        if (!client.isPci()) {
            return BackendLookup.platform(client.properties(), unit);
        }
        int at = client.path().lastIndexOf('@');
        try {
            return BackendLookup.pci(client.properties(), Integer.parseInt(client.path().substring(at + 1), 16), unit);
        } catch (NumberFormatException e) {
            return new BackendLookup.NoBackend(Errno.ESRCH, "no requester id in " + client.path());
        }
    }

    /** A new record; an old one of the same client ends first. */
    private GrantDma fresh(IommuClient client, int backend) {
        endDmaApi(client);
        GrantDma dma = new GrantDma(client.path(), backend, table, device.machine().pages(), leftovers,
                text -> device.log(Device.LogLevel.ERROR, client.path() + ": " + text));
        records.put(client, dma);
        return dma;
    }

    @Override
    public void endDmaApi(IommuClient client) {
        GrantDma dma = records.remove(client);
        if (dma != null) {
            dma.end();
        }
    }

    /** Ends every record, for the end of the node's own binding. */
    void close() {
        List.copyOf(records.keySet()).forEach(this::endDmaApi);
    }

    /** A domain without a page table: attaching says only that the client's DMA API comes from here, or from nowhere. */
    private final class GrantDomain implements Domain {
        private final DomainType type;

        GrantDomain(DomainType type) {
            this.type = type;
        }

        @Override
        public DomainType type() {
            return type;
        }

        @Override
        public Errno attach(IommuClient client) {
            return null;
        }

        @Override
        public void detach(IommuClient client) {
            endDmaApi(client);
        }

        @Override
        public String describe() {
            return "grant table of " + table.frames() + " frames";
        }

        @Override
        public void close() {
            // Nothing is held beyond the records, which ended with their clients.
        }
    }
}
