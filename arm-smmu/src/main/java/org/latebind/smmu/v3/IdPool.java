package org.latebind.smmu.v3;

import java.util.BitSet;

/** Hands out small numbers, lowest first. Thread safe. */
final class IdPool {

    /** No number is free. */
    static final int NONE = -1;

    private final BitSet used = new BitSet();

    /** Takes the lowest free number of {@code first} to 2^bits - 1, or returns {@link #NONE}. */
    synchronized int take(int first, int bits) {
        int id = used.nextClearBit(first);
        if (id >>> bits != 0) {
            return NONE;
        }
        used.set(id);
        return id;
    }

    synchronized void give(int id) {
        used.clear(id);
    }

    /** How many are taken. */
    synchronized int taken() {
        return used.cardinality();
    }
}
