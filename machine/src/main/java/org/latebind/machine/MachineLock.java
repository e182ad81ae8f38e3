package org.latebind.machine;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The lock that makes hardware one thing at a time. Interrupts that models raise while it is held are delivered after
 * the outermost release, so no handler ever runs under it.
 */
final class MachineLock {

    private final ReentrantLock lock = new ReentrantLock();
    private Runnable afterRelease = () -> { };

    /** Sets what runs after each outermost release; once, before use. */
    void afterRelease(Runnable action) {
        afterRelease = action;
    }

    long call(LongSupplier body) {
        lock.lock();
        try {
            return body.getAsLong();
        } finally {
            lock.unlock();
            if (!lock.isHeldByCurrentThread()) {
                afterRelease.run();
            }
        }
    }

    void run(Runnable body) {
        call(() -> {
            body.run();
            return 0;
        });
    }
}
