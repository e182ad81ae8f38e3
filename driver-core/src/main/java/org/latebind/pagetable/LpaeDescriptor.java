package org.latebind.pagetable;

import static org.latebind.iommu.Protection.CACHE;
import static org.latebind.iommu.Protection.MMIO;
import static org.latebind.iommu.Protection.NOEXEC;
import static org.latebind.iommu.Protection.PRIV;
import static org.latebind.iommu.Protection.READ;
import static org.latebind.iommu.Protection.WRITE;

/**
 * The bits of a long descriptor, as the kernel uses them (DDI 0487, D8.3).
 *
 * <pre>
 * 63      55       54:53 51   47:12    11 10 9:8 7:6   5   4:2      1           0
 * NSTable SW_SYNC  XN    DBM  address  nG AF SH  AP    NS  AttrIndx table/page  valid     stage 1
 *         SW_SYNC  XN         address     AF SH  S2AP  MemAttr      table/page  valid     stage 2
 * </pre>
 */
final class LpaeDescriptor {

    static final long VALID = 1L;
    static final long TYPE_MASK = 3L;
    static final long TYPE_BLOCK = 1L;
    static final long TYPE_TABLE = 3L;
    static final long TYPE_PAGE = 3L;
    static final long NS = 1L << 5;
    static final long AP_UNPRIVILEGED = 1L << 6;
    static final long AP_READ_ONLY = 1L << 7;
    static final long S2AP_READ = 1L << 6;
    static final long S2AP_WRITE = 1L << 7;
    static final long SH_OUTER = 2L << 8;
    static final long SH_INNER = 3L << 8;
    static final long AF = 1L << 10;
    static final long NG = 1L << 11;
    static final long DBM = 1L << 51;
    static final long XN = 3L << 53;
    static final long SW_SYNC = 1L << 55;
    static final long NS_TABLE = 1L << 63;
    static final long ADDRESS = 0x0000_ffff_ffff_f000L;
    /** What a split keeps of a block: bits 11:2, DBM and XN. */
    static final long ATTRIBUTES = 0xffcL | DBM | XN;

    private static final long ATTR_CACHED = 1L << 2;
    private static final long ATTR_DEVICE = 2L << 2;
    private static final long MEMATTR_DEVICE = 0x1L << 2;
    private static final long MEMATTR_NC = 0x5L << 2;
    private static final long MEMATTR_FORCED_WB = 0x6L << 2;
    private static final long MEMATTR_WB = 0xfL << 2;

    private LpaeDescriptor() {
    }

    /** Attributes of a leaf without address and type. */
    static long leafAttributes(int stage, int quirks, int prot) {
        long attributes = stage == 1 ? stage1(quirks, prot) : stage2(quirks, prot);
        attributes |= AF | ((prot & CACHE) != 0 ? SH_INNER : SH_OUTER);
        return (prot & NOEXEC) != 0 ? attributes | XN : attributes;
    }

    private static long stage1(int quirks, int prot) {
        long attributes = NG;
        if ((prot & WRITE) == 0 && (prot & READ) != 0) {
            attributes |= AP_READ_ONLY;
        } else if ((quirks & Quirks.ARM_HD) != 0) {
            attributes |= DBM;
        }
        if ((prot & PRIV) == 0) {
            attributes |= AP_UNPRIVILEGED;
        }
        if ((prot & MMIO) != 0) {
            attributes |= ATTR_DEVICE;
        } else if ((prot & CACHE) != 0) {
            attributes |= ATTR_CACHED;
        }
        return (quirks & Quirks.ARM_NS) != 0 ? attributes | NS : attributes;
    }

    private static long stage2(int quirks, int prot) {
        long attributes = (prot & READ) != 0 ? S2AP_READ : 0;
        if ((prot & WRITE) != 0) {
            attributes |= S2AP_WRITE;
        }
        if ((prot & MMIO) != 0) {
            return attributes | MEMATTR_DEVICE;
        }
        if ((prot & CACHE) != 0) {
            return attributes | ((quirks & Quirks.ARM_S2FWB) != 0 ? MEMATTR_FORCED_WB : MEMATTR_WB);
        }
        return attributes | MEMATTR_NC;
    }

    /** Address field for an address; with 64 KiB granules bits 51:48 go to bits 15:12. */
    static long packAddress(long address, int pageShift) {
        return pageShift == 16 ? (address | address >>> 36) & ADDRESS : address & ADDRESS;
    }

    /** Address a descriptor holds: next table or output. */
    static long address(long descriptor, int pageShift) {
        long field = descriptor & ADDRESS;
        return pageShift == 16 ? (field | field << 36) & ADDRESS << 4 : field;
    }

    /** Tells whether a descriptor ends the walk at a level. */
    static boolean isLeaf(long descriptor, int level) {
        return (descriptor & TYPE_MASK) == (level == 3 ? TYPE_PAGE : TYPE_BLOCK);
    }

    /** Tells whether a descriptor points to a next table. */
    static boolean isTable(long descriptor, int level) {
        return level < 3 && (descriptor & TYPE_MASK) == TYPE_TABLE;
    }
}
