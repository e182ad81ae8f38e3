package org.latebind.iommu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A stage 1 owned by a guest on top of the stage 2 of its parent (Linux: {@code IOMMU_DOMAIN_NESTED}). Who plays the guest's IOMMU
 * forwards the guest's invalidations here. Closed before its parent. Owner's thread only.
 */
@ConsumerType
public interface NestedDomain extends Domain {

    @Override
    default DomainType type() {
        return DomainType.NESTED;
    }

    /** The domain whose stage 2 is below; not null. */
    PagingDomain parent();

    /** The guest changed its context: copies that the hardware may hold are dropped. */
    void contextChanged();

    /** The guest dropped translations of a range of input addresses, in pages of {@code pageBytes}; done on return. */
    void invalidate(long iova, long sizeBytes, long pageBytes);

    /** The guest dropped all its translations; done on return. */
    void flushAll();
}
