package org.latebind.passthrough;

import java.util.OptionalInt;
import org.latebind.driver.DeviceProperties;
import org.osgi.annotation.versioning.ProviderType;

/** A device of the tree with its specifier ({@code iommu_fwspec}), as an IOMMU driver sees it. Identity is by reference. */
@ProviderType
public interface XenDevice {

    /** Path of the node; for a PCI function the host's path, {@code @} and the requester id in hexadecimal. */
    String path();

    /** Requester id (bus, device, function) of a PCI function; empty for a device of the tree. */
    default OptionalInt requesterId() {
        return OptionalInt.empty();
    }

    /** What the firmware says of it; of the host bridge for a PCI function. */
    DeviceProperties properties();

    /** Path of the one IOMMU its specifier is for, or null when it has none. */
    String iommuPath();

    /** Number of ids in the specifier. */
    int idCount();

    /** Id {@code index}, in the order of the tree. */
    int id(int index);

    /** Tells whether the driver took it ({@link XenIommuOps#addDevice}). */
    boolean isProtected();
}
