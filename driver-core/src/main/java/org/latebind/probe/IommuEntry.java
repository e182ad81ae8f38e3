package org.latebind.probe;

import java.util.Arrays;

/**
 * One reference of a client to an IOMMU: an entry of {@code iommus}, or what one requester id maps to.
 *
 * @param iommu number of the IOMMU, {@link #END} for an entry that cannot be parsed (the list ends there), {@link #NONE} for a
 *              requester id without a map entry (no IOMMU at all)
 * @param ids   argument cells or stream ids; not null
 */
public record IommuEntry(int iommu, int[] ids) {

    /** Not parsable: the list of entries ends here. */
    public static final int END = -1;
    /** Not mapped: the client has no IOMMU. */
    public static final int NONE = -2;

    @Override
    public boolean equals(Object other) {
        return other instanceof IommuEntry e && e.iommu == iommu && Arrays.equals(e.ids, ids);
    }

    @Override
    public int hashCode() {
        return 31 * iommu + Arrays.hashCode(ids);
    }

    @Override
    public String toString() {
        return iommu + Arrays.toString(ids);
    }
}
