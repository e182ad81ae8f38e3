package org.latebind.runtime;

import org.osgi.annotation.versioning.ProviderType;

/** A group, mirrored as a service with the properties of {@link Published}. */
@ProviderType
public interface MirroredGroup {

    /** Group number. */
    int number();

    /** The group's state when it was last seen. */
    GroupStatus status();
}
