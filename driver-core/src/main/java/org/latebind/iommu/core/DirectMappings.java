package org.latebind.iommu.core;

import java.util.List;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.ReservedRegion;

/** Maps the regions that must stay reachable under their own addresses (driver core reference, sections 7.1 and 7.3). */
final class DirectMappings {

    private DirectMappings() {
    }

    /** Tells whether a region wants a one-to-one mapping. */
    static boolean wanted(ReservedRegion region) {
        return region.kind() == ReservedRegion.Kind.DIRECT || region.kind() == ReservedRegion.Kind.DIRECT_RELAXABLE;
    }

    /** Maps what is not mapped yet; false when the domain cannot, for example because it is not attached yet. */
    static boolean map(PagingDomain domain, List<ReservedRegion> regions) {
        boolean all = true;
        for (ReservedRegion region : regions) {
            if (wanted(region)) {
                all &= map(domain, region);
            }
        }
        return all;
    }

    private static boolean map(PagingDomain domain, ReservedRegion region) {
        long sizes = domain.pageSizes();
        if (sizes == 0) {
            return false;
        }
        long granule = Long.lowestOneBit(sizes);
        long address = region.start() & -granule;
        long end = (region.start() + region.sizeBytes() + granule - 1) & -granule;
        while (address != end) {
            if (domain.iovaToPhys(address) != 0) {
                address += granule;
                continue;
            }
            long page = largestPage(sizes, address, end - address);
            long mapped = domain.map(address, address, page, 1, region.prot());
            if (mapped <= 0) {
                return false;
            }
            address += mapped;
        }
        return true;
    }

    private static long largestPage(long sizes, long address, long length) {
        for (long page = Long.highestOneBit(sizes); page != 0; page = Long.highestOneBit(sizes & (page - 1))) {
            if ((address & (page - 1)) == 0 && Long.compareUnsigned(page, length) <= 0) {
                return page;
            }
        }
        return Long.lowestOneBit(sizes);
    }
}
