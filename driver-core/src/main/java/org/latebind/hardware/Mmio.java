package org.latebind.hardware;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One mapped register window. Offsets are in bytes from its start.
 * Accesses are strongly ordered and little-endian. An offset outside the window, or a misaligned one, is an
 * {@link IllegalArgumentException}; a register the device does not answer is an {@link ExternalAbortException}.
 */
@ProviderType
public interface Mmio {

    /** Reads a 32-bit register. */
    int read32(long offset);

    /** Reads a 64-bit register; on a 32-bit only device two reads, low word first. */
    long read64(long offset);

    /** Writes a 32-bit register. */
    void write32(long offset, int value);

    /** Writes a 64-bit register; on a 32-bit only device two writes, low word first. */
    void write64(long offset, long value);

    /** Returns the size of the window in bytes. */
    long sizeBytes();
}
