package org.latebind.xengrant;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets calls in until it is closed, and closes only when the last call inside is out. Entering costs one atomic addition and
 * never waits, so a call from an interrupt cannot deadlock with one it interrupted.
 */
final class UseGate {

    private static final int CLOSED = Integer.MIN_VALUE / 2;

    private final AtomicInteger inside = new AtomicInteger();

    /** Enters; false when the gate is closed, and then {@link #leave} must not be called. */
    boolean enter() {
        if (inside.incrementAndGet() > 0) {
            return true;
        }
        inside.decrementAndGet();
        return false;
    }

    void leave() {
        inside.decrementAndGet();
    }

    /** Closes and waits for the calls inside; they are short. False when it was closed already. */
    boolean close() {
        int seen = inside.get();
        while (seen >= 0) {
            if (inside.compareAndSet(seen, seen + CLOSED)) {
                awaitEmpty();
                return true;
            }
            seen = inside.get();
        }
        return false;
    }

    private void awaitEmpty() {
        while (inside.get() > CLOSED) {
            Thread.onSpinWait();
        }
    }
}
