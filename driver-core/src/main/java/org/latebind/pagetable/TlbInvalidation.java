package org.latebind.pagetable;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * What a page table asks of the TLB: the callbacks of Linux' {@code iommu_flush_ops}. Called in the middle of an
 * unmap; must not call back into the table.
 */
@ConsumerType
public interface TlbInvalidation {

    /** Drops everything of this table's context and waits until it is done. */
    void flushAll();

    /**
     * Drops all entries and walk caches of a range that lost a table, and waits until it is done.
     *
     * @param iova      start of the range
     * @param sizeBytes size of the range
     * @param granule   step of the leaves that may have been there, in bytes
     */
    void flushWalk(long iova, long sizeBytes, long granule);

    /** Notes that one leaf of {@code granule} bytes at {@code iova} was removed; the wait comes with the gather's sync. */
    void addPage(Gather gather, long iova, long granule);
}
