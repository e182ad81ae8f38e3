package org.latebind.xengrant;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The free grant references of a table: a linked list for singles and a trailing run for sequences.
 *
 * <pre>
 * head -> r -> r -> ... -> s -> s+1 -> s+2 -> ... -> lastFree
 *                      ^ runBefore: the slot that points at s, the start of the consecutive run at the end of the list
 * </pre>
 * Rules, as Linux orders references: a single is the head, so the reference freed last is used first. A sequence is taken
 * from the trailing run; when that is too short the list is sorted and the first run that is long enough is taken; when there
 * is none the table has to grow. Reserved references never enter the list. Pure and not thread safe.
 */
final class FreeReferences {

    /** No reference: the end of the list. */
    static final int NONE = -1;
    /** References below this one belong to console, store and the like. */
    static final int RESERVED = 8;
    /** Slot name of the list's head; other slots are named by their reference. */
    private static final int HEAD = -1;
    private static final int NO_SLOT = -2;

    private int[] next = new int[0];
    private final BitSet free = new BitSet();
    private int head = NONE;
    private int lastFree = NONE;
    private int runBefore = NO_SLOT;
    private int freeCount;
    private int size;

    /** Number of references of the table, the reserved ones included. */
    int size() {
        return size;
    }

    /** Number of free references. */
    int freeCount() {
        return freeCount;
    }

    boolean isFree(int ref) {
        return free.get(ref);
    }

    /** Length of the consecutive run at the end of the list. */
    int trailing() {
        if (lastFree == NONE || runBefore == NO_SLOT || slot(runBefore) == NONE) {
            return 0;
        }
        return lastFree - slot(runBefore) + 1;
    }

    /** Appends the references of new table frames to the end of the list. */
    void grow(int newSize) {
        next = Arrays.copyOf(next, newSize);
        int first = Math.max(size, RESERVED);
        for (int ref = first; ref < newSize; ref++) {
            next[ref] = ref + 1 == newSize ? NONE : ref + 1;
        }
        if (freeCount == 0) {
            head = first;
            runBefore = HEAD;
        } else {
            next[lastFree] = first;
            if (runBefore == NO_SLOT) {
                // The run starts behind the first new reference, which stays in the list as a single. Linux' order, kept.
                runBefore = first;
            }
        }
        freeCount += newSize - first;
        lastFree = newSize - 1;
        free.set(first, newSize);
        size = newSize;
    }

    /** Takes the head of the list, or {@link #NONE} when nothing is free. */
    int takeOne() {
        int ref = head;
        if (ref == NONE) {
            return NONE;
        }
        free.clear(ref);
        freeCount--;
        if (runBefore == ref) {
            runBefore = HEAD;
        }
        head = next[ref];
        if (freeCount == 0) {
            lastFree = NONE;
            runBefore = NO_SLOT;
        }
        return ref;
    }

    /** Takes {@code count} (2 or more) consecutive references; {@link #NONE} when no run is long enough. */
    int takeRun(int count) {
        if (freeCount < count) {
            return NONE;
        }
        return trailing() < count ? sortAndTake(count) : takeTrailing(count);
    }

    /** Takes {@code count} references from the trailing run; {@link #NONE} when it is too short. Nothing is sorted. */
    int takeTrailing(int count) {
        if (trailing() < count) {
            return NONE;
        }
        int first = slot(runBefore);
        setSlot(runBefore, next[first + count - 1]);
        free.clear(first, first + count);
        freeCount -= count;
        if (freeCount == 0) {
            lastFree = NONE;
            runBefore = NO_SLOT;
        } else if (slot(runBefore) == NONE) {
            // The run is used up; the list ends where the run began.
            lastFree = runBefore;
        }
        return first;
    }

    /** Rebuilds the list in ascending order and takes the first run that is long enough, if there is one. */
    private int sortAndTake(int count) {
        int taken = NONE;
        int tail = HEAD;
        lastFree = NONE;
        runBefore = HEAD;
        int to;
        for (int from = free.nextSetBit(0); from >= 0; from = free.nextSetBit(to)) {
            to = Math.min(free.nextClearBit(from), size);
            if (taken == NONE && to - from >= count) {
                taken = from;
                free.clear(from, from + count);
                freeCount -= count;
                from += count;
            }
            if (from < to) {
                setSlot(tail, from);
                for (int ref = from; ref < to - 1; ref++) {
                    next[ref] = ref + 1;
                }
                tail = to - 1;
                lastFree = tail;
            }
            if (to < size && tail != HEAD) {
                // Another run may follow; then it starts behind this one.
                runBefore = tail;
            }
        }
        setSlot(tail, NONE);
        if (lastFree != size - 1) {
            // The last reference is in use: whatever ends the list is not the end of the table, so it is no trailing run.
            runBefore = NO_SLOT;
        }
        return taken;
    }

    /** Puts one reference back at the head; reserved ones are ignored. */
    void put(int ref) {
        if (ref < RESERVED) {
            return;
        }
        if (ref >= size || free.get(ref)) {
            throw new IllegalStateException("reference " + ref + " is free already, or outside the table of " + size);
        }
        next[ref] = head;
        head = ref;
        if (freeCount == 0) {
            lastFree = ref;
        }
        if (runBefore == HEAD) {
            runBefore = ref;
        }
        freeCount++;
        free.set(ref);
    }

    /** Puts a run back so that its first reference is the head afterwards. */
    void putRun(int first, int count) {
        for (int ref = first + count - 1; ref >= first; ref--) {
            put(ref);
        }
    }

    /** Takes certain references out, wherever they are, for entries that are in use when the table is found. */
    void claim(BitSet refs) {
        BitSet taken = (BitSet) refs.clone();
        taken.and(free);
        if (taken.isEmpty()) {
            return;
        }
        free.andNot(taken);
        freeCount -= taken.cardinality();
        if (freeCount == 0) {
            head = NONE;
            lastFree = NONE;
            runBefore = NO_SLOT;
        } else {
            sortAndTake(Integer.MAX_VALUE);
        }
    }

    private int slot(int name) {
        return name == HEAD ? head : next[name];
    }

    private void setSlot(int name, int ref) {
        if (name == HEAD) {
            head = ref;
        } else {
            next[name] = ref;
        }
    }
}
