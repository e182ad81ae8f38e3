package org.latebind.pagetable;

import java.lang.invoke.VarHandle;
import org.latebind.driver.Errno;
import org.latebind.hardware.PageAllocator;
import org.latebind.iommu.Protection;

/** A table of long descriptors. The rules are those of the kernel's library, see {@link PageTable}. */
final class LpaeTable implements PageTable {

    private static final int LAST = 3;

    private final PageTableFormat format;
    private final PageTableConfig config;
    private final Geometry geometry;
    private final Registers registers;
    private final TableMemory memory;
    private final PageAllocator allocator;
    private final TlbInvalidation tlb;
    private final Warning.Sink warnings;
    private final WalkCache cache;

    private final long pageSizes;
    private final int ias;
    private final int oas;
    private final long signFlip;
    private final int start;
    private final int bits;
    private final int pageShift;
    private final int stage;
    private final int quirks;
    private final long pgd;
    private final boolean warnPresence;

    LpaeTable(PageTableFormat format, PageTableConfig config, Geometry geometry, Registers registers, TableMemory memory,
            PageAllocator allocator, TlbInvalidation tlb, Warning.Sink warnings) {
        this.format = format;
        this.config = config;
        this.geometry = geometry;
        this.registers = registers;
        this.memory = memory;
        this.allocator = allocator;
        this.tlb = tlb;
        this.warnings = warnings;
        cache = new WalkCache(geometry);
        pageSizes = config.pageSizes() & reachable(geometry);
        ias = config.ias();
        oas = config.oas();
        signFlip = config.has(Quirks.ARM_TTBR1) ? -1L : 0L;
        start = geometry.startLevel();
        bits = geometry.bitsPerLevel();
        pageShift = geometry.pageShift();
        stage = format.stage();
        quirks = config.quirks();
        pgd = registers.root();
        warnPresence = !config.has(Quirks.NO_WARN);
    }

    @Override
    public PageTableFormat format() {
        return format;
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
        return geometry;
    }

    @Override
    public long mapPages(long iova, long paddr, long pageSize, long pageCount, int prot) {
        int error = checkMap(iova, paddr, pageSize, prot);
        if (error != 0 || pageCount <= 0) {
            return error;
        }
        int level = level(pageSize);
        long table = cached(level, iova);
        if (table == 0) {
            table = descend(level, iova, pageSize);
            if (table < 0) {
                return table;
            }
        }
        int index = geometry.index(iova, level);
        int count = (int) Math.min(pageCount, room(level, index));
        long at = table + 8L * index;
        long[] words = memory.words(at);
        if (!memory.allZero(words, at, count)) {
            error = makeRoom(words, at, count, level, iova, pageSize);
            if (error != 0) {
                return error;
            }
        }
        long leaf = LpaeDescriptor.leafAttributes(stage, quirks, prot)
                | (level == LAST ? LpaeDescriptor.TYPE_PAGE : LpaeDescriptor.TYPE_BLOCK);
        install(words, at, count, leaf, paddr, pageSize);
        VarHandle.releaseFence();
        return count * pageSize;
    }

    private int checkMap(long iova, long paddr, long pageSize, int prot) {
        if (!offered(pageSize)) {
            return refused(Warning.BAD_SIZE, iova, pageSize, Errno.EINVAL);
        }
        if (!inRange(iova) || paddr >>> oas != 0) {
            return refused(Warning.OUT_OF_RANGE, iova, pageSize, Errno.ERANGE);
        }
        if ((prot & (Protection.READ | Protection.WRITE)) == 0) {
            return -Errno.EINVAL.number();
        }
        if (((iova | paddr) & pageSize - 1) != 0) {
            return refused(Warning.UNALIGNED, iova, pageSize, Errno.EINVAL);
        }
        return 0;
    }

    private int refused(Warning warning, long iova, long pageSize, Errno errno) {
        warnings.warn(warning, iova, pageSize);
        return -errno.number();
    }

    /** Sizes of leaves from the start level down: a small input range starts below the level of the large blocks. */
    private static long reachable(Geometry geometry) {
        return (2L << geometry.shift(geometry.startLevel())) - 1;
    }

    /** Exactly one offered size. The library lets the sum of two sizes pass, to fail a little later with the same error. */
    private boolean offered(long pageSize) {
        return (pageSize & pageSizes) == pageSize && pageSize != 0 && (pageSize & pageSize - 1) == 0;
    }

    private boolean inRange(long iova) {
        return (iova >> ias ^ signFlip) == 0;
    }

    private int level(long pageSize) {
        int size = Long.numberOfTrailingZeros(pageSize);
        return size == pageShift ? LAST : size == pageShift + bits ? LAST - 1 : LAST - 2;
    }

    /** Entries from {@code index} to the end of its table; concatenated root tables count one by one. */
    private int room(int level, int index) {
        int tableBits = level == start ? Math.min(geometry.pgdBits(), bits) : bits;
        return (1 << tableBits) - (index & (1 << tableBits) - 1);
    }

    private long cached(int level, long iova) {
        if (level == start) {
            return pgd;
        }
        return level == LAST ? cache.last(iova) : level == LAST - 1 ? cache.upper(iova) : 0;
    }

    /** Walks down to the table of a level, making tables on the way; the table or a negative error number. */
    private long descend(int level, long iova, long pageSize) {
        long table = pgd;
        for (int l = start; l < level; l++) {
            long at = table + 8L * geometry.index(iova, l);
            long[] words = memory.words(at);
            long descriptor = memory.loadAcquire(words, at);
            if (descriptor == 0) {
                descriptor = addTable(words, at);
                if (descriptor == 0) {
                    return -Errno.ENOMEM.number();
                }
            }
            if (LpaeDescriptor.isLeaf(descriptor, l)) {
                return presence(Warning.ALREADY_MAPPED, iova, pageSize, -Errno.EEXIST.number());
            }
            table = LpaeDescriptor.address(descriptor, pageShift);
            cache.put(l + 1, iova, table);
        }
        return table;
    }

    private int presence(Warning warning, long iova, long pageSize, int result) {
        if (warnPresence) {
            warnings.warn(warning, iova, pageSize);
        }
        return result;
    }

    /** Installs an empty table in an empty entry; the entry's descriptor, ours or a faster thread's, 0 without memory. */
    private long addTable(long[] words, long at) {
        long table = allocator.allocate(geometry.granule(), geometry.granule(), oas);
        if (table == PageAllocator.NONE) {
            return 0;
        }
        long found = installTable(words, at, 0, table);
        if (found == 0) {
            return memory.load(words, at);
        }
        allocator.free(table, geometry.granule());
        return found;
    }

    /** Swaps a table in for {@code expected}; returns what was found. SW_SYNC notes that it was written back to memory. */
    private long installTable(long[] words, long at, long expected, long table) {
        long descriptor = LpaeDescriptor.packAddress(table, pageShift) | LpaeDescriptor.TYPE_TABLE;
        if ((quirks & Quirks.ARM_NS) != 0) {
            descriptor |= LpaeDescriptor.NS_TABLE;
        }
        long found = memory.compareAndExchange(words, at, expected, descriptor);
        if (found == expected && !config.coherentWalk()) {
            memory.store(words, at, descriptor | LpaeDescriptor.SW_SYNC);
        }
        return found;
    }

    /** The slow pass over occupied entries: a leaf is an error, a table makes way with all that it maps. */
    private int makeRoom(long[] words, long at, int count, int level, long iova, long pageSize) {
        for (int i = 0; i < count; i++) {
            long descriptor = memory.load(words, at + 8L * i);
            if (LpaeDescriptor.isLeaf(descriptor, level)) {
                return presence(Warning.ALREADY_MAPPED, iova, pageSize, -Errno.EEXIST.number());
            }
            if (descriptor != 0) {
                removeTable(words, at + 8L * i, descriptor, level, iova + i * pageSize, pageSize);
            }
        }
        return 0;
    }

    private void install(long[] words, long at, int count, long leaf, long paddr, long pageSize) {
        if (words != null && pageShift != 16) {
            int from = TableMemory.index(at);
            long address = paddr;
            for (int i = 0; i < count; i++) {
                words[from + i] = address & LpaeDescriptor.ADDRESS | leaf;
                address += pageSize;
            }
            return;
        }
        for (int i = 0; i < count; i++) {
            memory.store(words, at + 8L * i, LpaeDescriptor.packAddress(paddr + i * pageSize, pageShift) | leaf);
        }
    }

    @Override
    public long unmapPages(long iova, long pageSize, long pageCount, Gather gather) {
        if (!offered(pageSize) || pageCount <= 0) {
            warnings.warn(Warning.BAD_SIZE, iova, pageSize);
            return 0;
        }
        if (!inRange(iova)) {
            warnings.warn(Warning.OUT_OF_RANGE, iova, pageSize);
            return 0;
        }
        if ((iova & pageSize - 1) != 0) {
            warnings.warn(Warning.UNALIGNED, iova, pageSize);
            return 0;
        }
        int level = level(pageSize);
        long table = cached(level, iova);
        if (table != 0) {
            return unmapAt(table, level, iova, pageSize, pageCount, gather);
        }
        return unmapFrom(pgd, start, level, iova, pageSize, pageCount, gather);
    }

    /** Walks from a table down to the level of the page size and unmaps there. */
    private long unmapFrom(long from, int fromLevel, int level, long iova, long pageSize, long pageCount, Gather gather) {
        long table = from;
        for (int l = fromLevel; l < level; l++) {
            long at = table + 8L * geometry.index(iova, l);
            long[] words = memory.words(at);
            long descriptor = memory.loadAcquire(words, at);
            if (descriptor == 0) {
                return presence(Warning.NOT_MAPPED, iova, pageSize, 0);
            }
            if (LpaeDescriptor.isLeaf(descriptor, l)) {
                if (config.behaviour() == Behaviour.V6_12) {
                    return split(words, at, descriptor, l, level, iova, pageSize, pageCount, gather);
                }
                warnings.warn(Warning.PARTIAL_UNMAP, iova, pageSize);
                return 0;
            }
            table = LpaeDescriptor.address(descriptor, pageShift);
            cache.put(l + 1, iova, table);
        }
        return unmapAt(table, level, iova, pageSize, pageCount, gather);
    }

    private long unmapAt(long table, int level, long iova, long pageSize, long pageCount, Gather gather) {
        int index = geometry.index(iova, level);
        int count = (int) Math.min(pageCount, room(level, index));
        long at = table + 8L * index;
        long[] words = memory.words(at);
        int done = 0;
        for (; done < count; done++) {
            long descriptor = memory.load(words, at + 8L * done);
            if (!LpaeDescriptor.isLeaf(descriptor, level)) {
                if (descriptor == 0) {
                    presence(Warning.NOT_MAPPED, iova, pageSize, 0);
                    break;
                }
                removeTable(words, at + 8L * done, descriptor, level, iova + done * pageSize, pageSize);
            }
        }
        memory.clear(words, at, done);
        VarHandle.releaseFence();
        if (gather != null && !gather.queued()) {
            for (int i = 0; i < done; i++) {
                tlb.addPage(gather, iova + i * pageSize, pageSize);
            }
        }
        return done * pageSize;
    }

    /** Takes a table out of an entry: entry first, then the walk caches, then the memory. */
    private void removeTable(long[] words, long at, long descriptor, int level, long iova, long sizeBytes) {
        memory.store(words, at, 0);
        VarHandle.releaseFence();
        tlb.flushWalk(iova, sizeBytes, geometry.granule());
        freeTables(LpaeDescriptor.address(descriptor, pageShift), level + 1, iova & -sizeBytes);
    }

    /** Frees a table below the root and all under it, bottom up. */
    private void freeTables(long table, int level, long iova) {
        if (level < LAST) {
            freeChildren(table, 1 << bits, level, iova);
        }
        cache.drop(level, iova);
        allocator.free(table, geometry.granule());
    }

    private void freeChildren(long table, int entries, int level, long iova) {
        for (int i = 0; i < entries; i++) {
            long at = table + 8L * i;
            long descriptor = memory.load(memory.words(at), at);
            if (LpaeDescriptor.isTable(descriptor, level)) {
                freeTables(LpaeDescriptor.address(descriptor, pageShift), level + 1, iova + ((long) i << geometry.shift(level)));
            }
        }
    }

    /**
     * Replaces a block by a table of smaller leaves without the range being unmapped (up to 6.12). When the page size
     * lies more than one level down the new table is complete and the unmap goes on in it.
     */
    private long split(long[] words, long at, long block, int blockLevel, int level, long iova, long pageSize,
            long pageCount, Gather gather) {
        long table = allocator.allocate(geometry.granule(), geometry.granule(), oas);
        if (table == PageAllocator.NONE) {
            return 0;
        }
        int newLevel = blockLevel + 1;
        boolean here = newLevel == level;
        int hole = here ? geometry.index(iova, level) : -1;
        int count = here ? (int) Math.min(pageCount, room(level, hole)) : 0;
        fill(table, block, newLevel, hole, count);
        long found = installTable(words, at, block, table);
        if (found != block) {
            allocator.free(table, geometry.granule());
            if (!LpaeDescriptor.isTable(found, blockLevel)) {
                return 0;
            }
            table = LpaeDescriptor.address(found, pageShift);
        } else if (here) {
            for (int i = 0; i < count; i++) {
                tlb.addPage(gather, iova + i * pageSize, pageSize);
            }
            return count * pageSize;
        }
        return unmapFrom(table, newLevel, level, iova, pageSize, pageCount, gather);
    }

    private void fill(long table, long block, int level, int hole, int holes) {
        long size = 1L << geometry.shift(level);
        long address = LpaeDescriptor.address(block, pageShift);
        long leaf = block & LpaeDescriptor.ATTRIBUTES | (level == LAST ? LpaeDescriptor.TYPE_PAGE : LpaeDescriptor.TYPE_BLOCK);
        for (int i = 0; i < 1 << bits; i++) {
            if (hole < 0 || i < hole || i >= hole + holes) {
                long at = table + 8L * i;
                memory.store(memory.words(at), at, LpaeDescriptor.packAddress(address + i * size, pageShift) | leaf);
            }
        }
    }

    @Override
    public long iovaToPhys(long iova) {
        long table = start == LAST ? pgd : cache.last(iova);
        if (table == 0) {
            return walk(iova);
        }
        long at = table + 8L * geometry.index(iova, LAST);
        long descriptor = memory.load(memory.words(at), at);
        return LpaeDescriptor.isLeaf(descriptor, LAST) ? output(descriptor, LAST, iova) : 0;
    }

    /** Notes nothing: somebody who only looks may race with whoever frees the table he sees. */
    private long walk(long iova) {
        long table = start == LAST - 1 ? pgd : cache.upper(iova);
        int level = LAST - 1;
        if (table == 0) {
            table = pgd;
            level = start;
        }
        for (;; level++) {
            long at = table + 8L * geometry.index(iova, level);
            long descriptor = memory.load(memory.words(at), at);
            if (LpaeDescriptor.isLeaf(descriptor, level)) {
                return output(descriptor, level, iova);
            }
            if (!LpaeDescriptor.isTable(descriptor, level)) {
                return 0;
            }
            table = LpaeDescriptor.address(descriptor, pageShift);
        }
    }

    private long output(long descriptor, int level, long iova) {
        return LpaeDescriptor.address(descriptor, pageShift) | iova & (1L << geometry.shift(level)) - 1;
    }

    @Override
    public void free() {
        tlb.flushAll();
        if (start < LAST) {
            freeChildren(pgd, 1 << geometry.pgdBits(), start, 0);
        }
        allocator.free(pgd, LpaeAllocation.rootBytes(geometry, config.behaviour()));
    }
}
