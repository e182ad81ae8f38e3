package org.latebind.machine.smmu3;

import java.util.Random;

/**
 * Translation tables that grow at random below one context descriptor: pages and blocks of every granule, tables with and
 * without the read-only attribute, holes, malformed descriptors and pointers to where no memory is. Left out is what QEMU
 * answers against the architecture: clear access flags, AP[1]=0, global pages, output addresses beyond IPS, blocks at levels
 * that have none.
 */
final class RandomTables {

    /** Where every mapping and every untranslated access may end: nothing but data is there. */
    static final long DATA = 0x7000_0000L;
    static final int DATA_BYTES = 1 << 20;
    /** Answers with an external abort on both machines. */
    static final long MISSING = 0x60_0000_0000L;
    /** Low addresses: no memory there, and none of ours or of QEMU's at the same place of a large block. */
    private static final long LOW = 0x180_0000L;
    private static final long LOW_30 = (1L << 30) - 1;
    private static final int ATTRIBUTES = 0xf43;

    private final LockStep step;
    private final Random random;
    private final Pool pool;
    private final int granuleShift;
    private final int inputBits;
    private final boolean missingAllowed;
    private final long root;

    /** Memory for tables, never given back, all zero at first. */
    static final class Pool {

        private long next = 0x5400_0000L;

        long take(long bytes) {
            long start = next + bytes - 1 & -bytes;
            next = start + bytes;
            return start;
        }
    }

    RandomTables(LockStep step, Random random, Pool pool, int granuleShift, int inputBits, boolean missingAllowed) {
        this.step = step;
        this.random = random;
        this.pool = pool;
        this.granuleShift = granuleShift;
        this.inputBits = inputBits;
        this.missingAllowed = missingAllowed;
        this.root = pool.take(Math.max(64, 8L << inputBits - shift(startLevel())));
    }

    long root() {
        return root;
    }

    int granuleShift() {
        return granuleShift;
    }

    private int shift(int level) {
        return (4 - level) * (granuleShift - 3) + 3;
    }

    private int startLevel() {
        return 4 - (inputBits - 4) / (granuleShift - 3);
    }

    /** An input address whose low bits end in the data area under a page or block of any size. */
    long address() {
        long high = inputBits <= 30 ? 0 : (long) random.nextInt(3) << Math.min(inputBits - 2, 30 + random.nextInt(18));
        long offset = random.nextInt(8) << granuleShift | random.nextInt(1 << 10) << 2;
        long low = DATA & LOW_30 | offset & DATA_BYTES - 1;
        if (inputBits < 30) {
            return LOW & (1L << inputBits) - 1 | offset & DATA_BYTES - 1;
        }
        return high & (1L << Math.min(inputBits, 47)) - 1 & ~LOW_30 | low;
    }

    /** Puts one leaf in place for an address, or breaks the walk on its way. */
    void change(long iova) {
        int leafLevel = random.nextInt(3) == 0 && blockAllowed(2) ? 2 : 3;
        if (leafLevel == 2 && blockAllowed(1) && random.nextInt(3) == 0) {
            leafLevel = 1;
        }
        int breakAt = random.nextInt(14) == 0 ? startLevel() + random.nextInt(4 - startLevel()) : -1;
        long table = root;
        for (int level = startLevel(); level < leafLevel; level++) {
            long width = level == startLevel() ? inputBits - shift(level) : granuleShift - 3;
            long at = table + 8 * (iova >>> shift(level) & (1L << width) - 1);
            long present = step.load(at);
            if (level == breakAt) {
                step.store(at, random.nextBoolean() || !missingAllowed ? random.nextLong() & ~1L : MISSING | 3);
                return;
            }
            boolean usable = (present & 3) == 3 && (present & 0xffff_ffff_f000L) >>> 32 == 0;
            if (!usable) {
                present = pool.take(1L << granuleShift) | 3;
                step.store(at, present);
            }
            table = present & 0xffff_ffff_f000L;
        }
        long width = leafLevel == startLevel() ? inputBits - shift(leafLevel) : granuleShift - 3;
        step.store(table + 8 * (iova >>> shift(leafLevel) & (1L << width) - 1), leaf(leafLevel));
    }

    private boolean blockAllowed(int level) {
        boolean format = level == 2 || level == 1 && granuleShift == 12;
        return format && level >= startLevel() && shift(level) <= 30 && (inputBits >= 30 || shift(level) <= 25);
    }

    private long leaf(int level) {
        int kind = random.nextInt(12);
        if (kind == 0) {
            return random.nextLong() & ~1L;
        }
        if (kind == 1 && level == 3) {
            return DATA | ATTRIBUTES & ~2;
        }
        if (kind == 2 && missingAllowed) {
            return MISSING | (level == 3 ? ATTRIBUTES : ATTRIBUTES & ~2);
        }
        long size = 1L << shift(level);
        long start = level == 3 ? DATA + ((long) random.nextInt(8) << granuleShift) % DATA_BYTES : DATA & -size;
        // AP[2] read-only, SH, AttrIndx, XN, PXN, contiguous hint left alone
        long free = random.nextLong() & (1L << 7 | 3L << 8 | 7L << 2 | 3L << 53);
        long readOnly = random.nextInt(3) == 0 ? 1L << 7 : 0;
        return start | 1L << 11 | 1L << 10 | 1L << 6 | readOnly | free & ~(1L << 7) | (level == 3 ? 3 : 1);
    }
}
