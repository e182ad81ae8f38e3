package org.latebind.machine.smmu3;

/** Outcome of a table walk. */
sealed interface WalkResult {

    /**
     * A leaf.
     *
     * @param output    output address of the input address
     * @param sizeShift log2 of the leaf's size in bytes
     * @param level     level of the leaf
     * @param readable  whether reads are allowed
     * @param writable  whether writes are allowed
     * @param global    whether it serves every ASID
     * @param device    whether stage 2 makes it device memory
     */
    record Leaf(long output, int sizeShift, int level, boolean readable, boolean writable, boolean global, boolean device)
            implements WalkResult {

        boolean allows(boolean write) {
            return write ? writable : readable;
        }
    }

    /** No leaf. */
    record Stop(Fault fault) implements WalkResult {
    }
}
