package org.latebind.machine.memory;

import java.util.Arrays;

/**
 * Map from a non-zero address to a long, open addressing with linear probing and no tombstones. Allocates only when
 * it grows. Not thread safe.
 */
final class AddressMap {

    /** Returned for an address that is not in the map. */
    static final long ABSENT = Long.MIN_VALUE;

    private long[] keys = new long[64];
    private long[] values = new long[64];
    private int size;

    long get(long address) {
        int mask = keys.length - 1;
        for (int i = slot(address, mask); keys[i] != 0; i = i + 1 & mask) {
            if (keys[i] == address) {
                return values[i];
            }
        }
        return ABSENT;
    }

    void put(long address, long value) {
        if (2 * (size + 1) > keys.length) {
            grow();
        }
        int mask = keys.length - 1;
        int i = slot(address, mask);
        while (keys[i] != 0 && keys[i] != address) {
            i = i + 1 & mask;
        }
        if (keys[i] == 0) {
            size++;
        }
        keys[i] = address;
        values[i] = value;
    }

    /** Removes an address and returns its value, or {@link #ABSENT}. */
    long remove(long address) {
        int mask = keys.length - 1;
        int i = slot(address, mask);
        while (keys[i] != address) {
            if (keys[i] == 0) {
                return ABSENT;
            }
            i = i + 1 & mask;
        }
        long value = values[i];
        close(i, mask);
        size--;
        return value;
    }

    /** Closes the gap at {@code hole}: moves back every entry that the gap would make unreachable. */
    private void close(int hole, int mask) {
        int gap = hole;
        for (int i = hole + 1 & mask; keys[i] != 0; i = i + 1 & mask) {
            int home = slot(keys[i], mask);
            if ((i - home & mask) >= (i - gap & mask)) {
                keys[gap] = keys[i];
                values[gap] = values[i];
                gap = i;
            }
        }
        keys[gap] = 0;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[2 * oldKeys.length];
        values = Arrays.copyOf(oldValues, keys.length);
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                put(oldKeys[i], oldValues[i]);
            }
        }
    }

    private static int slot(long address, int mask) {
        long mixed = address * 0x9e37_79b9_7f4a_7c15L;
        return (int) (mixed >>> 32) & mask;
    }
}
