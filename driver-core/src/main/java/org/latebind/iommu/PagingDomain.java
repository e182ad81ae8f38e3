package org.latebind.iommu;

import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A domain with a page table. Calls for different addresses may come from several threads; calls for overlapping
 * ranges are the caller's to order. None of them allocates Java memory in steady state.
 */
@ConsumerType
public interface PagingDomain extends Domain {

    /** Page sizes offered, a set of powers of two in bytes. */
    long pageSizes();

    /** First address that can be mapped. */
    long apertureStart();

    /** Last address that can be mapped, inclusive, unsigned. */
    long apertureEnd();

    /**
     * Maps {@code pageCount} pages of one size; may stop early at the end of a table (Linux: {@code map_pages}).
     *
     * @param prot bits of {@link Protection}
     * @return bytes mapped (0 or more), or a negative error number with nothing mapped
     */
    long map(long iova, long physicalAddress, long pageSize, long pageCount, int prot);

    /** Unmaps pages of one size; returns the bytes unmapped, possibly fewer than asked. */
    long unmap(long iova, long pageSize, long pageCount, Gather gather);

    /** Translates an address; 0 when it is not mapped. */
    long iovaToPhys(long iova);

    /** The table behind this domain, to be looked at (dumped, saved) and not to be changed; null when it cannot be shown. */
    default PageTable pageTable() {
        return null;
    }

    /**
     * Sets who judges the faults of this domain; the last one set counts, {@link FaultHandler#NONE} takes it back. Whether faulting
     * transactions are held for the answer is the driver's parameter and the hardware's ability.
     *
     * @return false when this driver tells nobody of faults
     */
    default boolean faultHandler(FaultHandler handler) {
        return false;
    }

    /** Completes the invalidations that {@code gather} collected. */
    void sync(Gather gather);

    /** Drops all TLB entries of the domain and waits. */
    void flushAll();
}
