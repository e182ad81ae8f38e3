package org.latebind.passthrough;

import org.osgi.annotation.versioning.ProviderType;

/** The hypervisor as an IOMMU driver sees it while it probes; from {@link org.latebind.driver.Device#xen}. */
@ProviderType
public interface XenHost {

    /** Lowers the width of all P2Ms ({@code p2m_restrict_ipa_bits}); later domains get the smaller of old and new. */
    void restrictIpaBits(int bits);

    /** Sets the table of operations ({@code iommu_set_ops}); a second table of another driver is ignored, with a warning. */
    void setOps(XenIommuOps ops);

    /** A unit that can serve devices is up. Devices that were quarantined when it went are assigned again. */
    void unitUp(String path);

    /** A unit goes: its devices are quarantined before the call returns. */
    void unitDown(String path);

    /** Machine address of an empty root table, page aligned twice over: every walk from it is a translation fault. */
    long blockedTable();

    /** Tells whether a device is quarantined: the context that blocks it must survive the reset of a root. */
    boolean quarantined();
}
