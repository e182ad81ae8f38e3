package org.latebind.machine.smmu2;

/**
 * One cached translation.
 *
 * @param input     first input address covered
 * @param sizeBytes size covered, a power of two
 * @param output    first output address
 * @param readable  reads are allowed
 * @param writable  writes are allowed
 */
record TlbEntry(long input, long sizeBytes, long output, boolean readable, boolean writable) {

    boolean covers(long address) {
        return Long.compareUnsigned(address - input, sizeBytes) < 0;
    }

    long translate(long address) {
        return output + (address - input);
    }

    boolean allows(boolean write) {
        return write ? writable : readable;
    }
}
