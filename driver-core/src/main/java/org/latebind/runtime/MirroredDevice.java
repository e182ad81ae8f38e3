package org.latebind.runtime;

import org.osgi.annotation.versioning.ProviderType;

/** A device of the board, mirrored as a service with the properties of {@link Published}. */
@ProviderType
public interface MirroredDevice {

    /** Path in the tree. */
    String path();

    /** The device's state now. */
    DeviceStatus status();
}
