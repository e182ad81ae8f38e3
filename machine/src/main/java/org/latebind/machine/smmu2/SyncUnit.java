package org.latebind.machine.smmu2;

import java.util.function.LongSupplier;

/** One TLB synchronisation engine (global or of a context bank): busy for a set time, or for ever. */
final class SyncUnit {

    private final int queue;
    private final Tlb tlb;
    private final LongSupplier nanos;
    private final long durationNanos;
    private final boolean stuck;
    private boolean active;
    private long endNanos;

    SyncUnit(int queue, Tlb tlb, LongSupplier nanos, long durationNanos, boolean stuck) {
        this.queue = queue;
        this.tlb = tlb;
        this.nanos = nanos;
        this.durationNanos = durationNanos;
        this.stuck = stuck;
    }

    void start() {
        settle();
        tlb.startSync(queue);
        active = true;
        endNanos = nanos.getAsLong() + durationNanos;
        settle();
    }

    /** Lets a synchronisation whose time is over take effect. */
    void settle() {
        if (active && !stuck && nanos.getAsLong() - endNanos >= 0) {
            active = false;
            tlb.completeSync(queue);
        }
    }

    boolean active() {
        settle();
        return active;
    }
}
