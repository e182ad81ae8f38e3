package org.latebind.smmu;

import org.latebind.hardware.PhysicalMemory;

/**
 * 64 KiB of a guest at an intermediate address, with the guest's own stage-1 tables in it: 4 KiB pages, 39 bits, one page mapped.
 */
public final class GuestMemory {

    /** Where the guest sees its memory. */
    public static final long IPA = 0x1000_0000L;
    /** Size in pages of 4 KiB. */
    public static final int PAGES = 16;
    /** Intermediate address of the guest's level-1 table. */
    public static final long ROOT = IPA + 0x1000;
    /** Input address the guest maps. */
    public static final long IOVA = 0x4000_1000L;
    /** Offset of the page it is mapped to. */
    public static final long DATA = 0x4000;
    private static final long PAGE = 0xf43;

    private final PhysicalMemory memory;
    private final long physical;

    /** Makes the tables in memory that lies at {@code physical}. */
    public GuestMemory(PhysicalMemory memory, long physical) {
        this.memory = memory;
        this.physical = physical;
        write(0x1000 + 8, IPA + 0x2000 | 3);
        write(0x2000, IPA + 0x3000 | 3);
        map(DATA);
    }

    /** Stores a word at an offset. */
    public void write(long offset, long word) {
        memory.write64(physical + offset, word);
    }

    /** Reads a word at an offset. */
    public long read(long offset) {
        return memory.read64(physical + offset);
    }

    /** Maps {@link #IOVA} to the page at an offset of the guest's memory. */
    public void map(long offset) {
        write(0x3000 + 8, IPA + offset | PAGE);
    }

    /** Takes the mapping back. */
    public void unmap() {
        write(0x3000 + 8, 0);
    }
}
