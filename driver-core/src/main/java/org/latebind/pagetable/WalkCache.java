package org.latebind.pagetable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Remembers where the tables of the lower levels lie, so that most operations read one descriptor instead of a walk.
 *
 * <p>An entry is one long, so that threads may race on it without a torn result: the number of the table's range in the
 * upper bits, the number of the table's granule in the lower 36. Both fit for every format: 27 + 36 bits for 4 KiB
 * granules and 48-bit addresses, less for the others. Whoever frees a table drops its entry; the contract that
 * overlapping operations are ordered by the caller makes that enough.
 */
final class WalkCache {

    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int GRANULE_BITS = 36;
    private static final int SLOTS_PER_LEVEL = 512;
    private static final int LAST = 3;

    private final long[] last = new long[SLOTS_PER_LEVEL];
    private final long[] upper = new long[SLOTS_PER_LEVEL];
    private final Geometry geometry;
    private final int pageShift;
    private final int lastShift;
    private final int upperShift;
    private final long lastMask;
    private final long upperMask;

    WalkCache(Geometry geometry) {
        this.geometry = geometry;
        pageShift = geometry.pageShift();
        lastShift = geometry.shift(LAST - 1);
        upperShift = geometry.shift(LAST - 2);
        lastMask = mask(lastShift);
        upperMask = mask(upperShift);
    }

    private long mask(int shift) {
        int covered = geometry.coveredShift();
        return covered <= shift ? 0 : (1L << covered - shift) - 1;
    }

    /** Address of the last-level table of an address, or 0 when it is not known. */
    long last(long iova) {
        return hit(last, iova >>> lastShift & lastMask);
    }

    /** Address of the table one level above the last, or 0 when it is not known. */
    long upper(long iova) {
        return hit(upper, iova >>> upperShift & upperMask);
    }

    private long hit(long[] slots, long range) {
        long entry = (long) SLOTS.getOpaque(slots, (int) range & SLOTS_PER_LEVEL - 1);
        return entry >>> GRANULE_BITS == range ? (entry & (1L << GRANULE_BITS) - 1) << pageShift : 0;
    }

    /** Notes the table of a level below the root. */
    void put(int level, long iova, long table) {
        if (level == LAST) {
            put(last, iova >>> lastShift & lastMask, table);
        } else if (level == LAST - 1) {
            put(upper, iova >>> upperShift & upperMask, table);
        }
    }

    private void put(long[] slots, long range, long table) {
        SLOTS.setOpaque(slots, (int) range & SLOTS_PER_LEVEL - 1, range << GRANULE_BITS | table >>> pageShift);
    }

    /** Forgets the table of a level below the root. */
    void drop(int level, long iova) {
        if (level == LAST) {
            SLOTS.setOpaque(last, (int) (iova >>> lastShift & lastMask) & SLOTS_PER_LEVEL - 1, 0L);
        } else if (level == LAST - 1) {
            SLOTS.setOpaque(upper, (int) (iova >>> upperShift & upperMask) & SLOTS_PER_LEVEL - 1, 0L);
        }
    }
}
