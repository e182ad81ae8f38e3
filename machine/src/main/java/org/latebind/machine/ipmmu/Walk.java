package org.latebind.machine.ipmmu;

import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.PhysicalMemory;

/**
 * The table walker of the hardware: reads tables straight from memory, and knows nothing of the code that wrote them.
 *
 * <pre>
 * stage 1 (long descriptors, 32-bit input)     stage 2 (VMSAv8-64, S2 descriptors)
 *   31:30 L1  29:21 L2  20:12 L3                 top:30 L1 (concatenated)  29:21 L2  20:12 L3
 *   63 NSTable and 5 NS must be 1                7:6 S2AP: 1 read, 2 write
 *   7 AP[2] read only, 10 AF                     10 AF
 * </pre>
 */
final class Walk {

    static final int ERROR_FORMAT = 1;
    static final int ERROR_PERMISSION = 4;
    static final int ERROR_SECURE = 5;

    private static final int LEVEL_LAST = 3;
    private static final int PAGE_SHIFT = 12;
    private static final int INDEX_BITS = 9;
    private static final long ENTRY_BYTES = 8;
    private static final long ADDRESS_MASK = 0x0000_00FF_FFFF_F000L;
    private static final long NS_TABLE = 1L << 63;
    private static final long NS_LEAF = 1L << 5;
    private static final long READ_ONLY = 1L << 7;
    private static final long ACCESS_FLAG = 1L << 10;
    private static final long S2_READ = 1L << 6;
    private static final long S2_WRITE = 1L << 7;
    private static final int STAGE1_BITS = 32;

    private Walk() {
    }

    /** How a walk ended. */
    enum End {
        /** A leaf was found. */ MAPPED,
        /** Nothing there. */ TRANSLATION_FAULT,
        /** The descriptor itself forbids the walk (security, access flag). */ PERMISSION_FAULT,
        /** The table is no memory. */ ABORT
    }

    /**
     * Result of a walk.
     *
     * @param end      how it ended
     * @param page     physical address of the 4 KiB page
     * @param readable may be read
     * @param writable may be written
     * @param level    level of the last descriptor
     * @param error    ERRCODE for IMSTR
     */
    record Result(End end, long page, boolean readable, boolean writable, int level, int error) {

        static Result fault(End end, int level, int error) {
            return new Result(end, 0, false, false, level, error);
        }

        boolean permits(boolean write) {
            return end == End.MAPPED && (write ? writable : readable);
        }
    }

    /** Stage 1, 32-bit input, tables from {@code startLevel} on. */
    static Result stage1(PhysicalMemory memory, long table, int startLevel, long address) {
        if (address >>> STAGE1_BITS != 0) {
            return Result.fault(End.TRANSLATION_FAULT, startLevel, ERROR_FORMAT);
        }
        return walk(memory, table, startLevel, address, address >>> shift(startLevel), true);
    }

    /** Stage 2 from level 1 with concatenated first tables; {@code inputBits} is 64 - TSZ0. */
    static Result stage2(PhysicalMemory memory, long table, int inputBits, long address) {
        if (inputBits < 64 && address >>> inputBits != 0) {
            return Result.fault(End.TRANSLATION_FAULT, 1, ERROR_FORMAT);
        }
        return walk(memory, table, 1, address, address >>> shift(1), false);
    }

    private static int shift(int level) {
        return PAGE_SHIFT + INDEX_BITS * (LEVEL_LAST - level);
    }

    private static Result walk(PhysicalMemory memory, long root, int startLevel, long address, long firstIndex, boolean stage1) {
        long table = root;
        long index = firstIndex;
        for (int level = startLevel; level <= LEVEL_LAST; level++) {
            long descriptor;
            try {
                descriptor = memory.read64(table + index * ENTRY_BYTES);
            } catch (ExternalAbortException e) {
                return Result.fault(End.ABORT, level, 0);
            }
            int type = (int) (descriptor & 3);
            boolean leaf = level == LEVEL_LAST ? type == 3 : type == 1;
            boolean next = level < LEVEL_LAST && type == 3;
            if (!leaf && !next) {
                return Result.fault(End.TRANSLATION_FAULT, level, ERROR_FORMAT);
            }
            if (stage1 && (descriptor & (leaf ? NS_LEAF : NS_TABLE)) == 0) {
                return Result.fault(End.PERMISSION_FAULT, level, ERROR_SECURE);
            }
            if (leaf) {
                return leaf(descriptor, level, address, stage1);
            }
            table = descriptor & ADDRESS_MASK;
            index = address >>> shift(level + 1) & (1L << INDEX_BITS) - 1;
        }
        throw new AssertionError("a walk ends at level " + LEVEL_LAST);
    }

    private static Result leaf(long descriptor, int level, long address, boolean stage1) {
        if ((descriptor & ACCESS_FLAG) == 0) {
            return Result.fault(End.PERMISSION_FAULT, level, ERROR_PERMISSION);
        }
        long blockMask = (1L << shift(level)) - 1;
        long page = (descriptor & ADDRESS_MASK & ~blockMask | address & blockMask) & ADDRESS_MASK;
        boolean readable = stage1 || (descriptor & S2_READ) != 0;
        boolean writable = stage1 ? (descriptor & READ_ONLY) == 0 : (descriptor & S2_WRITE) != 0;
        return new Result(End.MAPPED, page, readable, writable, level, 0);
    }
}
