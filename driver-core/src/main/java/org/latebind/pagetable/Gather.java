package org.latebind.pagetable;

/**
 * Collects what an unmap removed, so that one invalidation serves many pages (Linux: {@code iommu_iotlb_gather}).
 * Reusable; not thread safe.
 */
public final class Gather {

    private long start = -1L;
    private long end;
    private long pageSizeBytes;
    private boolean queued;

    /** Empties the gather. */
    public void reset() {
        start = -1L;
        end = 0;
        pageSizeBytes = 0;
    }

    /** Tells whether nothing was collected. */
    public boolean isEmpty() {
        return pageSizeBytes == 0;
    }

    /** First address, inclusive; meaningless when empty. */
    public long start() {
        return start;
    }

    /** Last address, inclusive; meaningless when empty. */
    public long end() {
        return end;
    }

    /** Size of the collected leaves in bytes; 0 when empty. */
    public long pageSizeBytes() {
        return pageSizeBytes;
    }

    /** In queued (lazy) mode single pages are not collected: a flush of everything follows later. */
    public boolean queued() {
        return queued;
    }

    /** Chooses strict (false) or queued (true) mode. */
    public void queued(boolean value) {
        queued = value;
    }

    /** Tells whether a leaf cannot join: other size, or not adjacent to the range (a sync must come first). */
    public boolean isDisjoint(long iova, long sizeBytes, long granule) {
        if (pageSizeBytes == 0) {
            return false;
        }
        long last = iova + sizeBytes - 1;
        return pageSizeBytes != granule
                || Long.compareUnsigned(iova, end + 1) > 0 && end != -1L
                || Long.compareUnsigned(last + 1, start) < 0 && last != -1L;
    }

    /** Adds a range. */
    public void add(long iova, long sizeBytes, long granule) {
        long last = iova + sizeBytes - 1;
        if (pageSizeBytes == 0 || Long.compareUnsigned(iova, start) < 0) {
            start = iova;
        }
        if (pageSizeBytes == 0 || Long.compareUnsigned(last, end) > 0) {
            end = last;
        }
        pageSizeBytes = granule;
    }
}
