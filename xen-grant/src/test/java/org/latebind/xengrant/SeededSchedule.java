package org.latebind.xengrant;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;

/**
 * Real threads of which exactly one runs at a time; who runs next is decided by a seed at every point where a thread says so.
 * The same seed gives the same interleaving. Threads take turns also while they wait for a {@link #lock}.
 */
final class SeededSchedule {

    private final Random random;
    private final int switchOneIn;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Thread> runnable = new ArrayList<>();
    private volatile Thread turn;
    private volatile Throwable failure;
    private long switches;

    /**
     * Makes a schedule.
     *
     * @param switchOneIn at a switch point the turn changes with a chance of one in this number
     */
    SeededSchedule(long seed, int switchOneIn) {
        random = new Random(seed);
        this.switchOneIn = switchOneIn;
    }

    /** Adds a thread; before {@link #run}. */
    void add(String name, Runnable body) {
        threads.add(new Thread(() -> {
            awaitTurn();
            try {
                if (failure == null) {
                    body.run();
                }
            } catch (Throwable e) {
                if (failure == null) {
                    failure = e;
                }
            } finally {
                finish();
            }
        }, name));
    }

    /** Runs all threads to their ends; fails with the first failure of one. */
    void run() throws InterruptedException {
        runnable.addAll(threads);
        turn = threads.get(random.nextInt(threads.size()));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure != null) {
            throw new AssertionError(failure.getMessage(), failure);
        }
    }

    /** How often the turn changed hands. */
    long switches() {
        return switches;
    }

    /** A point where another thread may go on. Threads outside of the schedule pass through. */
    void point() {
        if (Thread.currentThread() == turn && random.nextInt(switchOneIn) == 0) {
            pass();
        }
    }

    private void pass() {
        Thread next = runnable.get(random.nextInt(runnable.size()));
        if (next != Thread.currentThread()) {
            switches++;
            give(next);
            awaitTurn();
        }
        if (failure != null) {
            throw new IllegalStateException("another thread failed");
        }
    }

    private void give(Thread next) {
        turn = next;
        LockSupport.unpark(next);
    }

    private void awaitTurn() {
        while (turn != Thread.currentThread()) {
            LockSupport.park(this);
        }
    }

    private void finish() {
        runnable.remove(Thread.currentThread());
        if (!runnable.isEmpty()) {
            give(runnable.get(random.nextInt(runnable.size())));
        }
    }

    /** A lock whose waiting is part of the schedule. */
    Lock lock() {
        return new Lock() {
            private Thread holder;

            @Override
            public void lock() {
                while (holder != null) {
                    pass();
                }
                holder = Thread.currentThread();
            }

            @Override
            public void unlock() {
                if (holder != Thread.currentThread()) {
                    throw new IllegalMonitorStateException(holder + " holds the lock");
                }
                holder = null;
            }

            @Override
            public void lockInterruptibly() {
                lock();
            }

            @Override
            public boolean tryLock() {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean tryLock(long time, TimeUnit unit) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Condition newCondition() {
                throw new UnsupportedOperationException();
            }
        };
    }
}
