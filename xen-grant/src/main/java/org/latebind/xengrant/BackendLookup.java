package org.latebind.xengrant;

import java.util.Objects;
import org.latebind.driver.DeviceProperties;
import org.latebind.driver.Errno;

/**
 * Which backend a device belongs to, by its own properties, the way Linux' grant layer asks (not the IOMMU core): entry 0 of
 * {@code iommus}, or the {@code iommu-map} of the host bridge for a requester id. Pure.
 */
final class BackendLookup {

    /** Highest domain id a cell can name; Linux cuts larger ones off, which would name another domain. */
    static final int DOMID_MAX = 0xFFFF;

    private BackendLookup() {
    }

    /** Answer of a look-up. */
    sealed interface Answer {
    }

    /**
     * The device belongs to a backend.
     *
     * @param domid its domain id, 0 to 0xFFFF
     */
    record Backend(int domid) implements Answer {
    }

    /**
     * The device does not stand behind the grant node.
     *
     * @param errno {@link Errno#ESRCH} for "look elsewhere", {@link Errno#EINVAL} for a cell that names no domain
     * @param why   a few words; not null
     */
    record NoBackend(Errno errno, String why) implements Answer {

        NoBackend {
            Objects.requireNonNull(errno, "errno");
        }
    }

    /** Looks a platform device up. */
    static Answer platform(DeviceProperties device, DeviceProperties unit) {
        int[] cells = device.cells("iommus");
        if (cells.length == 0) {
            return new NoBackend(Errno.ESRCH, "no iommus");
        }
        if (!refersTo(cells[0], unit)) {
            return new NoBackend(Errno.ESRCH, "its first IOMMU is no grant node");
        }
        if (cells.length < 2) {
            return new NoBackend(Errno.ESRCH, "iommus ends after the phandle");
        }
        return domid(cells[1]);
    }

    /**
     * Looks a PCI function up.
     *
     * @param host the host bridge
     * @param rid  requester id: bus &lt;&lt; 8 | device &lt;&lt; 3 | function
     */
    static Answer pci(DeviceProperties host, int rid, DeviceProperties unit) {
        int[] map = host.cells("iommu-map");
        int[] mask = host.cells("iommu-map-mask");
        int masked = mask.length == 1 ? rid & mask[0] : rid;
        for (int i = 0; i + 4 <= map.length; i += 4) {
            int inside = masked - map[i];
            if (masked >= map[i] && inside < map[i + 3]) {
                return refersTo(map[i + 1], unit) ? domid(map[i + 2] + inside)
                        : new NoBackend(Errno.ESRCH, "its IOMMU is no grant node");
            }
        }
        return new NoBackend(Errno.ESRCH, "requester 0x" + Integer.toHexString(rid) + " is not mapped");
    }

    /**
     * A device the tree does not describe belongs to domain 0 when the administrator forces grants or the guest is
     * paravirtualised; domain 0 itself never, it would be its own backend.
     */
    static Answer undescribed(boolean forceGrant, boolean paravirtual, boolean initialDomain) {
        return (forceGrant || paravirtual) && !initialDomain ? new Backend(0)
                : new NoBackend(Errno.ENODEV, "nothing says that its backend needs grants");
    }

    private static boolean refersTo(int phandle, DeviceProperties unit) {
        int[] own = unit.cells("phandle");
        int[] cells = unit.cells("#iommu-cells");
        return own.length == 1 && own[0] == phandle && cells.length == 1 && cells[0] == 1
                && unit.strings("compatible").contains(GrantDriver.COMPATIBLE);
    }

    private static Answer domid(int cell) {
        return Integer.compareUnsigned(cell, DOMID_MAX) <= 0 ? new Backend(cell)
                : new NoBackend(Errno.EINVAL, "cell 0x" + Integer.toHexString(cell) + " is no domain id");
    }
}
