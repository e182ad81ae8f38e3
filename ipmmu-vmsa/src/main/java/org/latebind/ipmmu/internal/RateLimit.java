package org.latebind.ipmmu.internal;

import org.latebind.hardware.Machine;

/** At most ten messages in five seconds of hardware time, the kernel's usual limit. */
final class RateLimit {

    private static final long INTERVAL_NANOS = 5_000_000_000L;
    private static final int BURST = 10;

    private final Machine.Delay clock;
    private long begin;
    private int used;
    private int leftOut;

    RateLimit(Machine.Delay clock) {
        this.clock = clock;
        this.begin = clock.nanos();
    }

    boolean permits() {
        long now = clock.nanos();
        if (now - begin >= INTERVAL_NANOS) {
            begin = now;
            used = 0;
        }
        if (used >= BURST) {
            leftOut++;
            return false;
        }
        used++;
        return true;
    }

    /** How many were refused since this was asked last. */
    int takeLeftOut() {
        int count = leftOut;
        leftOut = 0;
        return count;
    }
}
