package org.latebind.iommu.core;

import java.util.Arrays;
import java.util.Objects;

/**
 * One reference of a client to an IOMMU: an entry of {@code iommus}, or what an {@code iommu-map} makes of one
 * requester id.
 *
 * @param iommu path of the unit's node; not null
 * @param cells argument cells; not null
 */
public record Specifier(String iommu, int... cells) {

    /** Checks and copies the arguments. */
    public Specifier {
        Objects.requireNonNull(iommu, "iommu");
        cells = cells.clone();
    }

    @Override
    public int[] cells() {
        return cells.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Specifier that && iommu.equals(that.iommu) && Arrays.equals(cells, that.cells);
    }

    @Override
    public int hashCode() {
        return 31 * iommu.hashCode() + Arrays.hashCode(cells);
    }

    @Override
    public String toString() {
        return iommu + Arrays.toString(cells);
    }
}
