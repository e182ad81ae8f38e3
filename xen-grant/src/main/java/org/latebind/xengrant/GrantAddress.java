package org.latebind.xengrant;

/**
 * DMA addresses made of grant references.
 *
 * <pre>
 * 63 | 62 .. 44 | 43 .. 12        | 11 .. 0
 *  1 | 0        | grant reference | offset in the page
 * </pre>
 * Consecutive references are a contiguous bus range. Bit 63 tells the backend "grant", so only a 64-bit device can use one.
 */
final class GrantAddress {

    static final int PAGE_SHIFT = 12;
    static final int PAGE_BYTES = 1 << PAGE_SHIFT;
    static final long OFFSET_MASK = PAGE_BYTES - 1;
    /** The only mask that reaches every address. */
    static final long MASK = -1L;
    private static final long GRANT = 1L << 63;

    private GrantAddress() {
    }

    static long of(int ref, long offset) {
        return GRANT | Integer.toUnsignedLong(ref) << PAGE_SHIFT | offset;
    }

    static long offset(long address) {
        return address & OFFSET_MASK;
    }

    /** Reference in an address, or -1 when it is no address of ours; references of a table are below 2^31. */
    static int ref(long address) {
        long ref = (address & ~GRANT) >>> PAGE_SHIFT;
        return (address & GRANT) == 0 || ref > Integer.MAX_VALUE ? -1 : (int) ref;
    }

    /** Pages that {@code sizeBytes} from {@code offset} on touch; -1 for a size of 0 or less, or beyond 2^43. */
    static int pages(long offset, long sizeBytes) {
        return sizeBytes <= 0 || sizeBytes > 1L << 42 ? -1 : (int) (offset + sizeBytes + OFFSET_MASK >>> PAGE_SHIFT);
    }
}
