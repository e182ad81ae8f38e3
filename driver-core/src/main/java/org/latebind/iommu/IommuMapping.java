package org.latebind.iommu;

import org.latebind.driver.Errno;
import org.latebind.pagetable.Gather;

/**
 * Maps and unmaps whole ranges in a domain: chooses page sizes, goes on after partial counts, and takes everything
 * back when a map fails (Linux: {@code iommu_map}, {@code iommu_unmap}).
 */
public final class IommuMapping {

    private IommuMapping() {
    }

    /**
     * Maps a range.
     *
     * @param domain    domain to map in; not null
     * @param iova      first address, a multiple of the smallest page size
     * @param paddr     first physical address, the same
     * @param sizeBytes size, the same and positive
     * @param prot      bits of {@link Protection}
     * @return 0, or a negative error number with nothing mapped: {@code -EINVAL} no paging domain, unaligned, no size, or
     *         wrap-around at 2^64; {@code -ERANGE} outside the aperture; and the errors of the page table
     */
    public static int map(Domain domain, long iova, long paddr, long sizeBytes, int prot) {
        if (!(domain instanceof PagingDomain paging) || !domain.type().paging()) {
            return -Errno.EINVAL.number();
        }
        long sizes = paging.pageSizes();
        if (sizeBytes <= 0 || sizes == 0 || ((iova | paddr | sizeBytes) & Long.lowestOneBit(sizes) - 1) != 0
                || wraps(iova, sizeBytes) || wraps(paddr, sizeBytes)) {
            return -Errno.EINVAL.number();
        }
        if (Long.compareUnsigned(iova, paging.apertureStart()) < 0
                || Long.compareUnsigned(iova + (sizeBytes - 1), paging.apertureEnd()) > 0) {
            return -Errno.ERANGE.number();
        }
        long done = 0;
        while (done < sizeBytes) {
            long at = iova + done;
            long to = paddr + done;
            long pageSize = pageSize(sizes, at | to, sizeBytes - done);
            long result = paging.map(at, to, pageSize, count(sizes, pageSize, at, to, sizeBytes - done), prot);
            if (result <= 0) {
                takeBack(paging, iova, done);
                return result == 0 ? -Errno.EINVAL.number() : (int) result;
            }
            done += result;
        }
        return 0;
    }

    private static boolean wraps(long address, long sizeBytes) {
        return Long.compareUnsigned(address + (sizeBytes - 1), address) < 0;
    }

    private static void takeBack(PagingDomain domain, long iova, long sizeBytes) {
        if (sizeBytes > 0) {
            Gather gather = new Gather();
            unmap(domain, iova, sizeBytes, gather);
            domain.sync(gather);
        }
    }

    /**
     * Unmaps a range without completing the invalidation.
     *
     * @return bytes unmapped: less than asked when something in the range was not mapped, 0 for bad arguments
     */
    public static long unmap(Domain domain, long iova, long sizeBytes, Gather gather) {
        if (!(domain instanceof PagingDomain paging) || !domain.type().paging()) {
            return 0;
        }
        long sizes = paging.pageSizes();
        if (sizeBytes <= 0 || sizes == 0 || ((iova | sizeBytes) & Long.lowestOneBit(sizes) - 1) != 0 || wraps(iova, sizeBytes)) {
            return 0;
        }
        long done = 0;
        while (done < sizeBytes) {
            long at = iova + done;
            long pageSize = pageSize(sizes, at, sizeBytes - done);
            long result = paging.unmap(at, pageSize, count(sizes, pageSize, at, at, sizeBytes - done), gather);
            if (result == 0) {
                break;
            }
            done += result;
        }
        return done;
    }

    /** Largest offered size that fits the rest and the alignment of the addresses. */
    static long pageSize(long sizes, long addresses, long left) {
        long fitting = sizes & (Long.highestOneBit(left) << 1) - 1;
        if (addresses != 0) {
            fitting &= (Long.lowestOneBit(addresses) << 1) - 1;
        }
        return Long.highestOneBit(fitting);
    }

    /** Pages of that size up to where the next larger size can take over, or to the end. */
    static long count(long sizes, long pageSize, long iova, long paddr, long left) {
        long next = Long.lowestOneBit(sizes & -(pageSize << 1));
        long run = left;
        if (next > 0 && ((iova ^ paddr) & next - 1) == 0) {
            long toBoundary = next - (iova & next - 1);
            if (toBoundary + next <= left) {
                run = toBoundary;
            }
        }
        return run / pageSize;
    }
}
