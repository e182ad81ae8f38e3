package org.latebind.iommu.core;

import java.util.List;
import java.util.Objects;
import org.latebind.iommu.DomainType;

/**
 * Which default domain a new group gets (driver core reference, section 7.1).
 *
 * @param passthrough {@code iommu.passthrough=1}
 * @param strict      {@code iommu.strict}; false asks for lazy invalidation
 */
public record DomainPolicy(boolean passthrough, boolean strict) {

    /** Linux' defaults on arm64. */
    public static final DomainPolicy DEFAULT = new DomainPolicy(false, true);

    /** The type when no driver insists on one. */
    public DomainType global() {
        if (passthrough) {
            return DomainType.IDENTITY;
        }
        return strict ? DomainType.DMA : DomainType.DMA_FQ;
    }

    /**
     * The types to try, in order, for a new group.
     *
     * @param insisted what the driver insists on for the first device, or null
     */
    public List<DomainType> candidates(DomainType insisted) {
        DomainType wanted = Objects.requireNonNullElse(insisted, global());
        return switch (wanted) {
            case DMA_FQ -> List.of(DomainType.DMA_FQ, DomainType.DMA);
            case DMA -> List.of(DomainType.DMA);
            case IDENTITY -> insisted == null ? List.of(DomainType.IDENTITY, DomainType.DMA) : List.of(DomainType.IDENTITY);
            case BLOCKED, UNMANAGED, NESTED -> List.of(wanted);
        };
    }
}
