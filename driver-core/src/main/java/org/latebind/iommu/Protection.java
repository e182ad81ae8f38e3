package org.latebind.iommu;

/** Protection bits of a mapping, with Linux' values. */
public final class Protection {

    /** The device may read. */ public static final int READ = 1;
    /** The device may write. */ public static final int WRITE = 1 << 1;
    /** The mapping is cacheable and coherent. */ public static final int CACHE = 1 << 2;
    /** The device may not fetch instructions. */ public static final int NOEXEC = 1 << 3;
    /** The target is a device register. */ public static final int MMIO = 1 << 4;
    /** For privileged accesses only. */ public static final int PRIV = 1 << 5;

    private Protection() {
    }
}
