package org.latebind.internal;

import java.util.HashMap;
import java.util.Map;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaSpace;
import org.latebind.iommu.Domain;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.core.DriverMisbehavedException;
import org.latebind.iommu.core.Group;
import org.latebind.iommu.core.IommuCore;
import org.latebind.iommu.core.StreamClient;
import org.latebind.iommu.core.Unit;

/**
 * The DMA API of each device: direct without an IOMMU or behind an identity domain, translated behind a paging domain (devices
 * of a group share its address space), or what the unit makes itself (Xen grants). Owner thread.
 */
final class DmaApis {

    /** Makes the implementations. */
    interface Factory {

        /** Bus addresses are physical addresses. */
        DmaApi direct(TreeDevice device);

        /** Addresses of a space that all devices of a domain share. */
        DmaApi translated(DmaSpace space, TreeDevice device);
    }

    private final IommuCore iommus;
    private final DriverCalls calls;
    private final Factory factory;
    private final LazyFlushes flushes;
    private final Map<Domain, DmaSpace> spaces = new HashMap<>();
    private final Map<TreeDevice, Given> given = new HashMap<>();

    /** Whose API a device was given. */
    private record Given(Unit unit, StreamClient client) {
    }

    DmaApis(IommuCore iommus, DriverCalls calls, Factory factory, LazyFlushes flushes) {
        this.flushes = flushes;
        this.iommus = iommus;
        this.calls = calls;
        this.factory = factory;
    }

    /**
     * The API for the next bind of a device's driver.
     *
     * @param client the device as IOMMU client, or null when it never was one
     * @param refuser the unit that refused the device, or null
     */
    DmaApi of(TreeDevice device, StreamClient client, Unit refuser) throws DriverMisbehavedException {
        Group group = client == null ? null : iommus.groupOf(client).orElse(null);
        Unit unit = group != null ? group.unit() : refuser;
        boolean paging = group != null && group.current() instanceof PagingDomain;
        if (unit != null && !paging) {
            DmaApi own = calls.ask(unit.driver(), "DMA API of " + device.path(), () -> unit.ops().dmaApi(client));
            if (own != null) {
                given.put(device, new Given(unit, client));
                return own;
            }
        }
        if (paging && group.current().type().paging()) {
            PagingDomain domain = (PagingDomain) group.current();
            DmaSpace space = spaces.computeIfAbsent(domain, key -> new DmaSpace(domain, group.reserved(),
                    waiting -> flushes.queued(group.unit().driver(), waiting)));
            return factory.translated(space, device);
        }
        return factory.direct(device);
    }

    /** The device's driver let go, or never bound: what a unit gave for it ends. */
    void end(TreeDevice device) throws DriverMisbehavedException {
        Given was = given.remove(device);
        if (was != null) {
            calls.ask(was.unit().driver(), "end of the DMA API of " + device.path(), () -> {
                was.unit().ops().endDmaApi(was.client());
                return null;
            });
        }
    }

    /** The device leaves its domain: what it maps from now on is direct. */
    void detaching(TreeDevice device, StreamClient client) {
        Group group = iommus.groupOf(client).orElse(null);
        if (group != null && group.members().size() == 1) {
            DmaSpace space = spaces.remove(group.current());
            if (space != null) {
                flushes.end(group.unit().driver(), space);
            }
        }
        device.dma(factory.direct(device));
    }
}
