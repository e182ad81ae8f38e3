package org.latebind.internal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The real clock. Its one thread exists only once something was ordered for later. */
final class SystemTime implements RealTime, AutoCloseable {

    private ScheduledExecutorService executor;
    private boolean closed;

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public boolean await(CountDownLatch latch, Duration limit) throws InterruptedException {
        return latch.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public synchronized Timer after(Duration delay, Runnable task) {
        if (closed) {
            return () -> { };
        }
        if (executor == null) {
            executor = new ScheduledThreadPoolExecutor(1, body -> daemon(body, "latebind-timer"));
        }
        ScheduledFuture<?> order = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> order.cancel(false);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (executor != null) {
            executor.shutdownNow();
        }
    }

    static Thread daemon(Runnable body, String name) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        return thread;
    }
}
