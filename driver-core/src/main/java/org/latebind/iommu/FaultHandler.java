package org.latebind.iommu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told of the faults of a domain by the driver of its IOMMU (Linux: {@code iommu_set_fault_handler}, and the page requests of
 * stalled transactions). Called on the thread that serves the IOMMU's interrupts, the owner of the core's state; it may map in
 * the domain and must not wait for DMA.
 */
@FunctionalInterface
@ConsumerType
public interface FaultHandler {

    /** Nobody cares: the driver writes a message, the transaction is terminated. */
    FaultHandler NONE = fault -> Answer.UNHANDLED;

    /**
     * One fault.
     *
     * @param streamId stream that made the access
     * @param iova     input address, unsigned
     * @param write    true for a write
     * @param held     the hardware holds the transaction until the answer; otherwise it is gone already
     */
    record Fault(int streamId, long iova, boolean write, boolean held) {
    }

    /** What becomes of the faulting transaction. */
    enum Answer {
        /** Unknown: terminated, with a message in the log. */ UNHANDLED,
        /** Known: terminated without a message. */ TERMINATE,
        /** The cause was removed: a transaction that is held is tried again, one that is gone is not. */ RETRY
    }

    /** Judges a fault; not null. */
    Answer fault(Fault fault);
}
