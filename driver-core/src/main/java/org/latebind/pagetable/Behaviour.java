package org.latebind.pagetable;

/**
 * Generations of the library whose results differ. Always an explicit choice of the caller; nothing else depends on it
 * than what is stated here.
 */
public enum Behaviour {
    /**
     * Up to 6.12: unmapping a part of a block splits the block; at stage 2 the tables of the start level are
     * concatenated whenever the start level is 0 and at most 16 result; the root takes at least one 4 KiB page.
     */
    V6_12,
    /**
     * As in 7.3: unmapping a part of a block changes nothing and returns 0; start-level tables are concatenated only
     * where the architecture demands it; the root takes at least 64 bytes.
     */
    V7_3
}
