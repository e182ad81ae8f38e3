package org.latebind.machine.smmu3;

/**
 * What a table walk needs to know, checked.
 *
 * @param base         address of the start-level table, aligned
 * @param inputBits    size of the input address space
 * @param granuleShift log2 of the page size
 * @param startLevel   level of the first table
 * @param outputBits   size of the output address space
 * @param stage2       descriptor format of stage 2
 * @param attributesFromTables whether APTable counts
 * @param accessFlag   whether a clear access flag faults
 * @param unprivileged whether AP[1] is asked (there is an EL0)
 */
record WalkParameters(long base, int inputBits, int granuleShift, int startLevel, int outputBits, boolean stage2,
        boolean attributesFromTables, boolean accessFlag, boolean unprivileged) {

    private static final int LARGEST_TSZ = 39;
    private static final int MOST_CONCATENATED_BITS = 4;

    int bitsPerLevel() {
        return granuleShift - 3;
    }

    int shift(int level) {
        return (4 - level) * bitsPerLevel() + 3;
    }

    /** Parameters of one half of a context descriptor, or null when that half is illegal. */
    static WalkParameters stage1(ContextDescriptor cd, int half, boolean el2, Features f) {
        int granule = half == 0 ? f.granuleOfTg0(cd.granule(0)) : f.granuleOfTg1(cd.granule(1));
        int tsz = cd.tsz(half);
        if (granule == 0 || tsz < f.smallestTsz(granule) || tsz > LARGEST_TSZ) {
            return null;
        }
        int outputBits = f.outputBits(cd.outputSize());
        long table = cd.table(half);
        if (table >>> outputBits != 0) {
            return null;
        }
        int inputBits = 64 - tsz;
        int perLevel = granule - 3;
        int start = 4 - (inputBits - 4) / perLevel;
        boolean fromTables = !(cd.hierarchicalDisabled(half) && f.hierarchicalDisable());
        return new WalkParameters(aligned(table, inputBits, perLevel, start), inputBits, granule, start, outputBits, false,
                fromTables, true, !el2);
    }

    /** Parameters of the stage 2 of a stream table entry, or null when they are illegal. */
    static WalkParameters stage2(StreamTableEntry ste, Features f) {
        int granule = f.granuleOfTg0(ste.s2Granule());
        int tsz = ste.s2Tsz();
        int inputBits = 64 - tsz;
        if (granule == 0 || tsz > LARGEST_TSZ || inputBits > Math.min(f.outputBits(), granule == 16 ? 52 : 48)) {
            return null;
        }
        int code = ste.s2StartCode();
        if (code == 3) {
            return null;
        }
        int start = (granule == 12 ? 2 : 3) - code;
        int outputBits = f.outputBits(ste.s2OutputSize());
        long table = ste.s2Table();
        int perLevel = granule - 3;
        int startBits = inputBits - ((4 - start) * perLevel + 3);
        if (startBits < 1 || startBits > perLevel + MOST_CONCATENATED_BITS || table >>> outputBits != 0) {
            return null;
        }
        return new WalkParameters(aligned(table, inputBits, perLevel, start), inputBits, granule, start, outputBits, true,
                false, !ste.s2AccessFlagDisabled(), false);
    }

    private static long aligned(long table, int inputBits, int perLevel, int start) {
        int indexBits = inputBits - ((4 - start) * perLevel + 3);
        long bytes = Math.max(64L, 8L << indexBits);
        return table & -bytes;
    }
}
