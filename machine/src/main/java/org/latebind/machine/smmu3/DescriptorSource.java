package org.latebind.machine.smmu3;

/** Where a walk reads its descriptors: memory, or memory seen through stage 2. */
@FunctionalInterface
interface DescriptorSource {

    /**
     * One descriptor, or why it cannot be read.
     *
     * @param value the descriptor; meaningless with a fault
     * @param fault null when it was read
     */
    record Fetched(long value, Fault fault) {
    }

    /** Reads the descriptor at {@code address}. */
    Fetched fetch(long address);
}
