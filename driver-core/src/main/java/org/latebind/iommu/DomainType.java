package org.latebind.iommu;

/** Kinds of domains, by the kernel's names. */
public enum DomainType {
    /** Everything is aborted. */ BLOCKED,
    /** Everything passes, addresses unchanged. */ IDENTITY,
    /** Translated, managed by its owner (guests, user space). */ UNMANAGED,
    /** Translated, managed by the DMA API, strict invalidation. */ DMA,
    /** Translated, managed by the DMA API, lazy invalidation (flush queue). */ DMA_FQ,
    /** Stage 1 owned by a guest, on a stage 2 of ours ({@link NestedDomain}). */ NESTED;

    /** Tells whether the domain has a page table. */
    public boolean paging() {
        return this == UNMANAGED || this == DMA || this == DMA_FQ;
    }
}
