package org.latebind.machine.xen;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.latebind.hardware.PhysicalMemory;

/**
 * A guest's grant table as Xen sees it: the shared entries in memory, which the guest may change at any moment, and Xen's
 * own record of the pinned ones. Frame {@code i} of the table lies at the window plus {@code i} pages, status frame
 * {@code i} behind the last possible table frame. Not thread safe, but safe against the guest.
 *
 * <pre>
 * version 1: flags u16 | domid u16 | frame u32                      (8 bytes; in-use bits in flags)
 * version 2: flags u16 | domid u16 | union of 4 | frame u64         (16 bytes; in-use bits in the status array of u16)
 * </pre>
 */
final class SharedTable {

    static final int TYPE_MASK = 3;
    static final int TYPE_PERMIT_ACCESS = 1;
    static final int TYPE_TRANSITIVE = 3;
    static final int READONLY = 1 << 2;
    static final int READING = 1 << 3;
    static final int WRITING = 1 << 4;
    static final int SUB_PAGE = 1 << 8;
    static final int RESERVED_ENTRIES = 8;
    /** How often Xen tries to change an entry that its guest keeps changing. */
    static final int TRIES = 5;
    /** How often it tries to take its own bits back; the guest is stopped after that. */
    private static final int CLEAR_TRIES = 1 << 12;
    private static final int PAGE_BYTES = 4096;

    private final PhysicalMemory memory;
    private final long window;
    private final int maxFrames;
    private final Map<Integer, ActiveEntry> active = new HashMap<>();
    private int frames;
    private int version = 1;

    SharedTable(PhysicalMemory memory, long window, int maxFrames) {
        this.memory = memory;
        this.window = window;
        this.maxFrames = maxFrames;
        grow(1);
    }

    int version() {
        return version;
    }

    int frames() {
        return frames;
    }

    int maxFrames() {
        return maxFrames;
    }

    int entries() {
        return frames * (PAGE_BYTES / entryBytes());
    }

    private int entryBytes() {
        return version == 1 ? 8 : 16;
    }

    long window() {
        return window;
    }

    /** Guest frame at which table frame {@code index} may be placed. */
    long placeOf(int index) {
        return (window >>> 12) + index;
    }

    /** Guest frame at which status frame {@code index} may be placed. */
    long placeOfStatus(int index) {
        return (window >>> 12) + maxFrames + index;
    }

    int statusFrames() {
        return version == 1 ? 0 : (entries() + 2047) / 2048;
    }

    boolean ownsFrame(long frame) {
        return frame >= placeOf(0) && frame < placeOfStatus(statusFrames());
    }

    /** Makes the table at least {@code wanted} frames long; new frames are zero. */
    void grow(int wanted) {
        while (frames < wanted) {
            memory.fill(window + (long) frames * PAGE_BYTES, PAGE_BYTES, 0);
            frames++;
        }
    }

    /** The record of a reference, made when it is first asked for. */
    ActiveEntry active(int ref) {
        return active.computeIfAbsent(ref, r -> new ActiveEntry());
    }

    /** The record of a reference if somebody pins it, else null. */
    ActiveEntry pinned(int ref) {
        ActiveEntry entry = active.get(ref);
        return entry == null || !entry.pinned() ? null : entry;
    }

    /** Drops a record nobody pins any more. */
    void forget(int ref) {
        active.computeIfPresent(ref, (r, entry) -> entry.pinned() ? entry : null);
    }

    int pinnedCount() {
        return (int) active.values().stream().filter(ActiveEntry::pinned).count();
    }

    private boolean pinnedBeyondReserved() {
        return active.entrySet().stream().anyMatch(e -> e.getKey() >= RESERVED_ENTRIES && e.getValue().pinned());
    }

    private long entry(int ref) {
        return window + (long) ref * entryBytes();
    }

    private long status(int ref) {
        return window + (long) maxFrames * PAGE_BYTES + ref * 2L;
    }

    /** Flags in the low half, domain id in the high half, read at once. */
    int header(int ref) {
        return memory.read32(entry(ref));
    }

    /** Frame number in the entry of a full-page grant. */
    long frame(int ref) {
        return version == 1 ? Integer.toUnsignedLong(memory.read32(entry(ref) + 4)) : memory.read64(entry(ref) + 8);
    }

    /** The union of version 2: offset and length of a sub-page grant, or the second domain of a transitive one. */
    int union(int ref) {
        return memory.read32(entry(ref) + 4);
    }

    /**
     * Checks an entry and marks it as in use, against a guest that may change it meanwhile.
     *
     * @param copying whether the caller copies, so that sub-page and transitive grants count
     */
    GrantStatus setInUse(int ref, int caller, boolean readOnly, boolean copying) {
        int bits = READING | (readOnly ? 0 : WRITING);
        for (int attempt = 0; attempt < TRIES; attempt++) {
            int header = header(ref);
            if (!permits(header, caller, readOnly, copying)) {
                return GrantStatus.GENERAL_ERROR;
            }
            if (version == 1) {
                if (memory.compareAndExchange32(entry(ref), header, header | bits) == header) {
                    return GrantStatus.OKAY;
                }
            } else {
                setStatus(ref, bits);
                // The guest revokes by clearing the flags and looking at the status; so look again, after the status is set.
                if (permits(header(ref), caller, readOnly, copying)) {
                    return GrantStatus.OKAY;
                }
                clearInUse(ref, bits);
            }
        }
        return GrantStatus.GENERAL_ERROR;
    }

    private boolean permits(int header, int caller, boolean readOnly, boolean copying) {
        int type = header & TYPE_MASK;
        boolean access = type == TYPE_PERMIT_ACCESS && (copying && version == 2 || (header & SUB_PAGE) == 0);
        boolean through = copying && version == 2 && type == TYPE_TRANSITIVE;
        return (access || through) && header >>> 16 == caller && (readOnly || (header & READONLY) == 0);
    }

    private void setStatus(int ref, int bits) {
        int found = memory.read16(status(ref));
        while (true) {
            int seen = memory.compareAndExchange16(status(ref), found, found | bits);
            if (seen == found) {
                return;
            }
            found = seen;
        }
    }

    /**
     * Takes in-use bits back.
     *
     * @return false when the guest changed the entry faster than Xen for so long that Xen has to stop it
     */
    boolean clearInUse(int ref, int bits) {
        long address = version == 1 ? entry(ref) : status(ref);
        for (int attempt = 0; attempt < CLEAR_TRIES; attempt++) {
            int found = memory.read16(address);
            if (memory.compareAndExchange16(address, found, found & ~bits) == found) {
                return true;
            }
        }
        return false;
    }

    /** GNTTABOP_set_version; 0 or a negative error number. */
    int setVersion(int wanted, boolean versionTwoAllowed) {
        if (wanted != 1 && wanted != 2) {
            return XenErrors.EINVAL;
        }
        if (wanted == 2 && !versionTwoAllowed) {
            return XenErrors.ENOSYS;
        }
        if (wanted == version) {
            return 0;
        }
        if (pinnedBeyondReserved()) {
            return XenErrors.EBUSY;
        }
        byte[][] reserved = new byte[RESERVED_ENTRIES][];
        for (int ref = 0; ref < RESERVED_ENTRIES; ref++) {
            if (wanted == 1 && frame(ref) >>> 32 != 0) {
                return XenErrors.ERANGE;
            }
            reserved[ref] = convert(ref, wanted);
        }
        memory.fill(window, (long) frames * PAGE_BYTES, 0);
        version = wanted;
        if (wanted == 2) {
            memory.fill(window + (long) maxFrames * PAGE_BYTES, (long) statusFrames() * PAGE_BYTES, 0);
        }
        for (int ref = 0; ref < RESERVED_ENTRIES; ref++) {
            memory.write(entry(ref), reserved[ref], 0, reserved[ref].length);
        }
        return 0;
    }

    /** The bytes of a reserved entry in the other version's layout. */
    private byte[] convert(int ref, int wanted) {
        byte[] old = new byte[entryBytes()];
        memory.read(entry(ref), old, 0, old.length);
        byte[] fresh = new byte[wanted == 1 ? 8 : 16];
        System.arraycopy(old, 0, fresh, 0, 4);
        if (wanted == 2) {
            System.arraycopy(old, 4, fresh, 8, 4);
        } else {
            System.arraycopy(old, 8, fresh, 4, 4);
        }
        return fresh;
    }

    /** Exchanges two entries (GNTTABOP_swap_grant_ref); the caller checked that neither is pinned. */
    void swap(int a, int b) {
        byte[] first = new byte[entryBytes()];
        byte[] second = new byte[entryBytes()];
        memory.read(entry(a), first, 0, first.length);
        memory.read(entry(b), second, 0, second.length);
        if (!Arrays.equals(first, second)) {
            memory.write(entry(a), second, 0, second.length);
            memory.write(entry(b), first, 0, first.length);
        }
    }
}
