package org.latebind.internal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** A thread that owns some state: what is posted runs in order, one after the other. */
final class Owner implements Executor, AutoCloseable {

    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final Thread thread;
    private final RealTime time;
    private final Consumer<Throwable> failures;
    private volatile boolean closed;
    private boolean ended;

    /**
     * Starts the thread.
     *
     * @param name     of the thread
     * @param time     bounds waits
     * @param failures told what a task threw; the thread goes on
     */
    Owner(String name, RealTime time, Consumer<Throwable> failures) {
        this.time = time;
        this.failures = failures;
        this.thread = SystemTime.daemon(this::run, name);
        thread.start();
    }

    private void run() {
        while (!ended) {
            try {
                queue.take().run();
            } catch (InterruptedException e) {
                // Nobody has a reason to interrupt the owner; what is queued still has to be done.
                continue;
            } catch (RuntimeException | Error e) {
                failures.accept(e);
            }
        }
    }

    @Override
    public void execute(Runnable task) {
        if (!closed) {
            queue.add(task);
        }
    }

    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /**
     * Runs a task in its turn and waits for its end; on the owner thread itself at once.
     *
     * @return false when the limit came first (the task still runs in its turn) or the owner is closed
     */
    boolean runAndWait(Runnable task, Duration limit) {
        if (isCurrent()) {
            task.run();
            return true;
        }
        CountDownLatch done = new CountDownLatch(1);
        execute(() -> {
            try {
                task.run();
            } finally {
                done.countDown();
            }
        });
        return !closed && await(done, limit);
    }

    /** Waits until nothing is queued; false when the limit came first, and on the owner thread itself. */
    boolean awaitIdle(Duration limit) {
        if (isCurrent()) {
            return false;
        }
        long end = time.nanos() + limit.toNanos();
        boolean[] idle = {false};
        while (!idle[0] && !closed) {
            Duration left = Duration.ofNanos(Math.max(0, end - time.nanos()));
            if (!runAndWait(() -> idle[0] = queue.isEmpty(), left)) {
                return false;
            }
        }
        return true;
    }

    private boolean await(CountDownLatch latch, Duration limit) {
        try {
            return time.await(latch, limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Lets what is queued run, then ends the thread. */
    @Override
    public void close() {
        closed = true;
        queue.add(() -> ended = true);
    }
}
