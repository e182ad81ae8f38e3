package org.latebind.hardware;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Byte-addressed physical memory of 2^64 bytes, most of which is not there. Little-endian.
 *
 * <p>Addresses are unsigned byte addresses. An access outside the memory the machine has ends in
 * {@link ExternalAbortException} and changes nothing. Aligned 32- and 64-bit accesses are single-copy atomic;
 * accesses that are not aligned to their size end in {@link IllegalArgumentException}, except the byte-array forms.
 * The compare-and-exchange forms are sequentially consistent and may be used from any thread; plain accesses have
 * the ordering of a Java plain access unless their name says otherwise.
 */
@ProviderType
public interface PhysicalMemory {

    /** Returns the unsigned byte at {@code address} (0..255). */
    int read8(long address);

    /** Returns the unsigned 16-bit value at {@code address}, which is a multiple of 2. */
    int read16(long address);

    /** Returns the 32-bit value at {@code address}, which is a multiple of 4. */
    int read32(long address);

    /** Returns the 64-bit value at {@code address}, which is a multiple of 8. */
    long read64(long address);

    /** Stores the low 8 bits of {@code value}. */
    void write8(long address, int value);

    /** Stores the low 16 bits of {@code value} at a multiple of 2. */
    void write16(long address, int value);

    /** Stores 32 bits at a multiple of 4. */
    void write32(long address, int value);

    /** Stores 64 bits at a multiple of 8. */
    void write64(long address, long value);

    /**
     * Atomically replaces the 16-bit value at {@code address} (a multiple of 2) when it equals {@code expected}.
     *
     * @return the value found, unsigned; equal to {@code expected} exactly when the exchange took place
     */
    int compareAndExchange16(long address, int expected, int value);

    /** As {@link #compareAndExchange16} for 32 bits. */
    int compareAndExchange32(long address, int expected, int value);

    /** As {@link #compareAndExchange16} for 64 bits. */
    long compareAndExchange64(long address, long expected, long value);

    /** Copies {@code length} bytes from memory into {@code into}; any alignment. */
    void read(long address, byte[] into, int offset, int length);

    /** Copies {@code length} bytes into memory; any alignment. Writes nothing when a part of the range is not there. */
    void write(long address, byte[] from, int offset, int length);

    /** Fills {@code length} bytes with {@code value}; any alignment. */
    void fill(long address, long length, int value);

    /** Tells whether all {@code length} bytes from {@code address} on are memory. */
    boolean isMemory(long address, long length);
}
