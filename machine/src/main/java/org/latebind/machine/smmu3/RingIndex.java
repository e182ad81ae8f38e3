package org.latebind.machine.smmu3;

/**
 * Index arithmetic of a queue of 2^bits entries: the index in the low bits, one wrap bit above (Arm IHI 0070, section 3.5.1).
 *
 * @param bits log2 of the number of entries
 */
record RingIndex(int bits) {

    int mask() {
        return (1 << bits + 1) - 1;
    }

    int slot(int index) {
        return index & (1 << bits) - 1;
    }

    int next(int index) {
        return index + 1 & mask();
    }

    /** Entries between consumer and producer; more than 2^bits means that software broke the rules. */
    int filled(int producer, int consumer) {
        return producer - consumer & mask();
    }

    boolean full(int producer, int consumer) {
        return filled(producer, consumer) >= 1 << bits;
    }
}
