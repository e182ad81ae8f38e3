package org.latebind.machine.smmu3;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A translation cache. Entries stay until a command names them or the cache is full; then the oldest one goes.
 * Holds no failed lookups. Not thread safe.
 */
final class Tlb {

    private static final int CAPACITY = 512;
    /** ASID of an entry that serves every ASID. */
    private static final int GLOBAL = -1;

    private final Map<Key, Entry> entries = new LinkedHashMap<>();
    private final int[] entriesOfShift = new int[64];

    private record Key(boolean el2, int vmid, int asid, int granuleShift, int sizeShift, long page) {
    }

    /**
     * One translation.
     *
     * @param el2          belongs to the EL2 regime
     * @param vmid         virtual machine
     * @param asid         address space; not asked when {@code leaf} is global
     * @param granuleShift log2 of the page size of the table it came from
     * @param start        first input address
     * @param sizeShift    log2 of its size, at most that of the leaf
     * @param leaf         what it translates to; the output address belongs to {@code start}
     */
    record Entry(boolean el2, int vmid, int asid, int granuleShift, long start, int sizeShift, WalkResult.Leaf leaf) {

        boolean covers(long first, long last) {
            long end = start + (1L << sizeShift) - 1;
            return Long.compareUnsigned(start, last) <= 0 && Long.compareUnsigned(first, end) <= 0;
        }

        boolean serves(int wanted) {
            return leaf.global() || asid == wanted;
        }

        long translate(long input) {
            return leaf.output() | input & (1L << sizeShift) - 1;
        }
    }

    /** Finds the largest entry for an address, of the sizes that a walk with a first table of {@code largestShift} can end with. */
    Entry lookup(boolean el2, int vmid, int asid, int granuleShift, int largestShift, long input) {
        for (int shift = largestShift; shift >= 0; shift--) {
            if (entriesOfShift[shift] > 0) {
                long page = input >>> shift;
                Entry own = entries.get(new Key(el2, vmid, asid, granuleShift, shift, page));
                Entry hit = own != null ? own : entries.get(new Key(el2, vmid, GLOBAL, granuleShift, shift, page));
                if (hit != null) {
                    return hit;
                }
            }
        }
        return null;
    }

    void insert(Entry e) {
        if (entries.size() >= CAPACITY) {
            Iterator<Entry> oldest = entries.values().iterator();
            entriesOfShift[oldest.next().sizeShift()]--;
            oldest.remove();
        }
        Key key = new Key(e.el2(), e.vmid(), e.leaf().global() ? GLOBAL : e.asid(), e.granuleShift(), e.sizeShift(),
                e.start() >>> e.sizeShift());
        if (entries.put(key, e) == null) {
            entriesOfShift[e.sizeShift()]++;
        }
    }

    void drop(Predicate<Entry> which) {
        for (Iterator<Entry> all = entries.values().iterator(); all.hasNext();) {
            Entry e = all.next();
            if (which.test(e)) {
                entriesOfShift[e.sizeShift()]--;
                all.remove();
            }
        }
    }

    int size() {
        return entries.size();
    }
}
