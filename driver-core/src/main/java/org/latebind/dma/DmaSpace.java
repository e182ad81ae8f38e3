package org.latebind.dma;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.latebind.flight.Flight;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuMapping;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.ReservedRegion;
import org.latebind.pagetable.Gather;

/**
 * The bus address space of one domain, shared by all devices of its group: addresses and, for
 * {@link DomainType#DMA_FQ}, the queue of ranges that wait for an invalidation of everything (Linux: the
 * {@code iommu_dma_cookie}). Thread safe; the domain is never called under a lock.
 */
public final class DmaSpace {

    /** Ranges a queue holds before everything is invalidated, as in Linux. */
    public static final int QUEUE_LENGTH = 256;

    private final PagingDomain domain;
    private final IovaAllocator addresses;
    private final long granule;
    private final boolean lazy;
    private final Consumer<DmaSpace> waiting;
    private final AtomicReference<Gather> spare = new AtomicReference<>();
    private final Object queueLock = new Object();
    private long[] queuedIova = new long[QUEUE_LENGTH];
    private long[] queuedBytes = new long[QUEUE_LENGTH];
    private long[] otherIova = new long[QUEUE_LENGTH];
    private long[] otherBytes = new long[QUEUE_LENGTH];
    private boolean flushing;
    private int queued;

    /**
     * Makes the space of a domain.
     *
     * @param domain   a paging domain; its type decides between strict and lazy
     * @param reserved regions of all devices of the group; they are not handed out, except SW_MSI
     */
    public DmaSpace(PagingDomain domain, List<ReservedRegion> reserved) {
        this(domain, reserved, space -> { });
    }

    /**
     * Makes the space of a domain whose queue somebody empties.
     *
     * @param domain   a paging domain; its type decides between strict and lazy
     * @param reserved regions of all devices of the group; they are not handed out, except SW_MSI
     * @param waiting  told when a range was queued and none was before, on the thread that unmapped; must not block; the
     *                 receiver owes a {@link #flush}
     */
    public DmaSpace(PagingDomain domain, List<ReservedRegion> reserved, Consumer<DmaSpace> waiting) {
        this.waiting = Objects.requireNonNull(waiting, "waiting");
        this.domain = Objects.requireNonNull(domain, "domain");
        granule = Long.lowestOneBit(domain.pageSizes());
        lazy = domain.type() == DomainType.DMA_FQ;
        addresses = new IovaAllocator(granule, domain.apertureStart(), domain.apertureEnd(), reserved);
    }

    /** The domain. */
    public PagingDomain domain() {
        return domain;
    }

    /** The addresses, for listings and tests. */
    public IovaAllocator addresses() {
        return addresses;
    }

    /** Ranges that wait for an invalidation: unmapped, but possibly still in a TLB, and not handed out again. */
    public int queued() {
        synchronized (queueLock) {
            return queued;
        }
    }

    long granule() {
        return granule;
    }

    /** An address range, or {@link IovaAllocator#NONE}. Waiting ranges are flushed out before that is the answer. */
    long allocate(long sizeBytes, long limit, boolean below4GFirst) {
        long iova = search(sizeBytes, limit, below4GFirst);
        if (iova == IovaAllocator.NONE && lazy) {
            flush();
            iova = search(sizeBytes, limit, below4GFirst);
        }
        return iova;
    }

    private long search(long sizeBytes, long limit, boolean below4GFirst) {
        if (below4GFirst && Long.compareUnsigned(limit, DmaFacts.MASK_32) > 0) {
            long iova = addresses.allocate(sizeBytes, DmaFacts.MASK_32);
            if (iova != IovaAllocator.NONE) {
                return iova;
            }
        }
        return addresses.allocate(sizeBytes, limit);
    }

    /** Unmaps a range and gives its addresses back when no TLB can hold them any more; false when it was not mapped. */
    boolean release(long iova, long sizeBytes) {
        Gather gather = spare.getAndSet(null);
        if (gather == null) {
            gather = new Gather();
        }
        gather.reset();
        gather.queued(lazy);
        long done = IommuMapping.unmap(domain, iova, sizeBytes, gather);
        if (!lazy) {
            Flight.Span span = Flight.invalidate();
            domain.sync(gather);
            span.end(iova, done, "range");
        }
        spare.set(gather);
        if (done == 0) {
            return false;
        }
        if (lazy) {
            enqueue(iova, sizeBytes);
        } else {
            addresses.free(iova, sizeBytes);
        }
        return done == sizeBytes;
    }

    /** Gives back addresses at which nothing was mapped. */
    void giveBack(long iova, long sizeBytes) {
        addresses.free(iova, sizeBytes);
    }

    private void enqueue(long iova, long sizeBytes) {
        while (true) {
            int place = QUEUE_LENGTH;
            synchronized (queueLock) {
                if (queued < QUEUE_LENGTH) {
                    place = queued++;
                    queuedIova[place] = iova;
                    queuedBytes[place] = sizeBytes;
                }
            }
            if (place == 0) {
                waiting.accept(this);
            }
            if (place < QUEUE_LENGTH) {
                return;
            }
            if (!flush()) {
                // Another thread is flushing: this range takes the strict way.
                domain.flushAll();
                addresses.free(iova, sizeBytes);
                return;
            }
        }
    }

    /**
     * Invalidates everything and gives the waiting ranges back. The owner of time calls it some milliseconds after the
     * first range was queued (Linux: 10 ms), and before the domain is closed.
     *
     * @return false when another thread is doing it
     */
    public boolean flush() {
        long[] iovas;
        long[] sizes;
        int count;
        synchronized (queueLock) {
            if (flushing) {
                return false;
            }
            flushing = true;
            iovas = queuedIova;
            sizes = queuedBytes;
            count = queued;
            queuedIova = otherIova;
            queuedBytes = otherBytes;
            otherIova = iovas;
            otherBytes = sizes;
            queued = 0;
        }
        if (count > 0) {
            Flight.Span span = Flight.invalidate();
            domain.flushAll();
            span.end(0, 0, "everything");
        }
        for (int i = 0; i < count; i++) {
            addresses.free(iovas[i], sizes[i]);
        }
        synchronized (queueLock) {
            flushing = false;
        }
        return true;
    }
}
