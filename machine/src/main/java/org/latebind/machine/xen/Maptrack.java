package org.latebind.machine.xen;

import java.util.Arrays;

/**
 * The handles of one mapping domain. A frame holds 256 of them; each vCPU keeps one entry as the tail of its list, which
 * is never handed out. Grows by doubling up to its limit. Not thread safe.
 */
final class Maptrack {

    static final int ENTRIES_PER_FRAME = 256;
    private static final int END = -1;

    /** Mapping kinds and read-only bit of {@link MapRequest}; 0 means the handle is not in use. */
    private int[] flags;
    private int[] refs;
    private int[] domids;
    private int[] next;
    private final int limit;
    private int used;
    private int fresh;
    private int head = END;

    Maptrack(int maxFrames, int vcpus) {
        int total = maxFrames * ENTRIES_PER_FRAME;
        if (vcpus < 1 || total <= vcpus) {
            throw new IllegalArgumentException(maxFrames + " maptrack frames cannot serve " + vcpus + " vCPUs");
        }
        limit = total - vcpus;
        resize(Math.min(limit, ENTRIES_PER_FRAME));
    }

    /** Takes a handle, or -1 when all are in use. */
    int take() {
        if (used == limit) {
            return END;
        }
        int handle = head;
        if (handle != END) {
            head = next[handle];
        } else {
            handle = fresh++;
            if (handle == flags.length) {
                resize(Math.min(limit, flags.length * 2));
            }
        }
        used++;
        return handle;
    }

    /** Puts a handle back; it is not in use afterwards. */
    void put(int handle) {
        flags[handle] = 0;
        next[handle] = head;
        head = handle;
        used--;
    }

    /** Fills in a handle that was taken; flags last, as an unmap looks at them first. */
    void set(int handle, int domid, int ref, int newFlags) {
        domids[handle] = domid;
        refs[handle] = ref;
        flags[handle] = newFlags;
    }

    /** Flags of a handle; 0 for one that is not in use or out of range. */
    int flags(int handle) {
        return handle < 0 || handle >= fresh ? 0 : flags[handle];
    }

    void clearFlags(int handle, int bits) {
        flags[handle] &= ~bits;
    }

    int ref(int handle) {
        return refs[handle];
    }

    int domid(int handle) {
        return domids[handle];
    }

    int used() {
        return used;
    }

    /** One more than the highest handle ever handed out. */
    int bound() {
        return fresh;
    }

    private void resize(int size) {
        int old = flags == null ? 0 : flags.length;
        flags = old == 0 ? new int[size] : Arrays.copyOf(flags, size);
        refs = old == 0 ? new int[size] : Arrays.copyOf(refs, size);
        domids = old == 0 ? new int[size] : Arrays.copyOf(domids, size);
        next = old == 0 ? new int[size] : Arrays.copyOf(next, size);
    }
}
