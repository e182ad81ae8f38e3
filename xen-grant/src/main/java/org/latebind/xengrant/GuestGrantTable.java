package org.latebind.xengrant;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.hardware.xen.GrantCalls;
import org.latebind.hardware.xen.GrantLedger;

/**
 * The grant table of the guest the drivers run in: references, entries, growth, and who owns which run of references.
 *
 * <p>Thread safe. The lock covers the free list and the record of owners; entries are changed outside of it, each by the
 * owner of its reference alone, and by Xen.
 */
final class GuestGrantTable {

    /** What {@link #allocate} returns when there are no references: the error number of Linux, negated (ENOSPC). */
    static final int NO_SPACE = -28;

    private final GrantCalls calls;
    private final PhysicalMemory memory;
    private final long window;
    private final EntryLayout entries;
    private final int maxFrames;
    private final Object lock = new Object();
    private final FreeReferences free = new FreeReferences();
    private int frames;
    /** By reference: whose it is, and for the first of a run the run's length. */
    private GrantOwner[] owners = new GrantOwner[0];
    private int[] runs = new int[0];

    private GuestGrantTable(GrantCalls calls, PhysicalMemory memory, long window) {
        this.calls = calls;
        this.memory = memory;
        this.window = window;
        maxFrames = calls.maxFrames();
        entries = EntryLayout.of(calls.version(), memory, window, window + ((long) maxFrames << 12));
    }

    /**
     * A table, or why there is none.
     *
     * @param table   the table, or null
     * @param orphans references that are in use although nobody remembers them, ascending
     * @param error   what is wrong, or null
     */
    record Opened(GuestGrantTable table, List<Integer> orphans, String error) {

        static Opened failed(String error) {
            return new Opened(null, List.of(), error);
        }
    }

    /**
     * Finds the table the guest has and makes it visible in the window. Entries that are in use already, left over by an
     * earlier driver, are never handed out before they were ended.
     *
     * @param windowBytes size of the window
     * @param kept        runs of an earlier driver that wait for a backend; all their references stay taken
     */
    static Opened open(GrantCalls calls, PhysicalMemory memory, long window, long windowBytes,
            List<GrantLedger.Leftover> kept) {
        if (calls.frames() < 1 || calls.maxFrames() < 1) {
            return Opened.failed("Xen tells no size of the grant table");
        }
        long needed = ((long) calls.maxFrames() << 12) + (calls.version() == 1 ? 0 : (long) calls.maxFrames() << 9);
        if (needed > windowBytes || !memory.isMemory(window, needed)) {
            return Opened.failed("the window of 0x" + Long.toHexString(windowBytes) + " bytes at 0x"
                    + Long.toHexString(window) + " does not hold " + calls.maxFrames() + " table frames");
        }
        GuestGrantTable table = new GuestGrantTable(calls, memory, window);
        int present = calls.frames();
        for (int i = 0; i < present; i++) {
            int error = table.mapFrame(i);
            if (error != 0) {
                return Opened.failed("table frame " + i + ": error " + error);
            }
        }
        table.grown(present);
        return new Opened(table, table.claimUsed(kept), null);
    }

    private int mapFrame(int index) {
        int error = calls.mapTableFrame(index, (window >>> 12) + index);
        if (error == 0 && entries.version() == 2) {
            int last = ((index + 1) * entries.entriesPerFrame() - 1) / 2048;
            error = calls.mapStatusFrame(last, (window >>> 12) + maxFrames + last);
        }
        return error;
    }

    private void grown(int newFrames) {
        frames = newFrames;
        int size = newFrames * entries.entriesPerFrame();
        free.grow(size);
        owners = Arrays.copyOf(owners, size);
        runs = Arrays.copyOf(runs, size);
    }

    private List<Integer> claimUsed(List<GrantLedger.Leftover> kept) {
        BitSet taken = new BitSet();
        kept.forEach(run -> taken.set(run.firstRef(), run.firstRef() + run.count()));
        List<Integer> orphans = new ArrayList<>();
        for (int ref = FreeReferences.RESERVED; ref < free.size(); ref++) {
            if (!taken.get(ref) && (entries.flags(ref) != 0 || entries.inUse(ref) != 0)) {
                orphans.add(ref);
            }
        }
        orphans.forEach(taken::set);
        free.claim(taken);
        return orphans;
    }

    /** Version of the table. */
    int version() {
        return entries.version();
    }

    /** Highest frame that can be granted. */
    long maxFrame() {
        return entries.maxFrame();
    }

    int frames() {
        synchronized (lock) {
            return frames;
        }
    }

    /** References of the table, the reserved ones included. */
    int size() {
        synchronized (lock) {
            return free.size();
        }
    }

    int freeCount() {
        synchronized (lock) {
            return free.freeCount();
        }
    }

    EntryLayout entries() {
        return entries;
    }

    /**
     * Takes consecutive references.
     *
     * @param count 1 or more
     * @param owner whose they are until {@link #free}; not null
     * @return the first one, or {@link #NO_SPACE} with nothing taken
     */
    int allocate(int count, GrantOwner owner) {
        if (count < 1) {
            throw new IllegalArgumentException("a run of " + count + " references");
        }
        synchronized (lock) {
            int first = take(count);
            if (first == FreeReferences.NONE) {
                return NO_SPACE;
            }
            Arrays.fill(owners, first, first + count, owner);
            runs[first] = count;
            return first;
        }
    }

    private int take(int count) {
        if (free.freeCount() < count && !expand(count - free.freeCount())) {
            return FreeReferences.NONE;
        }
        if (count == 1) {
            return free.takeOne();
        }
        int first = free.takeRun(count);
        while (first == FreeReferences.NONE) {
            if (!expand(Math.max(1, count - free.trailing()))) {
                return FreeReferences.NONE;
            }
            first = free.takeTrailing(count);
            if (first == FreeReferences.NONE && frames == maxFrames) {
                first = free.takeRun(count);
            }
        }
        return first;
    }

    private boolean expand(int missing) {
        int perFrame = entries.entriesPerFrame();
        int wanted = frames + (missing - 1) / perFrame + 1;
        if (wanted > maxFrames) {
            return false;
        }
        for (int i = frames; i < wanted; i++) {
            if (mapFrame(i) != 0) {
                // Frames mapped so far stay mapped and unused; the next growth maps them again, which is harmless.
                return false;
            }
        }
        grown(wanted);
        return true;
    }

    /** Length of the run that starts at {@code ref} and belongs to {@code owner}, or 0. */
    int run(int ref, GrantOwner owner) {
        synchronized (lock) {
            return ref >= 0 && ref < runs.length && owners[ref] == owner ? runs[ref] : 0;
        }
    }

    /**
     * Starts the end of a run: of several calls for the same run only one gets it.
     *
     * @return false when {@code owner} has no run of exactly {@code count} references at {@code first}
     */
    boolean claim(int first, int count, GrantOwner owner) {
        synchronized (lock) {
            if (count < 1 || first < 0 || first >= runs.length || owners[first] != owner || runs[first] != count) {
                return false;
            }
            runs[first] = 0;
            return true;
        }
    }

    /** First reference of the lowest run of an owner at or above {@code from}, or -1. */
    int firstRun(GrantOwner owner, int from) {
        synchronized (lock) {
            for (int ref = from; ref < owners.length; ref++) {
                if (owners[ref] == owner && runs[ref] > 0) {
                    return ref;
                }
            }
            return -1;
        }
    }

    /** Owner of a reference, or null. */
    GrantOwner owner(int ref) {
        synchronized (lock) {
            return ref >= 0 && ref < owners.length ? owners[ref] : null;
        }
    }

    /** Number of references an owner holds. */
    int held(GrantOwner owner) {
        synchronized (lock) {
            int held = 0;
            for (GrantOwner candidate : owners) {
                held += candidate == owner ? 1 : 0;
            }
            return held;
        }
    }

    /** Takes a run from its owner without freeing it: nobody's, and not to be used, until a {@link #free}. */
    void disown(int first, int count) {
        synchronized (lock) {
            Arrays.fill(owners, first, first + count, null);
            runs[first] = 0;
        }
    }

    /** Puts a run back that was allocated; every entry must have been ended. */
    void free(int first, int count) {
        for (int ref = first; ref < first + count; ref++) {
            if (entries.flags(ref) != 0) {
                throw new IllegalStateException("reference " + ref + " is freed with flags 0x"
                        + Integer.toHexString(entries.flags(ref)));
            }
        }
        synchronized (lock) {
            Arrays.fill(owners, first, first + count, null);
            runs[first] = 0;
            free.putRun(first, count);
        }
    }

    /** Ends every entry of a run that is not in use; tells whether all are ended. */
    boolean endAll(int first, int count) {
        boolean all = true;
        for (int ref = first; ref < first + count; ref++) {
            all &= entries.tryEnd(ref);
        }
        return all;
    }

    PhysicalMemory memory() {
        return memory;
    }
}
