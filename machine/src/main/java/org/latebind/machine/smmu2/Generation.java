package org.latebind.machine.smmu2;

/** Architecture version of an instance; the order counts. */
enum Generation {
    /** SMMUv1: AArch32 long descriptors. */ V1,
    /** SMMUv1 with the 64-bit format of MMU-401. */ V1_64K,
    /** SMMUv2. */ V2;

    boolean hasCba2r() {
        return this != V1;
    }
}
