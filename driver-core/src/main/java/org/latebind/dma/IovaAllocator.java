package org.latebind.dma;

import java.util.Arrays;
import java.util.List;
import org.latebind.iommu.ReservedRegion;

/**
 * Hands out ranges of bus addresses (Linux: {@code iova.c} and its use in {@code dma-iommu.c}): from the top of what
 * the device reaches downwards, aligned to the size's next power of two, never page 0, around reserved regions.
 * Ranges of up to 32 pages are rounded up to a power of two and, when freed, kept for the next of that size. When a
 * search fails the kept ones are returned first, so that keeping never causes a failure. Thread safe; no call
 * allocates Java memory in steady state. Cost: constant from the kept ranges, else logarithmic in the free ranges.
 */
public final class IovaAllocator {

    /** What {@link #allocate} returns when no range is free: address 0 is never handed out. */
    public static final long NONE = 0L;

    private static final int CACHED_ORDERS = 6;
    private static final int KEPT_PER_ORDER = 256;

    private final int pageShift;
    private final FreeExtents free = new FreeExtents();
    private final long[][] kept = new long[CACHED_ORDERS][KEPT_PER_ORDER];
    private final int[] keptCount = new int[CACHED_ORDERS];
    private long allocatedPages;

    /**
     * Makes an allocator.
     *
     * @param granuleBytes  size of a page, the smallest of the domain
     * @param apertureStart first address of the domain
     * @param apertureEnd   last address, inclusive, unsigned
     * @param reserved      regions to leave out; {@link ReservedRegion.Kind#SW_MSI} is not
     */
    public IovaAllocator(long granuleBytes, long apertureStart, long apertureEnd, List<ReservedRegion> reserved) {
        if (Long.bitCount(granuleBytes) != 1) {
            throw new IllegalArgumentException("granule of " + granuleBytes + " bytes");
        }
        pageShift = Long.numberOfTrailingZeros(granuleBytes);
        long firstPage = Math.max(1, apertureStart + granuleBytes - 1 >>> pageShift);
        long lastPage = (apertureEnd >>> pageShift) - ((apertureEnd & granuleBytes - 1) == granuleBytes - 1 ? 0 : 1);
        if (lastPage < firstPage) {
            throw new IllegalArgumentException("aperture 0x" + Long.toHexString(apertureStart) + " to 0x"
                    + Long.toHexString(apertureEnd) + " holds no page");
        }
        free.add(firstPage, lastPage);
        for (ReservedRegion region : reserved) {
            reserve(region);
        }
    }

    /** Leaves one more region out; what is allocated of it stays allocated. */
    public synchronized void reserve(ReservedRegion region) {
        if (region.kind() != ReservedRegion.Kind.SW_MSI) {
            free.cut(region.start() >>> pageShift, region.start() + (region.sizeBytes() - 1) >>> pageShift);
        }
    }

    /**
     * Allocates a range.
     *
     * @param sizeBytes positive; rounded up to pages
     * @param limit     last address that may be used, unsigned
     * @return first address, or {@link #NONE}
     */
    public synchronized long allocate(long sizeBytes, long limit) {
        long pages = pages(sizeBytes);
        long limitPage = (limit >>> pageShift) - ((limit & (1L << pageShift) - 1) == (1L << pageShift) - 1 ? 0 : 1);
        long page = fromKept(pages, limitPage);
        if (page < 0) {
            page = free.take(pages, limitPage);
        }
        if (page < 0 && returnKept()) {
            page = free.take(pages, limitPage);
        }
        if (page < 0) {
            return NONE;
        }
        allocatedPages += pages;
        return page << pageShift;
    }

    /**
     * Gives a range back.
     *
     * @param iova      what {@link #allocate} returned
     * @param sizeBytes the size it was asked for
     */
    public synchronized void free(long iova, long sizeBytes) {
        long pages = pages(sizeBytes);
        long page = iova >>> pageShift;
        allocatedPages -= pages;
        int order = FreeExtents.order(pages);
        if (order < CACHED_ORDERS) {
            if (keptCount[order] == KEPT_PER_ORDER) {
                returnOldHalf(order);
            }
            kept[order][keptCount[order]++] = page;
        } else {
            free.add(page, page + pages - 1);
        }
    }

    /** Bytes handed out and not given back, with rounding. */
    public synchronized long allocatedBytes() {
        return allocatedPages << pageShift;
    }

    /** Number of separate free ranges, not counting those kept by size. */
    public synchronized int freeRanges() {
        return free.size();
    }

    private long pages(long sizeBytes) {
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("range of " + sizeBytes + " bytes");
        }
        long pages = (sizeBytes - 1 >>> pageShift) + 1;
        return pages <= 1L << CACHED_ORDERS - 1 ? 1L << FreeExtents.order(pages) : pages;
    }

    /** The youngest kept range of the size when it lies below the limit, else -1. */
    private long fromKept(long pages, long limitPage) {
        int order = FreeExtents.order(pages);
        if (order >= CACHED_ORDERS) {
            return -1;
        }
        long[] stack = kept[order];
        for (int i = keptCount[order] - 1; i >= 0; i--) {
            if (stack[i] + pages - 1 <= limitPage) {
                long page = stack[i];
                stack[i] = stack[--keptCount[order]];
                return page;
            }
        }
        return -1;
    }

    private void returnOldHalf(int order) {
        int half = KEPT_PER_ORDER / 2;
        for (int i = 0; i < half; i++) {
            free.add(kept[order][i], kept[order][i] + (1L << order) - 1);
        }
        System.arraycopy(kept[order], half, kept[order], 0, half);
        keptCount[order] = half;
    }

    /** Returns all kept ranges; tells whether there were any. */
    private boolean returnKept() {
        boolean any = false;
        for (int order = 0; order < CACHED_ORDERS; order++) {
            for (int i = 0; i < keptCount[order]; i++) {
                free.add(kept[order][i], kept[order][i] + (1L << order) - 1);
                any = true;
            }
        }
        Arrays.fill(keptCount, 0);
        return any;
    }
}
