package org.latebind.passthrough;

import java.util.Set;
import org.latebind.driver.Errno;
import org.latebind.iommu.Translation;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What an IOMMU driver offers in Xen mode: Xen's {@code iommu_ops}. One table serves all units of a driver. A null
 * {@link Errno} is success. All calls come on the thread that owns the core's state.
 */
@ConsumerType
public interface XenIommuOps {

    /** A call that a driver may lack. The others every driver has. */
    enum Hook {
        /** {@link #addDevice}. */ ADD_DEVICE,
        /** {@link #translate}. */ DT_XLATE,
        /** {@link #removeDevice}. */ REMOVE_DEVICE
    }

    /** The optional calls this driver has; by default all but {@link Hook#REMOVE_DEVICE}. */
    default Set<Hook> hooks() {
        return Set.of(Hook.ADD_DEVICE, Hook.DT_XLATE);
    }

    /** Name of the driver; the first table that is set wins, a second one of another driver is ignored with a warning. */
    String driver();

    /** Makes the driver's data of a new domain; takes no hardware. */
    Errno initDomain(XenDomain domain);

    /** Frees what the domain holds in the hardware. No device is assigned any more. */
    void teardownDomain(XenDomain domain);

    /**
     * Turns one specifier into an id ({@code dt_xlate}).
     *
     * @param unit path of the IOMMU
     */
    Translation translate(XenDevice device, String unit, int[] cells);

    /** Takes a device whose specifier is complete; after success it is protected. */
    Errno addDevice(XenDevice device);

    /** Forgets a device that no domain has; it is not protected any more after success. */
    default Errno removeDevice(XenDevice device) {
        return Errno.EOPNOTSUPP;
    }

    /** Puts a device behind the domain's P2M. Nothing is changed on an error. */
    Errno assign(XenDomain domain, XenDevice device);

    /**
     * Takes a device from {@code source} and, unless {@code target} is null, gives it to {@code target}.
     *
     * @return {@link Errno#EPERM} for a target that is not the hardware domain, {@link Errno#ESRCH} when the device is not
     *         {@code source}'s
     */
    Errno reassign(XenDomain source, XenDomain target, XenDevice device);

    /** Drops all entries of a domain from all TLBs and waits. */
    void flush(XenDomain domain);

    /**
     * The unit of an assigned device goes away while its domain lives: from the return on the device's DMA faults, without
     * the driver. The table to use is {@link XenHost#blockedTable}.
     */
    void quarantine(XenDomain domain, XenDevice device);

    /** One line on what the domain holds in the hardware, for listings; not null. */
    default String describe(XenDomain domain) {
        return "";
    }
}
