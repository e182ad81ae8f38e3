package org.latebind.explorer;

import java.util.Objects;

/**
 * What a run may cost. A limit that is reached makes the verdict {@link Verdict#LIMIT}, never a wrong proof.
 *
 * @param states   states stored at most at one time; at least 1
 * @param bytes    bytes of stored states at most; at least 1
 * @param threads  threads; at least 1
 * @param repairs  whether repairs are looked for
 * @param sliced   whether the board is cut into cones of influence; unsliced runs exist to check the cutting
 * @param reduced  whether only one of the orders of commuting loads is tried (partial-order reduction); the result is the same
 * @param progress told now and then, from one thread at a time; not null
 */
public record Limits(long states, long bytes, int threads, boolean repairs, boolean sliced, boolean reduced, Progress progress) {

    private static final long STATES = 20_000_000;

    /** Twenty million states, half the heap, all cores, with repairs, sliced, reduced, silent. */
    public static final Limits DEFAULT = new Limits(STATES, Runtime.getRuntime().maxMemory() / 2,
        Runtime.getRuntime().availableProcessors(), true, true, true, (done, of, states) -> { });

    /** Checks. */
    public Limits {
        Objects.requireNonNull(progress, "progress");
        if (states < 1 || bytes < 1 || threads < 1) {
            throw new IllegalArgumentException("limits are positive");
        }
    }

    /** With this many states. */
    public Limits withStates(long value) {
        return new Limits(value, bytes, threads, repairs, sliced, reduced, progress);
    }

    /** With this many bytes. */
    public Limits withBytes(long value) {
        return new Limits(states, value, threads, repairs, sliced, reduced, progress);
    }

    /** With this many threads. */
    public Limits withThreads(int value) {
        return new Limits(states, bytes, value, repairs, sliced, reduced, progress);
    }

    /** With or without the search for repairs. */
    public Limits withRepairs(boolean value) {
        return new Limits(states, bytes, threads, value, sliced, reduced, progress);
    }

    /** Cut into cones or in one piece. */
    public Limits withSliced(boolean value) {
        return new Limits(states, bytes, threads, repairs, value, reduced, progress);
    }

    /** With or without partial-order reduction. */
    public Limits withReduced(boolean value) {
        return new Limits(states, bytes, threads, repairs, sliced, value, progress);
    }

    /** Telling this listener. */
    public Limits withProgress(Progress value) {
        return new Limits(states, bytes, threads, repairs, sliced, reduced, value);
    }

    /** Hears how far a run is. */
    @FunctionalInterface
    public interface Progress {
        /** Cones done, cones in all (0 while unknown), states stored so far. */
        void report(int done, int of, long states);
    }
}
