package org.latebind.machine.smmu2;

/**
 * Outcome of a table walk.
 *
 * @param fault     FSR bit of the fault, 0 when there is a translation
 * @param level     level the walk ended at, 0 to 3
 * @param onWalk    the fault happened when a descriptor was fetched
 * @param entry     the translation; null on a fault
 * @param lastTable the table the final descriptor lies in; null when unknown
 */
record Walk(int fault, int level, boolean onWalk, TlbEntry entry, Tlb.CachedTable lastTable) {

    static Walk fault(int fsr, int level) {
        return new Walk(fsr, level, false, null, null);
    }

    /** A fault of the final descriptor, in a known table. */
    static Walk fault(int fsr, int level, Tlb.CachedTable lastTable) {
        return new Walk(fsr, level, false, null, lastTable);
    }

    static Walk of(TlbEntry entry, int level, Tlb.CachedTable lastTable) {
        return new Walk(0, level, false, entry, lastTable);
    }
}
