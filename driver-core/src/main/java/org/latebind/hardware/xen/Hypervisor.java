package org.latebind.hardware.xen;

import org.osgi.annotation.versioning.ProviderType;

/** The hypervisor below a machine. Thread safe. */
@ProviderType
public interface Hypervisor {

    /** Calls of the domain that runs the drivers; not null. */
    GrantCalls grants();

    /** The domains that use its memory; not null. */
    BackendDomains backends();
}
