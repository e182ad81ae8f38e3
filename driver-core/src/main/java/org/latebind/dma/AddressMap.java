package org.latebind.dma;

import java.util.Arrays;

/** Map from an address to two longs, open addressing without tombstones. Allocates only to grow. Not thread safe. */
final class AddressMap {

    private static final long EMPTY = -1L;

    private long[] keys = filled(16);
    private long[] firsts = new long[16];
    private long[] seconds = new long[16];
    private int size;

    private static long[] filled(int length) {
        long[] keys = new long[length];
        Arrays.fill(keys, EMPTY);
        return keys;
    }

    int size() {
        return size;
    }

    /** Slot of a key, or -1. */
    int find(long key) {
        int mask = keys.length - 1;
        for (int i = home(key, mask); keys[i] != EMPTY; i = i + 1 & mask) {
            if (keys[i] == key) {
                return i;
            }
        }
        return -1;
    }

    long first(int slot) {
        return firsts[slot];
    }

    long second(int slot) {
        return seconds[slot];
    }

    /** Adds a key that is not in the map. */
    void put(long key, long first, long second) {
        if (2 * (size + 1) > keys.length) {
            grow();
        }
        int mask = keys.length - 1;
        int i = home(key, mask);
        while (keys[i] != EMPTY) {
            i = i + 1 & mask;
        }
        keys[i] = key;
        firsts[i] = first;
        seconds[i] = second;
        size++;
    }

    /** Removes the entry of a slot, moving back what the gap would make unreachable. */
    void remove(int slot) {
        int mask = keys.length - 1;
        int gap = slot;
        for (int i = slot + 1 & mask; keys[i] != EMPTY; i = i + 1 & mask) {
            if ((i - home(keys[i], mask) & mask) >= (i - gap & mask)) {
                keys[gap] = keys[i];
                firsts[gap] = firsts[i];
                seconds[gap] = seconds[i];
                gap = i;
            }
        }
        keys[gap] = EMPTY;
        size--;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldFirsts = firsts;
        long[] oldSeconds = seconds;
        keys = filled(2 * oldKeys.length);
        firsts = new long[keys.length];
        seconds = new long[keys.length];
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != EMPTY) {
                put(oldKeys[i], oldFirsts[i], oldSeconds[i]);
            }
        }
    }

    private static int home(long key, int mask) {
        return (int) (key * 0x9e37_79b9_7f4a_7c15L >>> 32) & mask;
    }
}
