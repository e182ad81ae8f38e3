package org.latebind.pagetable;

import java.util.Objects;
import org.latebind.driver.Errno;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.iommu.Protection;

/**
 * The physical-to-machine table of a Xen guest: stage 2, 4 KiB granule, shared by CPU and IOMMU. Unlike
 * {@link PageTable} a mapping replaces what was there, and superpages are shattered when a part of them changes; a
 * live entry is changed by break-before-make. Frame numbers are addresses divided by 4096. Not thread safe: Xen holds
 * the table's lock.
 */
public final class XenP2m {

    /** Right to read, for {@link #map(long, long, long, P2mType, int)}. */ public static final int ACCESS_READ = 1;
    /** Right to write. */ public static final int ACCESS_WRITE = 2;
    /** Right to execute. */ public static final int ACCESS_EXECUTE = 4;
    /** All rights. */ public static final int ACCESS_ALL = 7;

    static final long XN = 1L << 54;

    private static final int[] IPA_BITS = {32, 36, 40, 42, 44, 48};
    private static final int PAGE_SHIFT = 12;
    private static final long PAGE = 1L << PAGE_SHIFT;
    private static final int BITS = 9;
    private static final int ENTRIES = 1 << BITS;
    private static final int LAST = 3;
    private static final int VTCR_BASE = 0x8000_3500;
    private static final int VTCR_VMID16 = 1 << 19;
    private static final long TABLE = P2mType.RAM_RW.entry(ACCESS_ALL);

    private final TableMemory memory;
    private final PageAllocator allocator;
    private final TlbInvalidation tlb;
    private final int ipaBits;
    private final int rootLevel;
    private final long root;

    private XenP2m(TableMemory memory, PageAllocator allocator, TlbInvalidation tlb, int ipaBits, long root) {
        this.memory = memory;
        this.allocator = allocator;
        this.tlb = tlb;
        this.ipaBits = ipaBits;
        this.root = root;
        rootLevel = rootLevel(ipaBits);
    }

    /** Levels 1 and, above 42 bits, 0: a level-0 root may not be concatenated, a level-1 root up to 8 pages. */
    private static int rootLevel(int ipaBits) {
        return ipaBits > 42 ? 0 : 1;
    }

    private static int rootPages(int ipaBits) {
        return 1 << Math.max(0, ipaBits - PAGE_SHIFT - BITS * (LAST + 1 - rootLevel(ipaBits)));
    }

    /**
     * Largest size Xen knows that respects a limit: an IOMMU restricts the table of all guests before it is set up.
     *
     * @return 32, 36, 40, 42, 44 or 48, or 0 when even 32 is too much
     */
    public static int restrictIpaBits(int limit) {
        int best = 0;
        for (int bits : IPA_BITS) {
            best = bits <= limit ? bits : best;
        }
        return best;
    }

    /**
     * Allocates an empty table.
     *
     * @param ipaBits 32, 36, 40, 42, 44 or 48; 52 would need a concatenated level-0 root and is refused like all others
     * @return the table, or null: size refused or no memory
     */
    public static XenP2m allocate(int ipaBits, PhysicalMemory memory, PageAllocator allocator, TlbInvalidation tlb) {
        Objects.requireNonNull(tlb, "tlb");
        if (restrictIpaBits(ipaBits) != ipaBits) {
            return null;
        }
        long bytes = rootPages(ipaBits) * PAGE;
        long root = allocator.allocate(bytes, bytes, 48);
        return root == PageAllocator.NONE ? null : new XenP2m(new TableMemory(memory), allocator, tlb, ipaBits, root);
    }

    /** Size of the guest's physical address space in bits. */
    public int ipaBits() {
        return ipaBits;
    }

    /** Physical address of the root, for VTTBR. */
    public long root() {
        return root;
    }

    /** Level of the root, 0 or 1. */
    public int rootLevel() {
        return rootLevel;
    }

    /** Number of concatenated root pages. */
    public int rootPages() {
        return rootPages(ipaBits);
    }

    /**
     * Value for VTCR_EL2 with the RES1 bit.
     *
     * @param vmid16 identifiers have 16 bits
     */
    public int vtcr(boolean vmid16) {
        int sl0 = 2 - rootLevel;
        return VTCR_BASE | LpaeAllocation.outputCode(ipaBits) << 16 | sl0 << 6 | 64 - ipaBits | (vmid16 ? VTCR_VMID16 : 0);
    }

    /** Maps with all rights of the type. */
    public int map(long gfn, long mfn, long pages, P2mType type) {
        return map(gfn, mfn, pages, type, ACCESS_ALL);
    }

    /**
     * Maps a range, replacing what was there, with the largest superpages that fit.
     *
     * @param gfn    first guest frame
     * @param mfn    first machine frame
     * @param pages  number of frames, positive
     * @param type   not {@link P2mType#INVALID}
     * @param access rights left of the type's own, bits of {@code ACCESS_*}
     * @return 0; {@code -EINVAL} for a range outside the table or of no page, nothing is changed; {@code -ENOMEM}, the
     *         frames before the one that failed are mapped
     */
    public int map(long gfn, long mfn, long pages, P2mType type, int access) {
        if (type == P2mType.INVALID || !inside(gfn, pages, ipaBits) || !inside(mfn, pages, 48)) {
            return -Errno.EINVAL.number();
        }
        long entry = type.entry(access);
        for (long done = 0; done < pages;) {
            int level = level(gfn + done, mfn + done, pages - done);
            int error = change(gfn + done, level, entry & ~(level == LAST ? 0 : 2) | mfn + done << PAGE_SHIFT);
            if (error != 0) {
                return error;
            }
            done += frames(level);
        }
        return 0;
    }

    /** Removes a range, mapped or not. Same errors as {@link #map}. */
    public int unmap(long gfn, long pages) {
        if (!inside(gfn, pages, ipaBits)) {
            return -Errno.EINVAL.number();
        }
        for (long done = 0; done < pages;) {
            int level = level(gfn + done, 0, pages - done);
            int error = change(gfn + done, level, 0);
            if (error != 0) {
                return error;
            }
            done += frames(level);
        }
        return 0;
    }

    /**
     * Maps one frame for the IOMMU (granted pages of directly mapped guests).
     *
     * @param flags {@link Protection#READ}, {@link Protection#WRITE}; neither is {@code -EINVAL}
     */
    public int iommuMap(long gfn, long mfn, int flags) {
        if ((flags & (Protection.READ | Protection.WRITE)) == 0) {
            return -Errno.EINVAL.number();
        }
        return map(gfn, mfn, 1, (flags & Protection.WRITE) != 0 ? P2mType.IOMMU_MAP_RW : P2mType.IOMMU_MAP_RO);
    }

    /** Undoes {@link #iommuMap}. */
    public int iommuUnmap(long gfn) {
        return unmap(gfn, 1);
    }

    /** The entry that maps a frame, of any level, or 0. */
    public long entry(long gfn) {
        if (!inside(gfn, 1, ipaBits)) {
            return 0;
        }
        long table = root;
        for (int level = rootLevel;; level++) {
            long at = table + 8L * index(gfn, level);
            long entry = memory.load(memory.words(at), at);
            if (!LpaeDescriptor.isTable(entry, level)) {
                return (entry & LpaeDescriptor.VALID) == 0 ? 0 : entry;
            }
            table = entry & LpaeDescriptor.ADDRESS;
        }
    }

    /** Machine address of a guest physical address, or 0. */
    public long translate(long ipa) {
        long table = root;
        for (int level = rootLevel; ipa >>> ipaBits == 0; level++) {
            long at = table + 8L * index(ipa >>> PAGE_SHIFT, level);
            long entry = memory.load(memory.words(at), at);
            if ((entry & LpaeDescriptor.VALID) == 0) {
                return 0;
            }
            if (!LpaeDescriptor.isTable(entry, level)) {
                return entry & LpaeDescriptor.ADDRESS | ipa & (frames(level) << PAGE_SHIFT) - 1;
            }
            table = entry & LpaeDescriptor.ADDRESS;
        }
        return 0;
    }

    /** Drops all TLB entries and gives all tables back. */
    public void free() {
        tlb.flushAll();
        freeChildren(root, rootPages() * (rootLevel == 0 ? 1 << Math.min(BITS, ipaBits - 39) : ENTRIES), rootLevel);
        allocator.free(root, rootPages() * PAGE);
    }

    private static boolean inside(long frame, long pages, int bits) {
        long limit = 1L << bits - PAGE_SHIFT;
        return pages > 0 && frame >= 0 && pages <= limit && frame <= limit - pages;
    }

    private static long frames(int level) {
        return 1L << BITS * (LAST - level);
    }

    /** Highest level whose superpage fits both frames and the count; level 0 has none. */
    private static int level(long gfn, long mfn, long pages) {
        for (int level = 1; level < LAST; level++) {
            if (((gfn | mfn) & frames(level) - 1) == 0 && pages >= frames(level)) {
                return level;
            }
        }
        return LAST;
    }

    private int index(long gfn, int level) {
        long index = gfn >>> BITS * (LAST - level);
        return (int) (level == rootLevel ? index : index & ENTRIES - 1);
    }

    /** Sets the entry of one frame or superpage; 0 removes it. */
    private int change(long gfn, int level, long entry) {
        long table = root;
        for (int l = rootLevel; l < level; l++) {
            long at = table + 8L * index(gfn, l);
            long found = memory.load(memory.words(at), at);
            if ((found & LpaeDescriptor.VALID) == 0 && entry == 0) {
                return 0;
            }
            if (!LpaeDescriptor.isTable(found, l)) {
                found = addTable(at, found, gfn, l);
                if (found == 0) {
                    return -Errno.ENOMEM.number();
                }
            }
            table = found & LpaeDescriptor.ADDRESS;
        }
        long at = table + 8L * index(gfn, level);
        long[] words = memory.words(at);
        long old = memory.load(words, at);
        if ((old & LpaeDescriptor.VALID) != 0) {
            breakEntry(words, at, gfn, level);
            if (LpaeDescriptor.isTable(old, level)) {
                freeTable(old & LpaeDescriptor.ADDRESS, level + 1);
            }
        }
        memory.store(words, at, entry);
        return 0;
    }

    private void breakEntry(long[] words, long at, long gfn, int level) {
        memory.store(words, at, 0);
        tlb.flushWalk((gfn & -frames(level)) << PAGE_SHIFT, frames(level) << PAGE_SHIFT, PAGE);
    }

    /** Puts a table into an entry: an empty one, or one that maps what the superpage there maps. */
    private long addTable(long at, long superpage, long gfn, int level) {
        long table = allocator.allocate(PAGE, PAGE, 48);
        if (table == PageAllocator.NONE) {
            return 0;
        }
        long[] words = memory.words(at);
        if ((superpage & LpaeDescriptor.VALID) != 0) {
            long part = frames(level + 1) << PAGE_SHIFT;
            long first = level + 1 == LAST ? superpage | 2 : superpage;
            for (int i = 0; i < ENTRIES; i++) {
                memory.store(memory.words(table), table + 8L * i, first + i * part);
            }
            breakEntry(words, at, gfn, level);
        }
        memory.store(words, at, TABLE | table);
        return TABLE | table;
    }

    private void freeTable(long table, int level) {
        if (level < LAST) {
            freeChildren(table, ENTRIES, level);
        }
        allocator.free(table, PAGE);
    }

    private void freeChildren(long table, int entries, int level) {
        for (int i = 0; i < entries; i++) {
            long at = table + 8L * i;
            long entry = memory.load(memory.words(at), at);
            if (LpaeDescriptor.isTable(entry, level)) {
                freeTable(entry & LpaeDescriptor.ADDRESS, level + 1);
            }
        }
    }
}
