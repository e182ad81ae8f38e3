package org.latebind.xengrant;

import java.lang.invoke.VarHandle;
import org.latebind.hardware.PhysicalMemory;

/**
 * The entries of a grant table in memory and the guest's half of the lock-free protocol on them (Xen public header
 * {@code grant_table.h}). Xen reads entries, and marks them as in use, at any moment.
 *
 * <pre>
 * flags:  1..0 type (1 permit_access) | 2 readonly | 3 reading | 4 writing | 8 sub_page
 * </pre>
 */
abstract sealed class EntryLayout {

    static final int PERMIT_ACCESS = 1;
    static final int TYPE_MASK = 3;
    static final int READONLY = 1 << 2;
    static final int READING = 1 << 3;
    static final int WRITING = 1 << 4;
    private static final int IN_USE = READING | WRITING;
    private static final int PAGE_BYTES = 4096;

    final PhysicalMemory memory;
    final long table;

    private EntryLayout(PhysicalMemory memory, long table) {
        this.memory = memory;
        this.table = table;
    }

    /**
     * The layout of a version.
     *
     * @param version 1 or 2
     * @param table   physical address of the first table frame
     * @param status  physical address of the first status frame; ignored for version 1
     */
    static EntryLayout of(int version, PhysicalMemory memory, long table, long status) {
        return version == 1 ? new V1(memory, table) : new V2(memory, table, status);
    }

    /** Version of the layout. */
    abstract int version();

    /** Size of one entry in bytes. */
    abstract int entryBytes();

    /** Highest frame number an entry can hold. */
    abstract long maxFrame();

    /** Frame in an entry. */
    abstract long frame(int ref);

    abstract void writeFrame(int ref, long frame);

    /** In-use bits ({@link #READING}, {@link #WRITING}) as Xen set them. */
    abstract int inUse(int ref);

    /**
     * Ends a grant unless it is in use.
     *
     * @return whether the entry is now invalid and unused; false when a backend has it mapped
     */
    abstract boolean tryEnd(int ref);

    final int entriesPerFrame() {
        return PAGE_BYTES / entryBytes();
    }

    final long address(int ref) {
        return table + (long) ref * entryBytes();
    }

    final int flags(int ref) {
        return memory.read16(address(ref));
    }

    final int domid(int ref) {
        return memory.read16(address(ref) + 2);
    }

    /** Grants a page. The flags come last, behind a barrier: Xen takes no notice of an entry before it has a type. */
    final void grant(int ref, int domid, long frame, boolean readOnly) {
        memory.write16(address(ref) + 2, domid);
        writeFrame(ref, frame);
        VarHandle.releaseFence();
        memory.write16(address(ref), PERMIT_ACCESS | (readOnly ? READONLY : 0));
        VarHandle.fullFence();
    }

    /**
     * Takes the right to write away, unless a backend is writing.
     *
     * @return false when a writable mapping exists; nothing is changed then
     */
    final boolean makeReadOnly(int ref) {
        int found = flags(ref);
        while (true) {
            if ((found & WRITING) != 0 || (inUse(ref) & WRITING) != 0) {
                return false;
            }
            int seen = memory.compareAndExchange16(address(ref), found, found | READONLY);
            if (seen == found) {
                return true;
            }
            found = seen;
        }
    }

    /** Gives the right to write back. */
    final void makeWritable(int ref) {
        int found = flags(ref);
        while (true) {
            int seen = memory.compareAndExchange16(address(ref), found, found & ~READONLY);
            if (seen == found) {
                return;
            }
            found = seen;
        }
    }

    /** Version 1: {@code flags u16 | domid u16 | frame u32}, in-use bits in the flags. */
    private static final class V1 extends EntryLayout {

        V1(PhysicalMemory memory, long table) {
            super(memory, table);
        }

        @Override
        int version() {
            return 1;
        }

        @Override
        int entryBytes() {
            return 8;
        }

        @Override
        long maxFrame() {
            return 0xFFFF_FFFFL;
        }

        @Override
        long frame(int ref) {
            return Integer.toUnsignedLong(memory.read32(address(ref) + 4));
        }

        @Override
        void writeFrame(int ref, long frame) {
            memory.write32(address(ref) + 4, (int) frame);
        }

        @Override
        int inUse(int ref) {
            return flags(ref) & IN_USE;
        }

        @Override
        boolean tryEnd(int ref) {
            int found = flags(ref);
            while ((found & IN_USE) == 0) {
                int seen = memory.compareAndExchange16(address(ref), found, 0);
                if (seen == found) {
                    return true;
                }
                found = seen;
            }
            return false;
        }
    }

    /**
     * Version 2: {@code flags u16 | domid u16 | pad u32 | frame u64}, in-use bits in a status array of u16. Unreachable on
     * Arm, where Xen refuses it.
     */
    private static final class V2 extends EntryLayout {
        private final long status;

        V2(PhysicalMemory memory, long table, long status) {
            super(memory, table);
            this.status = status;
        }

        @Override
        int version() {
            return 2;
        }

        @Override
        int entryBytes() {
            return 16;
        }

        @Override
        long maxFrame() {
            return -1L >>> 12;
        }

        @Override
        long frame(int ref) {
            return memory.read64(address(ref) + 8);
        }

        @Override
        void writeFrame(int ref, long frame) {
            memory.write32(address(ref) + 4, 0);
            memory.write64(address(ref) + 8, frame);
        }

        @Override
        int inUse(int ref) {
            return memory.read16(status + ref * 2L) & IN_USE;
        }

        @Override
        boolean tryEnd(int ref) {
            // The entry is invalid from here on, even when the answer is "in use": no new mapping can start.
            memory.write16(address(ref), 0);
            VarHandle.fullFence();
            boolean unused = inUse(ref) == 0;
            VarHandle.fullFence();
            return unused;
        }
    }
}
