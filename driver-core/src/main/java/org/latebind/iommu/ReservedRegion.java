package org.latebind.iommu;

import java.util.Objects;

/**
 * A range of bus addresses the IOVA allocator must respect.
 *
 * @param start     first address
 * @param sizeBytes size, positive
 * @param prot      bits of {@link Protection} for direct kinds
 * @param kind      what it is; not null
 */
public record ReservedRegion(long start, long sizeBytes, int prot, Kind kind) {

    /** Checks the arguments. */
    public ReservedRegion {
        Objects.requireNonNull(kind, "kind");
    }

    /** Kinds, by the kernel's names. */
    public enum Kind {
        /** Always mapped 1:1. */ DIRECT,
        /** Mapped 1:1 until a driver takes over. */ DIRECT_RELAXABLE,
        /** Never usable. */ RESERVED,
        /** Hardware doorbell, untranslated. */ MSI,
        /** Window that software manages for doorbells. */ SW_MSI
    }
}
