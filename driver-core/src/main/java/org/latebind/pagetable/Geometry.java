package org.latebind.pagetable;

/**
 * Shape of a table: where the walk starts and how many entries the levels have. Level numbers are those of the
 * architecture; the last level is 3 for long and 2 for short descriptors.
 *
 * @param pageShift    log2 of the granule in bytes
 * @param bitsPerLevel log2 of the entries of a table below the root
 * @param startLevel   level of the root
 * @param pgdBits      log2 of the entries of the root, concatenated tables together
 */
public record Geometry(int pageShift, int bitsPerLevel, int startLevel, int pgdBits) {

    private static final int LEVELS = 4;
    private static final int MAX_CONCATENATED_SHIFT = 4;

    /**
     * Shape for an input range (DDI 0487, D8.2).
     *
     * @param ias more than {@code pageShift}
     */
    static Geometry of(int pageShift, int ias) {
        int bits = pageShift - 3;
        int vaBits = ias - pageShift;
        int levels = (vaBits + bits - 1) / bits;
        return new Geometry(pageShift, bits, LEVELS - levels, vaBits - bits * (levels - 1));
    }

    /**
     * Concatenates the tables of the start level where the generation's rule says so.
     *
     * @return the stage 2 shape, or null when more than 16 tables would be needed
     */
    Geometry concatenated(PageTableConfig config) {
        boolean wanted = config.behaviour() == Behaviour.V6_12
                ? startLevel == 0 && pgdBits <= MAX_CONCATENATED_SHIFT
                : mandatory(config.ias(), config.oas());
        if (!wanted) {
            return this;
        }
        return pgdBits > MAX_CONCATENATED_SHIFT ? null
                : new Geometry(pageShift, bitsPerLevel, startLevel + 1, pgdBits + bitsPerLevel);
    }

    private boolean mandatory(int ias, int oas) {
        if (pageShift == 14) {
            return startLevel == 0 && (oas == 48 || ias == 48) || startLevel == 1 && oas == 40;
        }
        return pageShift == 12 && startLevel == 0 && (oas == 40 || oas == 42);
    }

    /** Granule in bytes. */
    public long granule() {
        return 1L << pageShift;
    }

    /** Size of the root in bytes, before rounding up for the allocation. */
    public long pgdBytes() {
        return 8L << pgdBits;
    }

    /** log2 of the bytes one entry of a level covers. */
    public int shift(int level) {
        return (LEVELS - level) * bitsPerLevel + 3;
    }

    /** log2 of the bytes the root covers. */
    public int coveredShift() {
        return shift(startLevel) + pgdBits;
    }

    /** Index of an address in the table of a level; in the root over all concatenated tables. */
    public int index(long iova, int level) {
        return (int) (iova >>> shift(level)) & (1 << (level == startLevel ? pgdBits : bitsPerLevel)) - 1;
    }
}
