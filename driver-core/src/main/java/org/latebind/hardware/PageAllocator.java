package org.latebind.hardware;

import org.osgi.annotation.versioning.ProviderType;

/** Hands out zeroed pieces of physical memory to drivers and to the core. Thread safe. */
@ProviderType
public interface PageAllocator {

    /** What {@link #allocate} returns when the memory is exhausted; no valid result is 0. */
    long NONE = 0L;

    /**
     * Allocates zeroed memory.
     *
     * @param sizeBytes      size, a positive number; rounded up to 64 bytes
     * @param alignmentBytes alignment, a power of two of at least 8
     * @param addressBits    the result and its last byte lie below 2^{@code addressBits} (1..64)
     * @return physical address, or {@link #NONE}
     */
    long allocate(long sizeBytes, long alignmentBytes, int addressBits);

    /** Gives back exactly what one {@link #allocate} returned. */
    void free(long address, long sizeBytes);

    /**
     * Keeps pages from being handed out again: a {@link #free} of memory that touches a held page takes effect when the
     * last hold of all its pages has ended. For memory that somebody beyond the driver's reach may still access, such as a
     * granted page a backend does not let go. An allocator that does not know holds answers false and changes nothing.
     *
     * @param address   start of a page of 4096 bytes
     * @param sizeBytes a positive multiple of 4096
     */
    default boolean hold(long address, long sizeBytes) {
        return false;
    }

    /** Ends one {@link #hold} with the same arguments. */
    default void release(long address, long sizeBytes) {
    }

    /** Returns the number of bytes handed out and not given back: the leak check of every test. */
    long allocatedBytes();
}
