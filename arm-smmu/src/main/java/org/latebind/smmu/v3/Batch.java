package org.latebind.smmu.v3;

/**
 * Up to 64 commands on their way into the queue. A full batch is submitted without waiting, unless an erratum asks for it. Not
 * thread safe; reusable.
 */
final class Batch {

    static final int CAPACITY = 64;

    private final CommandQueue queue;
    private final long[] words = new long[2 * CAPACITY];
    private int count;

    Batch(CommandQueue queue) {
        this.queue = queue;
    }

    void add(long low, long high) {
        if (count == CAPACITY) {
            queue.issue(words, count, queue.forcedSync());
            count = 0;
        }
        words[2 * count] = low;
        words[2 * count + 1] = high;
        count++;
    }

    /** Submits what is there and a CMD_SYNC, and waits until it is done; false when it never was. */
    boolean submit() {
        boolean done = queue.issue(words, count, true);
        count = 0;
        return done;
    }

    /** Submits what is there without waiting. */
    void flush() {
        if (count > 0) {
            queue.issue(words, count, false);
            count = 0;
        }
    }
}
