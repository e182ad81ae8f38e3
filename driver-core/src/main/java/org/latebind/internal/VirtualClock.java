package org.latebind.internal;

import java.time.Duration;

/**
 * Virtual time of one board, in microseconds: either it stands still until a command moves it, or it follows the real clock.
 * Owner thread, except {@link #nanos}.
 */
final class VirtualClock implements AutoCloseable {

    private static final long NANOS_PER_MICRO = 1000;

    private final RealTime real;
    private final boolean follows;
    private final long startNanos;
    private final Runnable onDue;
    private volatile long micros;
    private RealTime.Timer order;

    /**
     * Starts at 0.
     *
     * @param real    the real clock
     * @param follows whether to follow it
     * @param onDue   called on some thread when a time ordered by {@link #arm} may have come
     */
    VirtualClock(RealTime real, boolean follows, Runnable onDue) {
        this.real = real;
        this.follows = follows;
        this.startNanos = follows ? real.nanos() : 0;
        this.onDue = onDue;
    }

    /** The time of the last event, in nanoseconds; any thread. */
    long nanos() {
        return micros * NANOS_PER_MICRO;
    }

    /** The time of the last event, in microseconds. */
    long micros() {
        return micros;
    }

    /** What time it is for the next event: moves on when the clock follows the real one. */
    long now() {
        if (follows) {
            micros = Math.max(micros, (real.nanos() - startNanos) / NANOS_PER_MICRO);
        }
        return micros;
    }

    boolean follows() {
        return follows;
    }

    /** Moves on; never back. */
    void moveTo(long toMicros) {
        micros = Math.max(micros, toMicros);
    }

    /** Orders a wake-up; replaces an earlier one. Without effect when the clock stands still. */
    void arm(long atMicros) {
        if (follows) {
            close();
            long wait = Math.max(0, atMicros - now());
            order = real.after(Duration.ofNanos(wait * NANOS_PER_MICRO), onDue);
        }
    }

    @Override
    public void close() {
        if (order != null) {
            order.close();
            order = null;
        }
    }
}
