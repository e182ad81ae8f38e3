package org.latebind.internal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A clock for tests: a wait for a driver ends early only when the test says that its time is up. */
final class ManualTime implements RealTime {

    /** The limit of waits for a driver; other waits are never cut short. */
    static final Duration CALL_LIMIT = Duration.ofSeconds(5);

    /** Released by the test (or by a toy driver that is about to hang) when waiting has no use any more. */
    volatile CountDownLatch timeUp;

    @Override
    public long nanos() {
        return 0;
    }

    @Override
    public boolean await(CountDownLatch latch, Duration limit) throws InterruptedException {
        CountDownLatch early = timeUp;
        if (early == null || !limit.equals(CALL_LIMIT)) {
            return latch.await(30, TimeUnit.SECONDS);
        }
        if (!early.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the test never let the time be up");
        }
        timeUp = null;
        return latch.getCount() == 0;
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        return () -> { };
    }
}
