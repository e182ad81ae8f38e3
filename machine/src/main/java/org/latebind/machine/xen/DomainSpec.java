package org.latebind.machine.xen;

import java.util.List;
import java.util.Objects;
import org.latebind.machine.memory.MemoryRange;

/**
 * What a domain is made of.
 *
 * @param domid          0 to 0x7FEF
 * @param ram            its memory, identity mapped in this model; not null
 * @param grantWindow    guest address of the hypervisor node's first window, or 0 for a domain without a grant table
 * @param maxGrantFrames frames its grant table may grow to, 1 or more
 * @param maptrackFrames frames of its handle table
 * @param vcpus          virtual CPUs, 1 or more
 * @param ipaBits        guest-physical address bits
 * @param p2mTables      table pages the P2M pool has for foreign mappings
 * @param privileged     whether it may map any page of any domain without a grant (the toolstack domain)
 * @param directMapped   whether an IOMMU repeats its grant mappings at machine addresses (Arm dom0)
 */
public record DomainSpec(int domid, List<MemoryRange> ram, long grantWindow, int maxGrantFrames, int maptrackFrames,
        int vcpus, int ipaBits, int p2mTables, boolean privileged, boolean directMapped) {

    /** Xen's first reserved domain id. */
    public static final int FIRST_RESERVED = 0x7FF0;
    /** Frames of a grant table unless the administrator says otherwise. */
    public static final int DEFAULT_GRANT_FRAMES = 64;
    /** Frames of a handle table unless the administrator says otherwise. */
    public static final int DEFAULT_MAPTRACK_FRAMES = 1024;

    /** Checks and copies. */
    public DomainSpec {
        ram = List.copyOf(Objects.requireNonNull(ram, "ram"));
        if (domid < 0 || domid >= FIRST_RESERVED) {
            throw new IllegalArgumentException("domain id " + domid);
        }
        if (maxGrantFrames < 1) {
            throw new IllegalArgumentException("a grant table of " + maxGrantFrames + " frames");
        }
    }

    /** A guest with Xen's default limits. */
    public static DomainSpec guest(int domid, List<MemoryRange> ram, long grantWindow) {
        return new DomainSpec(domid, ram, grantWindow, DEFAULT_GRANT_FRAMES, DEFAULT_MAPTRACK_FRAMES, 1, 40, 1 << 16,
                false, false);
    }

    /** A driver domain that maps grants and has no memory of interest. Domain 0 is privileged and direct mapped. */
    public static DomainSpec backend(int domid) {
        return new DomainSpec(domid, List.of(), 0, 1, DEFAULT_MAPTRACK_FRAMES, 1, 40, 1 << 16, domid == 0, domid == 0);
    }

    /** The same with another limit of grant frames. */
    public DomainSpec withMaxGrantFrames(int frames) {
        return new DomainSpec(domid, ram, grantWindow, frames, maptrackFrames, vcpus, ipaBits, p2mTables, privileged,
                directMapped);
    }

    /** The same with other limits for mappings. */
    public DomainSpec withMappingLimits(int newMaptrackFrames, int newVcpus, int newP2mTables) {
        return new DomainSpec(domid, ram, grantWindow, maxGrantFrames, newMaptrackFrames, newVcpus, ipaBits, newP2mTables,
                privileged, directMapped);
    }
}
