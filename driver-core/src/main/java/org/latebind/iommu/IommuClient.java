package org.latebind.iommu;

import org.latebind.driver.DeviceProperties;
import org.osgi.annotation.versioning.ProviderType;

/** A device as an IOMMU driver sees it: who it is and which streams it emits. Identity is by reference. */
@ProviderType
public interface IommuClient {

    /** Path of the device; for a PCI function the host's path, {@code @} and the requester id. */
    String path();

    /** Linux' device name, for example {@code ee100000.mmc} or {@code 0000:00:01.0}. */
    String name();

    /** Tells whether the device sits on a PCI bus. */
    boolean isPci();

    /**
     * What stands for the functions this one shares a group with by PCI rules (no access control between them, aliases): equal
     * for all of them. Null for a function that stands alone and for devices that are not on PCI.
     */
    default Object pciGroup() {
        return null;
    }

    /** What the firmware says of the device; of the host bridge for a PCI function. */
    DeviceProperties properties();

    /** Number of stream ids. */
    int idCount();

    /** Stream id {@code index}, in the order of the tree, duplicates kept. */
    int id(int index);

    /** Path of the IOMMU instance the ids belong to, or null before the first one. */
    String iommuPath();
}
