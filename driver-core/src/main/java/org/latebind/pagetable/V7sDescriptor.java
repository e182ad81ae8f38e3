package org.latebind.pagetable;

import static org.latebind.iommu.Protection.CACHE;
import static org.latebind.iommu.Protection.MMIO;
import static org.latebind.iommu.Protection.NOEXEC;
import static org.latebind.iommu.Protection.PRIV;
import static org.latebind.iommu.Protection.READ;
import static org.latebind.iommu.Protection.WRITE;

/**
 * The bits of a short descriptor, as the kernel uses them (DDI 0406C, B3.5).
 *
 * <pre>
 * attribute byte, at bit 10 of level 1 and bit 4 of level 2:
 *   7  6  5      4:2  1      0
 *   nG S  AP[2]  TEX  AP[1]  AP[0] = access flag
 * outside it: C bit 3, B bit 2; XN bit 4 (level 1), 0 (small page), 15 (large page)
 * </pre>
 */
final class V7sDescriptor {

    static final int TYPE_MASK = 3;
    static final int TYPE_TABLE = 1;
    static final int TYPE_LARGE = 1;
    static final int TYPE_LEAF = 2;
    static final int NS_TABLE = 1 << 3;
    /** A large page and a supersection are this many identical entries. */
    static final int REPEATED = 16;

    private static final int NS_SECTION = 1 << 19;
    private static final int SUPERSECTION = 1 << 18;
    private static final int B = 1 << 2;
    private static final int C = 1 << 3;
    private static final int AF = 1;
    private static final int AP_UNPRIVILEGED = 1 << 1;
    private static final int TEX_SHIFT = 2;
    private static final int AP_READ_ONLY = 1 << 5;
    private static final int S = 1 << 6;
    private static final int NG = 1 << 7;
    private static final int LARGE_XN_SHIFT = 15;
    private static final int LARGE_TEX_SHIFT = 6;
    private static final int SMALL_TEX = 7 << 6;
    private static final int SMALL_XN = 1;

    private V7sDescriptor() {
    }

    private static int attributeShift(int level) {
        return level == 1 ? 10 : 4;
    }

    private static int executeNever(int level) {
        return level == 1 ? 1 << 4 : SMALL_XN;
    }

    /** Section or small page for a protection, without address. */
    static int leaf(int level, int quirks, int prot) {
        boolean permissions = (quirks & Quirks.NO_PERMS) == 0;
        int attributes = NG | S | ((prot & MMIO) == 0 ? 1 << TEX_SHIFT : 0);
        if (permissions) {
            attributes |= AF | ((prot & PRIV) == 0 ? AP_UNPRIVILEGED : 0) | ((prot & WRITE) == 0 ? AP_READ_ONLY : 0);
        }
        int descriptor = attributes << attributeShift(level) | TYPE_LEAF;
        if ((prot & NOEXEC) != 0 && permissions) {
            descriptor |= executeNever(level);
        }
        if ((prot & MMIO) != 0) {
            descriptor |= B;
        } else if ((prot & CACHE) != 0) {
            descriptor |= B | C;
        }
        return level == 1 && (quirks & Quirks.ARM_NS) != 0 ? descriptor | NS_SECTION : descriptor;
    }

    /** The protection a section was made from. */
    static int protection(int section) {
        int attributes = section >>> attributeShift(1);
        int prot = READ;
        if ((attributes & AP_READ_ONLY) == 0) {
            prot |= WRITE;
        }
        if ((attributes & AP_UNPRIVILEGED) == 0) {
            prot |= PRIV;
        }
        if ((attributes & 7 << TEX_SHIFT) == 0) {
            prot |= MMIO;
        } else if ((section & C) != 0) {
            prot |= CACHE;
        }
        return (section & executeNever(1)) != 0 ? prot | NOEXEC : prot;
    }

    /** Turns a section into an entry of a supersection, a small page into an entry of a large page. */
    static int repeated(int descriptor, int level) {
        if (level == 1) {
            return descriptor | SUPERSECTION;
        }
        int moved = (descriptor & SMALL_XN) << LARGE_XN_SHIFT | (descriptor & SMALL_TEX) << LARGE_TEX_SHIFT;
        return descriptor & ~(SMALL_XN | SMALL_TEX | TYPE_MASK) | moved | TYPE_LARGE;
    }

    /** The reverse of {@link #repeated}. */
    static int single(int descriptor, int level) {
        if (level == 1) {
            return descriptor & ~SUPERSECTION;
        }
        int moved = descriptor & (SMALL_XN << LARGE_XN_SHIFT | SMALL_TEX << LARGE_TEX_SHIFT);
        return descriptor & ~moved & ~TYPE_MASK | TYPE_LEAF | (moved >>> LARGE_XN_SHIFT & SMALL_XN)
                | moved >>> LARGE_TEX_SHIFT & SMALL_TEX;
    }

    static boolean isTable(int descriptor, int level) {
        return level == 1 && (descriptor & TYPE_MASK) == TYPE_TABLE;
    }

    static boolean isRepeated(int descriptor, int level) {
        if (isTable(descriptor, level)) {
            return false;
        }
        return level == 1 ? (descriptor & SUPERSECTION) != 0 : (descriptor & TYPE_MASK) == TYPE_LARGE;
    }

    /** Address bits of a leaf; with ARM_MTK_EXT bits 32, 33, 34 go to 9, 4, 5. */
    static int packAddress(long address, int quirks) {
        int field = (int) address & ~0xfff;
        if ((quirks & Quirks.ARM_MTK_EXT) != 0) {
            field |= (int) (address >>> 32 & 1) << 9 | (int) (address >>> 33 & 1) << 4 | (int) (address >>> 34 & 1) << 5;
        }
        return field;
    }

    /** Address a leaf of {@code 2^shift} bytes holds. */
    static long address(int descriptor, int shift, int quirks) {
        long address = Integer.toUnsignedLong(descriptor) & -1L << shift;
        if ((quirks & Quirks.ARM_MTK_EXT) != 0) {
            address |= (descriptor >>> 9 & 1L) << 32 | (descriptor >>> 4 & 1L) << 33 | (descriptor >>> 5 & 1L) << 34;
        }
        return address;
    }
}
