package org.latebind.machine.smmu3;

/**
 * Finds stream table entries in memory (Arm IHI 0070, section 3.3.1). Holds the two registers that describe the table.
 */
final class StreamTable {

    private static final long BASE_ADDRESS = 0x000f_ffff_ffff_ffc0L;
    private static final int ENTRY_BYTES_SHIFT = 6;
    private static final int DESCRIPTOR_BYTES_SHIFT = 3;
    private static final int TWO_LEVEL = 1;

    private final Hardware hardware;

    StreamTable(Hardware hardware) {
        this.hardware = hardware;
    }

    /**
     * A look-up.
     *
     * @param words the entry; null with a fault
     * @param fault null when the entry was read
     */
    record Lookup(long[] words, Fault fault) {
    }

    /**
     * Reads the entry of a stream.
     *
     * @param base   SMMU_STRTAB_BASE
     * @param config SMMU_STRTAB_BASE_CFG
     */
    Lookup find(int sid, long base, int config) {
        Features f = hardware.features();
        int sizeBits = Math.min(config & 0x3f, f.streamBits());
        if (Integer.toUnsignedLong(sid) >>> sizeBits != 0) {
            return new Lookup(null, Fault.configuration(Fault.C_BAD_STREAMID));
        }
        boolean twoLevel = f.twoLevelStreams() && (config >>> 16 & 3) == TWO_LEVEL;
        return twoLevel ? twoLevels(sid, base, sizeBits, split(config)) : entry(aligned(base, sizeBits + ENTRY_BYTES_SHIFT)
                + (Integer.toUnsignedLong(sid) << ENTRY_BYTES_SHIFT));
    }

    /** SPLIT is 6, 8 or 10; every other value acts as 6. */
    private static int split(int config) {
        int split = config >>> 6 & 0x1f;
        return split == 8 || split == 10 ? split : 6;
    }

    private Lookup twoLevels(int sid, long base, int sizeBits, int split) {
        long table = aligned(base, Math.max(0, sizeBits - split) + DESCRIPTOR_BYTES_SHIFT);
        long address = table + (Integer.toUnsignedLong(sid) >>> split << DESCRIPTOR_BYTES_SHIFT);
        long[] descriptor = new long[1];
        if (!hardware.read(address, descriptor)) {
            return new Lookup(null, Fault.fetch(Fault.F_STE_FETCH, address));
        }
        int span = (int) descriptor[0] & 0x1f;
        int index = sid & (1 << split) - 1;
        if (span == 0 || span > split + 1 || index >= 1 << span - 1) {
            return new Lookup(null, Fault.configuration(Fault.C_BAD_STREAMID));
        }
        return entry(aligned(descriptor[0], span - 1 + ENTRY_BYTES_SHIFT) + ((long) index << ENTRY_BYTES_SHIFT));
    }

    /** A table is aligned to its size, at least to 64 bytes; lower address bits are not looked at. */
    private static long aligned(long address, int sizeShift) {
        return address & BASE_ADDRESS & -(1L << Math.max(ENTRY_BYTES_SHIFT, sizeShift));
    }

    private Lookup entry(long address) {
        long[] words = new long[8];
        return hardware.read(address, words) ? new Lookup(words, null)
                : new Lookup(null, Fault.fetch(Fault.F_STE_FETCH, address));
    }
}
