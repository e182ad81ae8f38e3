package org.latebind.pagetable;

/** Types of a stage 2 entry of Xen ({@code p2m_type_t}), kept in the software bits 58:55. The order is the code. */
public enum P2mType {
    /** No entry. */ INVALID(false, false, 0, false),
    /** Normal memory. */ RAM_RW(true, true, Attributes.NORMAL, false),
    /** Normal memory, read only. */ RAM_RO(false, true, Attributes.NORMAL, false),
    /** Device registers. */ MMIO_DIRECT_DEV(true, false, Attributes.DEVICE, true),
    /** Device memory, not cacheable. */ MMIO_DIRECT_NC(true, false, Attributes.NON_CACHEABLE, true),
    /** Device memory, cacheable. */ MMIO_DIRECT_C(true, false, Attributes.NORMAL, true),
    /** Another guest's memory. */ MAP_FOREIGN_RW(true, false, Attributes.NORMAL, false),
    /** Another guest's memory, read only. */ MAP_FOREIGN_RO(false, false, Attributes.NORMAL, false),
    /** A granted page. */ GRANT_MAP_RW(true, false, Attributes.NORMAL, false),
    /** A granted page, read only. */ GRANT_MAP_RO(false, false, Attributes.NORMAL, false),
    /** For the IOMMU of a directly mapped guest only. */ IOMMU_MAP_RW(true, false, Attributes.NORMAL, false),
    /** For the IOMMU of a directly mapped guest only, read only. */ IOMMU_MAP_RO(false, false, Attributes.NORMAL, false);

    private static final int TYPE_SHIFT = 55;
    private static final P2mType[] ALL = values();

    private final boolean writable;
    private final boolean executable;
    private final long attributes;

    P2mType(boolean writable, boolean executable, int memoryAttribute, boolean outer) {
        this.writable = writable;
        this.executable = executable;
        attributes = (long) memoryAttribute << 2 | (outer ? LpaeDescriptor.SH_OUTER : LpaeDescriptor.SH_INNER)
                | LpaeDescriptor.AF | (long) ordinal() << TYPE_SHIFT;
    }

    /** MemAttr values (DDI 0487, D8.5). */
    private static final class Attributes {
        static final int DEVICE = 0x1;
        static final int NON_CACHEABLE = 0x5;
        static final int NORMAL = 0xf;
    }

    /** Type an entry carries; {@link #INVALID} for an entry that is not valid or carries an unknown code. */
    public static P2mType of(long entry) {
        int code = (int) (entry >>> TYPE_SHIFT) & 0xf;
        return (entry & LpaeDescriptor.VALID) == 0 || code >= ALL.length ? INVALID : ALL[code];
    }

    /** Tells whether the type lets the guest write. */
    public boolean writable() {
        return writable;
    }

    /** A valid entry of this type without address, as a 4 KiB page; {@code access} can only take rights away. */
    long entry(int access) {
        long entry = attributes | LpaeDescriptor.TYPE_PAGE;
        if ((access & XenP2m.ACCESS_READ) != 0) {
            entry |= LpaeDescriptor.S2AP_READ;
        }
        if (writable && (access & XenP2m.ACCESS_WRITE) != 0) {
            entry |= LpaeDescriptor.S2AP_WRITE;
        }
        return executable && (access & XenP2m.ACCESS_EXECUTE) != 0 ? entry : entry | XenP2m.XN;
    }
}
