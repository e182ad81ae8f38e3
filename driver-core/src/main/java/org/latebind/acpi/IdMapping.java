package org.latebind.acpi;

/**
 * One id mapping of an IORT node. All numbers are unsigned 32-bit.
 *
 * @param inputBase first id that is mapped
 * @param idCount number of ids minus one
 * @param outputBase what the first id becomes
 * @param output offset of the node that the ids go to
 * @param single whether every id becomes {@code outputBase}
 */
public record IdMapping(int inputBase, int idCount, int outputBase, int output, boolean single) {

    /** Tells whether an id is in the range. */
    boolean covers(int id) {
        return Integer.compareUnsigned(id - inputBase, idCount) <= 0 && Integer.compareUnsigned(id, inputBase) >= 0;
    }
}
