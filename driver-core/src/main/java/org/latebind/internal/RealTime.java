package org.latebind.internal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Everything the core asks of the real clock. One adapter implements it; tests bring their own. */
interface RealTime {

    /** Nanoseconds from an arbitrary start. */
    long nanos();

    /** Waits for a latch, at most {@code limit}; false when the limit came first. */
    boolean await(CountDownLatch latch, Duration limit) throws InterruptedException;

    /** Calls {@code task} on some thread after {@code delay}; closing takes the order back. */
    Timer after(Duration delay, Runnable task);

    /** An order for later. */
    interface Timer extends AutoCloseable {

        @Override
        void close();
    }
}
