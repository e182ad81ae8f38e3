package org.latebind.smmu.v2;

import java.util.Arrays;
import org.latebind.driver.Errno;

/**
 * The shadow of SMRn and S2CRn: who uses which entry. Pure bookkeeping; writing the hardware is the caller's.
 *
 * <p>A stream specification is one 32-bit id: stream id in bits 15:0, mask in bits 31:16 (a set mask bit is ignored in
 * the comparison).
 */
final class StreamMapTable {

    /** One entry; fields are read freely and changed only through the table. */
    static final class Entry {
        boolean valid;
        int id;
        int mask;
        int users;
        int attached;
        Type type;
        int bank;
        Object group;
    }

    /** S2CR types with their codes. */
    enum Type { TRANSLATE, BYPASS, FAULT }

    private static final int INHERITED_BANK = 0xff;

    private final Entry[] entries;
    private final boolean matching;
    private final Type initial;

    StreamMapTable(int groups, boolean matching, boolean disableBypass) {
        this.matching = matching;
        initial = disableBypass ? Type.FAULT : Type.BYPASS;
        entries = new Entry[groups];
        for (int i = 0; i < groups; i++) {
            entries[i] = new Entry();
            entries[i].type = initial;
        }
    }

    int size() {
        return entries.length;
    }

    Entry entry(int n) {
        return entries[n];
    }

    /** What an unattached stream that matches gets. */
    Type initialType() {
        return initial;
    }

    /** Number of entries somebody uses or the firmware left. */
    int inUse() {
        return (int) Arrays.stream(entries).filter(e -> e.valid || e.users > 0).count();
    }

    /**
     * Finds the entry for a stream: one that covers it, else the first free one.
     *
     * @return the index, or a negative error number: -EINVAL when another entry overlaps, -ENOSPC when all are taken
     */
    int find(int id, int mask) {
        if (!matching) {
            return id < entries.length ? id : -Errno.EINVAL.number();
        }
        int free = -Errno.ENOSPC.number();
        for (int i = 0; i < entries.length; i++) {
            Entry e = entries[i];
            if (!e.valid) {
                free = free < 0 ? i : free;
                continue;
            }
            // Entirely inside an existing entry: share it. The entry stays as wide as it is.
            if ((mask & e.mask) == mask && ((id ^ e.id) & ~e.mask) == 0) {
                return i;
            }
            // Any other overlap would make some stream match twice.
            if (((id ^ e.id) & ~(e.mask | mask)) == 0) {
                return -Errno.EINVAL.number();
            }
        }
        return free;
    }

    /**
     * Takes entries for all streams of a device, or none.
     *
     * @param fwids stream specifications
     * @param taken receives the index of each stream's entry
     * @return null, or the error
     */
    Errno allocate(int[] fwids, int[] taken) {
        for (int i = 0; i < fwids.length; i++) {
            int index = find(fwids[i] & 0xffff, fwids[i] >>> 16);
            if (index < 0) {
                for (int undo = i - 1; undo >= 0; undo--) {
                    release(taken[undo]);
                }
                return Errno.of(index);
            }
            Entry e = entries[index];
            if (e.users == 0 && !e.valid && matching) {
                e.valid = true;
                e.id = fwids[i] & 0xffff;
                e.mask = fwids[i] >>> 16;
            }
            e.users++;
            taken[i] = index;
        }
        return null;
    }

    /** Drops one use; returns whether it was the last, so that the entry is back to its initial state. */
    boolean release(int index) {
        Entry e = entries[index];
        if (e.users <= 0) {
            throw new IllegalStateException("stream entry " + index + " released more often than taken");
        }
        if (--e.users > 0) {
            return false;
        }
        e.valid = false;
        e.type = initial;
        e.bank = 0;
        e.attached = 0;
        e.group = null;
        return true;
    }

    /** Keeps an entry the firmware runs: it bypasses until a device with these streams takes it over. */
    void inherit(int index, int id, int mask) {
        Entry e = entries[index];
        e.valid = true;
        e.id = id;
        e.mask = mask;
        e.type = Type.BYPASS;
        e.bank = INHERITED_BANK;
    }
}
