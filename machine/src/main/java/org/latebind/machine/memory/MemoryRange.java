package org.latebind.machine.memory;

/**
 * A range of physical addresses that is memory.
 *
 * @param start     first byte, a multiple of 64, unsigned
 * @param sizeBytes size, a positive multiple of 64; the range does not pass 2^64 and is at most 2^62 bytes
 */
public record MemoryRange(long start, long sizeBytes) {

    /** Checks the arguments. */
    public MemoryRange {
        if (((start | sizeBytes) & 63) != 0 || sizeBytes <= 0 || sizeBytes > 1L << 62) {
            throw new IllegalArgumentException("memory range at 0x" + Long.toHexString(start) + " of 0x"
                    + Long.toHexString(sizeBytes) + " bytes: start and size must be multiples of 64, the size positive");
        }
        if (Long.compareUnsigned(start + (sizeBytes - 1), start) < 0) {
            throw new IllegalArgumentException("memory range at 0x" + Long.toHexString(start) + " passes 2^64");
        }
    }

    /** Returns the last byte of the range. */
    public long last() {
        return start + (sizeBytes - 1);
    }

    /** Tells whether the two ranges have a byte in common. */
    public boolean overlaps(MemoryRange other) {
        return Long.compareUnsigned(start, other.last()) <= 0 && Long.compareUnsigned(other.start, last()) <= 0;
    }
}
