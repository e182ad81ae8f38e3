package org.latebind.runtime;

import org.osgi.annotation.versioning.ProviderType;

/** A registered IOMMU unit, mirrored as a service with the properties of {@link Published}. */
@ProviderType
public interface MirroredIommu {

    /** Path of the unit's device. */
    String path();

    /** The unit's state when it was last seen registered. */
    IommuStatus status();
}
