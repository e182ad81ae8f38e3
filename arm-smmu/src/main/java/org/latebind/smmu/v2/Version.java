package org.latebind.smmu.v2;

/** Architecture versions; the order counts in comparisons, and {@code V1_64K} is still a version 1. */
enum Version {
    /** SMMUv1. */ V1,
    /** SMMUv1 with MMU-401's 64-bit format. */ V1_64K,
    /** SMMUv2. */ V2;

    boolean isBefore(Version other) {
        return compareTo(other) < 0;
    }

    boolean isAfter(Version other) {
        return compareTo(other) > 0;
    }
}
