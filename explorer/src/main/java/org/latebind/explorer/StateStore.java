package org.latebind.explorer;

import java.util.Arrays;

/**
 * Packed states in the order in which they were found, each once, with the way they were found: open addressing over chunks of
 * longs, so that growing copies no state. Written by one thread at a time; between writes any number of threads may read.
 */
final class StateStore {

    private static final int CHUNK_BITS = 12;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final int FIRST = 64;
    private static final int TABLE = 128;

    private final int words;
    private final int most;
    private long[][] states = new long[1][];
    /** Parent and event, by turns. */
    private int[][] origins = new int[1][];
    private int[] table = new int[TABLE];
    private int size;

    /** For states of {@code words} longs, {@code most} of them. */
    StateStore(int words, long most) {
        this.words = words;
        this.most = (int) Math.min(most, Integer.MAX_VALUE / 4);
        states[0] = new long[FIRST * words];
        origins[0] = new int[FIRST * 2];
    }

    int size() {
        return size;
    }

    /** Bytes of a state with everything kept about it: the state, where it came from, and its places in the table at worst. */
    static long bytesPerState(int words) {
        return 8L * words + 8 + 16;
    }

    boolean full() {
        return size >= most;
    }

    /** The array that holds the state. */
    long[] words(int state) {
        return states[state >> CHUNK_BITS];
    }

    /** Where the state starts in {@link #words}. */
    int at(int state) {
        return (state & CHUNK - 1) * words;
    }

    int parent(int state) {
        return origins[state >> CHUNK_BITS][2 * (state & CHUNK - 1)];
    }

    int event(int state) {
        return origins[state >> CHUNK_BITS][2 * (state & CHUNK - 1) + 1];
    }

    private int slot(long[] from, int start, int mask) {
        long h = 0x9E3779B97F4A7C15L;
        for (int i = 0; i < words; i++) {
            h = (h ^ from[start + i]) * 0xBF58476D1CE4E5B9L;
            h ^= h >>> 29;
        }
        return (int) (h ^ h >>> 32) & mask;
    }

    private boolean same(int state, long[] from, int start) {
        long[] own = words(state);
        int at = at(state);
        for (int i = 0; i < words; i++) {
            if (own[at + i] != from[start + i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether the state is there. */
    boolean contains(long[] from, int start) {
        int mask = table.length - 1;
        int s = slot(from, start, mask);
        while (table[s] != 0) {
            if (same(table[s] - 1, from, start)) {
                return true;
            }
            s = s + 1 & mask;
        }
        return false;
    }

    /** Adds the state unless it is there; false when it was new and there was no room. */
    boolean add(long[] from, int start, int cameFrom, int by) {
        int mask = table.length - 1;
        int s = slot(from, start, mask);
        while (table[s] != 0) {
            if (same(table[s] - 1, from, start)) {
                return true;
            }
            s = s + 1 & mask;
        }
        if (full()) {
            return false;
        }
        room();
        System.arraycopy(from, start, words(size), at(size), words);
        int[] origin = origins[size >> CHUNK_BITS];
        origin[2 * (size & CHUNK - 1)] = cameFrom;
        origin[2 * (size & CHUNK - 1) + 1] = by;
        size++;
        table[s] = size;
        if (size * 4L > table.length * 3L) {
            grow();
        }
        return true;
    }

    private void room() {
        int chunk = size >> CHUNK_BITS;
        if (chunk == states.length) {
            states = Arrays.copyOf(states, 2 * chunk);
            origins = Arrays.copyOf(origins, 2 * chunk);
        }
        if (states[chunk] == null) {
            states[chunk] = new long[CHUNK * words];
            origins[chunk] = new int[CHUNK * 2];
        } else if ((size & CHUNK - 1) * 2 == origins[chunk].length) {
            int more = Math.min(CHUNK, 4 * (size & CHUNK - 1));
            states[chunk] = Arrays.copyOf(states[chunk], more * words);
            origins[chunk] = Arrays.copyOf(origins[chunk], more * 2);
        }
    }

    private void grow() {
        int[] bigger = new int[table.length * 2];
        int mask = bigger.length - 1;
        for (int i = 0; i < size; i++) {
            int s = slot(words(i), at(i), mask);
            while (bigger[s] != 0) {
                s = s + 1 & mask;
            }
            bigger[s] = i + 1;
        }
        table = bigger;
    }
}
