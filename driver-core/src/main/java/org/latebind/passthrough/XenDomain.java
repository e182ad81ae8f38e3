package org.latebind.passthrough;

import org.osgi.annotation.versioning.ProviderType;

/** A domain as an IOMMU driver sees it. Identity is by reference: a rebooted guest is another domain. */
@ProviderType
public interface XenDomain {

    /** Domain id: 0 is the hardware domain, guests count from 1. */
    int id();

    /** Machine address of the root of its P2M, which CPU and IOMMU share as it is. */
    long p2mRoot();

    /** Size of its address space in bits: the width of the P2M's input. */
    int ipaBits();

    /** Tells whether it is the hardware domain. */
    default boolean hardwareDomain() {
        return id() == 0;
    }
}
