package org.latebind.explorer;

import java.util.Arrays;

/** Packed states in the order in which they were found, each once, with the way they were found: open addressing over longs. */
final class StateStore {

    private static final int FIRST = 256;

    private final int words;
    private final int most;
    private long[] states;
    private int[] parent;
    private int[] event;
    private int[] table;
    private int size;

    /** For states of {@code words} longs, {@code most} of them. */
    StateStore(int words, long most) {
        this.words = words;
        this.most = (int) Math.min(most, (Integer.MAX_VALUE - 16) / Math.max(words, 3));
        states = new long[FIRST * words];
        parent = new int[FIRST];
        event = new int[FIRST];
        table = new int[2 * FIRST];
    }

    int size() {
        return size;
    }

    /** Bytes of a state with everything kept about it, at the table's least load. */
    static long bytesPerState(int words) {
        return 8L * words + 4 + 4 + 16;
    }

    boolean full() {
        return size >= most;
    }

    long[] words() {
        return states;
    }

    int at(int state) {
        return state * words;
    }

    int parent(int state) {
        return parent[state];
    }

    int event(int state) {
        return event[state];
    }

    private int slot(long[] from, int start, int mask) {
        long h = 0x9E3779B97F4A7C15L;
        for (int i = 0; i < words; i++) {
            h = (h ^ from[start + i]) * 0xBF58476D1CE4E5B9L;
            h ^= h >>> 29;
        }
        return (int) (h ^ h >>> 32) & mask;
    }

    /** Adds the state unless it is there; false when it was new and there was no room. */
    boolean add(long[] from, int start, int cameFrom, int by) {
        int mask = table.length - 1;
        int s = slot(from, start, mask);
        while (table[s] != 0) {
            int at = (table[s] - 1) * words;
            int i = 0;
            while (i < words && states[at + i] == from[start + i]) {
                i++;
            }
            if (i == words) {
                return true;
            }
            s = s + 1 & mask;
        }
        if (full()) {
            return false;
        }
        if (size == parent.length) {
            int more = (int) Math.min(most, size * 2L);
            states = Arrays.copyOf(states, more * words);
            parent = Arrays.copyOf(parent, more);
            event = Arrays.copyOf(event, more);
        }
        System.arraycopy(from, start, states, size * words, words);
        parent[size] = cameFrom;
        event[size] = by;
        size++;
        table[s] = size;
        if (size * 2L > table.length) {
            grow();
        }
        return true;
    }

    private void grow() {
        int[] bigger = new int[table.length * 2];
        int mask = bigger.length - 1;
        for (int i = 0; i < size; i++) {
            int s = slot(states, i * words, mask);
            while (bigger[s] != 0) {
                s = s + 1 & mask;
            }
            bigger[s] = i + 1;
        }
        table = bigger;
    }
}
