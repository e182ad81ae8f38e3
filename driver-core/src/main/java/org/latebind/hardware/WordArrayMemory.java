package org.latebind.hardware;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Physical memory that can lend its contents as Java arrays, for code that touches many words of one place (page
 * tables). An optional extra of a {@link PhysicalMemory}: ask with {@code instanceof}.
 *
 * <p>An array is the memory, not a copy: a store through it is seen by every other access. Element {@code i} of the
 * array of an address {@code a} is the little-endian 64-bit word at {@code (a & -CHUNK_BYTES) + 8 * i}.
 */
@ProviderType
public interface WordArrayMemory extends PhysicalMemory {

    /** Bytes that one array covers; arrays begin at multiples of it. */
    int CHUNK_BYTES = 1 << 16;

    /**
     * Returns the array that holds {@code address}. The same array is returned for ever.
     *
     * @param address any byte address inside memory; elsewhere {@link ExternalAbortException}
     * @return {@link #CHUNK_BYTES} / 8 words; words of it that are no memory must not be touched
     */
    long[] words(long address);
}
