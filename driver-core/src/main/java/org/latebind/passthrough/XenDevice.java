package org.latebind.passthrough;

import org.latebind.driver.DeviceProperties;
import org.osgi.annotation.versioning.ProviderType;

/** A device of the tree with its specifier ({@code iommu_fwspec}), as an IOMMU driver sees it. Identity is by reference. */
@ProviderType
public interface XenDevice {

    /** Path of the node. */
    String path();

    /** What the firmware says of it. */
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
