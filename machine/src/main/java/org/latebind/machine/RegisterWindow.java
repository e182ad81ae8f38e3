package org.latebind.machine;

/** One register window of a simulated device. Called under the machine's lock, one access at a time. */
public interface RegisterWindow {

    /** Size in bytes. */
    long sizeBytes();

    /**
     * Reads a register.
     *
     * @param offset    byte offset, a multiple of {@code sizeBytes}
     * @param sizeBytes 4 or 8
     * @return the value, zero extended
     */
    long read(long offset, int sizeBytes);

    /** Writes a register; parameters as in {@link #read}. */
    void write(long offset, int sizeBytes, long value);
}
