package org.latebind.machine.xen;

import org.latebind.hardware.PhysicalMemory;

/** One domain: its P2M, its grant table if it has one, its handles, and whether it is on its way out. */
final class XenDomain {

    final DomainSpec spec;
    final GuestPhysmap physmap;
    final Maptrack maptrack;
    final IdentityIommu identity;
    /** Null for a domain without a grant table. */
    final SharedTable table;
    boolean dying;
    /** Why Xen stopped the domain, or null. */
    String crashed;

    XenDomain(DomainSpec spec, PhysicalMemory memory) {
        this.spec = spec;
        physmap = new GuestPhysmap(memory, spec.ram(), spec.ipaBits(), spec.p2mTables());
        maptrack = new Maptrack(spec.maptrackFrames(), spec.vcpus());
        identity = spec.directMapped() ? new IdentityIommu(spec.p2mTables() << 9) : null;
        table = spec.grantWindow() == 0 ? null : new SharedTable(memory, spec.grantWindow(), spec.maxGrantFrames());
    }

    int domid() {
        return spec.domid();
    }
}
