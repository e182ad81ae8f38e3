package org.latebind.pagetable;

import org.latebind.driver.Errno;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.iommu.Protection;

/**
 * A table of short descriptors: level 1 with 1 MiB an entry, level 2 with 256 entries of 4 KiB. Unlike the long
 * formats it goes on over table ends until everything is done or an error stops it; pages mapped before an error stay,
 * and their number is what the call returns (the error comes with the next call).
 */
final class V7sTable implements PageTable {

    private static final int PRRR = 0x800b_8204;
    private static final int NMRR = 0x4000_4000;
    private static final int TTBR_COHERENT = 0x6a;
    private static final int TTBR_NON_COHERENT = 0x02;
    private static final long SIZES = 1L << 24 | 1L << 20 | 1L << 16 | 1L << 12;
    private static final int KNOWN_QUIRKS = Quirks.ARM_NS | Quirks.NO_PERMS | Quirks.ARM_MTK_EXT | Quirks.ARM_MTK_TTBR_EXT;
    private static final int LEVEL2_BYTES = 1024;
    private static final int LEVEL2_ENTRIES = 256;

    private final PageTableConfig config;
    private final PhysicalMemory memory;
    private final PageAllocator allocator;
    private final TlbInvalidation tlb;
    private final Warning.Sink warnings;
    private final Registers.Short registers;
    private final long pgd;
    private final int quirks;

    private V7sTable(PageTableConfig config, PhysicalMemory memory, PageAllocator allocator, TlbInvalidation tlb,
            Warning.Sink warnings, long pgd) {
        this.config = config;
        this.memory = memory;
        this.allocator = allocator;
        this.tlb = tlb;
        this.warnings = warnings;
        this.pgd = pgd;
        quirks = config.quirks();
        int ttbr = config.has(Quirks.ARM_MTK_TTBR_EXT) ? (int) pgd | (int) (pgd >>> 32)
                : (int) pgd | (config.coherentWalk() ? TTBR_COHERENT : TTBR_NON_COHERENT);
        registers = new Registers.Short(pgd, ttbr, 0, PRRR, NMRR);
    }

    static String refusal(PageTableConfig config) {
        boolean extended = config.has(Quirks.ARM_MTK_EXT);
        if ((config.quirks() & ~KNOWN_QUIRKS) != 0) {
            return "quirks 0x" + Integer.toHexString(config.quirks() & ~KNOWN_QUIRKS) + " do not exist for ARM_V7S";
        }
        if (extended && !config.has(Quirks.NO_PERMS) || config.has(Quirks.ARM_MTK_TTBR_EXT) && !extended) {
            return "ARM_MTK_EXT needs NO_PERMS, ARM_MTK_TTBR_EXT needs ARM_MTK_EXT";
        }
        if (config.ias() > (extended ? 34 : 32) || config.oas() > (extended ? 35 : 32) || config.ias() <= 20
                || config.oas() <= 12) {
            return "ARM_V7S cannot do ias " + config.ias() + ", oas " + config.oas();
        }
        return (config.pageSizes() & SIZES) != 0 ? null
                : "no page size of 0x" + Long.toHexString(config.pageSizes()) + " fits";
    }

    static PageTable allocate(PageTableConfig asked, PhysicalMemory memory, PageAllocator allocator, TlbInvalidation tlb,
            Warning.Sink warnings) {
        PageTableConfig config = asked.narrowed(asked.pageSizes() & SIZES, asked.ias(), asked.oas());
        long bytes = rootBytes(config);
        long pgd = allocator.allocate(bytes, bytes, config.has(Quirks.ARM_MTK_TTBR_EXT) ? 35 : 32);
        return pgd == PageAllocator.NONE ? null : new V7sTable(config, memory, allocator, tlb, warnings, pgd);
    }

    private static long rootBytes(PageTableConfig config) {
        return Math.max(4L << config.ias() - 20, 64);
    }

    @Override
    public PageTableFormat format() {
        return PageTableFormat.ARM_V7S;
    }

    @Override
    public PageTableConfig config() {
        return config;
    }

    @Override
    public Registers registers() {
        return registers;
    }

    @Override
    public Geometry geometry() {
        return null;
    }

    private static int shift(int level) {
        return level == 1 ? 20 : 12;
    }

    private int index(long iova, int level) {
        return level == 1 ? (int) (iova >>> 20) & (1 << config.ias() - 20) - 1 : (int) (iova >>> 12) & LEVEL2_ENTRIES - 1;
    }

    private boolean badSize(long pageSize) {
        return (pageSize & config.pageSizes()) != pageSize || Long.bitCount(pageSize) != 1;
    }

    private int refused(Warning warning, long iova, long pageSize, Errno errno) {
        warnings.warn(warning, iova, pageSize);
        return -errno.number();
    }

    @Override
    public long mapPages(long iova, long paddr, long pageSize, long pageCount, int prot) {
        if (badSize(pageSize)) {
            return refused(Warning.BAD_SIZE, iova, pageSize, Errno.EINVAL);
        }
        if (iova >>> config.ias() != 0 || paddr >>> config.oas() != 0) {
            return refused(Warning.OUT_OF_RANGE, iova, pageSize, Errno.ERANGE);
        }
        if ((prot & (Protection.READ | Protection.WRITE)) == 0) {
            return -Errno.EINVAL.number();
        }
        if (((iova | paddr) & pageSize - 1) != 0) {
            return refused(Warning.UNALIGNED, iova, pageSize, Errno.EINVAL);
        }
        for (long i = 0; i < pageCount; i++) {
            long at = iova + i * pageSize;
            long to = paddr + i * pageSize;
            boolean outside = at >>> config.ias() != 0 || to >>> config.oas() != 0;
            int error = outside ? -Errno.ERANGE.number() : mapOne(at, to, pageSize, prot);
            if (error != 0) {
                return i == 0 ? error : i * pageSize;
            }
        }
        return Math.max(pageCount, 0) * pageSize;
    }

    private int mapOne(long iova, long paddr, long pageSize, int prot) {
        if (pageSize >= 1L << 20) {
            return install(pgd, 1, iova, paddr, pageSize, prot);
        }
        long at = pgd + 4L * index(iova, 1);
        int descriptor = memory.read32(at);
        if (descriptor == 0) {
            descriptor = addTable(at);
            if (descriptor == 0) {
                return -Errno.ENOMEM.number();
            }
        }
        if (!V7sDescriptor.isTable(descriptor, 1)) {
            return refused(Warning.ALREADY_MAPPED, iova, pageSize, Errno.EEXIST);
        }
        return install(table(descriptor), 2, iova, paddr, pageSize, prot);
    }

    private static long table(int descriptor) {
        return Integer.toUnsignedLong(descriptor) & -(long) LEVEL2_BYTES;
    }

    private int addTable(long at) {
        long table = allocator.allocate(LEVEL2_BYTES, LEVEL2_BYTES, 32);
        if (table == PageAllocator.NONE) {
            return 0;
        }
        int descriptor = tableDescriptor(table);
        int found = memory.compareAndExchange32(at, 0, descriptor);
        if (found != 0) {
            allocator.free(table, LEVEL2_BYTES);
            return found;
        }
        return descriptor;
    }

    private int tableDescriptor(long table) {
        return (int) table | V7sDescriptor.TYPE_TABLE | ((quirks & Quirks.ARM_NS) != 0 ? V7sDescriptor.NS_TABLE : 0);
    }

    private int install(long table, int level, long iova, long paddr, long pageSize, int prot) {
        int count = (int) (pageSize >>> shift(level));
        long first = table + 4L * index(iova, level);
        for (int i = 0; i < count; i++) {
            int descriptor = memory.read32(first + 4L * i);
            if (V7sDescriptor.isTable(descriptor, level)) {
                removeTable(first + 4L * i, descriptor, iova + ((long) i << 20));
            } else if (descriptor != 0) {
                return refused(Warning.ALREADY_MAPPED, iova, pageSize, Errno.EEXIST);
            }
        }
        int leaf = V7sDescriptor.leaf(level, quirks, prot);
        int shape = count > 1 ? V7sDescriptor.repeated(leaf, level) : leaf;
        write(first, count, shape | V7sDescriptor.packAddress(paddr, quirks));
        return 0;
    }

    private void write(long first, int count, int descriptor) {
        for (int i = 0; i < count; i++) {
            memory.write32(first + 4L * i, descriptor);
        }
    }

    private void removeTable(long at, int descriptor, long iova) {
        memory.write32(at, 0);
        tlb.flushWalk(iova, 1L << 20, 1L << 12);
        allocator.free(table(descriptor), LEVEL2_BYTES);
    }

    @Override
    public long unmapPages(long iova, long pageSize, long pageCount, Gather gather) {
        if (badSize(pageSize) || pageCount <= 0) {
            warnings.warn(Warning.BAD_SIZE, iova, pageSize);
            return 0;
        }
        if (iova >>> config.ias() != 0) {
            warnings.warn(Warning.OUT_OF_RANGE, iova, pageSize);
            return 0;
        }
        if ((iova & pageSize - 1) != 0) {
            warnings.warn(Warning.UNALIGNED, iova, pageSize);
            return 0;
        }
        long done = 0;
        for (long i = 0; i < pageCount && iova + done >>> config.ias() == 0; i++) {
            if (!unmapOne(iova + done, pageSize, gather)) {
                break;
            }
            done += pageSize;
        }
        return done;
    }

    private boolean unmapOne(long iova, long pageSize, Gather gather) {
        if (pageSize >= 1L << 20) {
            return clear(pgd, 1, iova, pageSize, gather);
        }
        long at = pgd + 4L * index(iova, 1);
        int descriptor = memory.read32(at);
        if ((descriptor & V7sDescriptor.TYPE_MASK) == 0) {
            warnings.warn(Warning.NOT_MAPPED, iova, pageSize);
            return false;
        }
        if (V7sDescriptor.isTable(descriptor, 1)) {
            return clear(table(descriptor), 2, iova, pageSize, gather);
        }
        if (config.behaviour() != Behaviour.V6_12) {
            warnings.warn(Warning.PARTIAL_UNMAP, iova, pageSize);
            return false;
        }
        if (V7sDescriptor.isRepeated(descriptor, 1)) {
            splitRepeated(pgd, 1, iova);
        }
        return splitSection(at, memory.read32(at), iova, pageSize, gather);
    }

    /** Clears the entries of one page or section; changes nothing when one is empty or part of something larger. */
    private boolean clear(long table, int level, long iova, long pageSize, Gather gather) {
        int count = (int) (pageSize >>> shift(level));
        long first = table + 4L * index(iova, level);
        for (int i = 0; i < count; i++) {
            if ((memory.read32(first + 4L * i) & V7sDescriptor.TYPE_MASK) == 0) {
                warnings.warn(Warning.NOT_MAPPED, iova, pageSize);
                return false;
            }
        }
        if (count == 1 && V7sDescriptor.isRepeated(memory.read32(first), level)) {
            if (config.behaviour() != Behaviour.V6_12) {
                warnings.warn(Warning.PARTIAL_UNMAP, iova, pageSize);
                return false;
            }
            splitRepeated(table, level, iova);
        }
        long entryBytes = 1L << shift(level);
        for (int i = 0; i < count; i++) {
            long at = iova + i * entryBytes;
            int descriptor = memory.read32(first + 4L * i);
            if (V7sDescriptor.isTable(descriptor, level)) {
                removeTable(first + 4L * i, descriptor, at);
                continue;
            }
            memory.write32(first + 4L * i, 0);
            if (gather != null && !gather.queued()) {
                tlb.addPage(gather, at, entryBytes);
            }
        }
        return true;
    }

    /** Rewrites a large page or supersection as 16 single entries. Sixteen words cannot change at once, hence the lock. */
    private synchronized void splitRepeated(long table, int level, long iova) {
        long first = table + 4L * (index(iova, level) & -V7sDescriptor.REPEATED);
        int descriptor = memory.read32(first);
        if (!V7sDescriptor.isRepeated(descriptor, level)) {
            return;
        }
        int single = V7sDescriptor.single(descriptor, level);
        for (int i = 0; i < V7sDescriptor.REPEATED; i++) {
            memory.write32(first + 4L * i, single + (i << shift(level)));
        }
        long size = (long) V7sDescriptor.REPEATED << shift(level);
        tlb.flushWalk(iova, size, size);
    }

    /** Replaces a section by a table that maps the same without one page (up to 6.12). */
    private boolean splitSection(long at, int section, long iova, long pageSize, Gather gather) {
        long table = allocator.allocate(LEVEL2_BYTES, LEVEL2_BYTES, 32);
        if (table == PageAllocator.NONE) {
            return false;
        }
        int count = (int) (pageSize >>> 12);
        int leaf = V7sDescriptor.leaf(2, quirks, V7sDescriptor.protection(section));
        int shape = count > 1 ? V7sDescriptor.repeated(leaf, 2) : leaf;
        long base = V7sDescriptor.address(section, 20, quirks);
        for (int i = 0; i < LEVEL2_ENTRIES; i += count) {
            if (i != (index(iova, 2) & -count)) {
                write(table + 4L * i, count, shape | V7sDescriptor.packAddress(base + ((long) i << 12), quirks));
            }
        }
        if (memory.compareAndExchange32(at, section, tableDescriptor(table)) != section) {
            allocator.free(table, LEVEL2_BYTES);
            return unmapOne(iova, pageSize, gather);
        }
        tlb.addPage(gather, iova, pageSize);
        return true;
    }

    @Override
    public long iovaToPhys(long iova) {
        long table = pgd;
        int level = 1;
        int descriptor = memory.read32(table + 4L * index(iova, 1));
        if (V7sDescriptor.isTable(descriptor, 1)) {
            table = table(descriptor);
            level = 2;
            descriptor = memory.read32(table + 4L * index(iova, 2));
        }
        if ((descriptor & V7sDescriptor.TYPE_MASK) == 0) {
            return 0;
        }
        int shift = shift(level) + (V7sDescriptor.isRepeated(descriptor, level) ? 4 : 0);
        return V7sDescriptor.address(descriptor, shift, quirks) | iova & (1L << shift) - 1;
    }

    @Override
    public void free() {
        tlb.flushAll();
        for (int i = 0; i < 1 << config.ias() - 20; i++) {
            int descriptor = memory.read32(pgd + 4L * i);
            if (V7sDescriptor.isTable(descriptor, 1)) {
                allocator.free(table(descriptor), LEVEL2_BYTES);
            }
        }
        allocator.free(pgd, rootBytes(config));
    }
}
