package org.latebind.machine.walk;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.pagetable.Behaviour;
import org.latebind.pagetable.PageTableConfig;
import org.latebind.pagetable.PageTableFormat;

/**
 * What a page table means, without bits: per level a map from entry number to a leaf or to "a table". Written from the
 * rules of the library's contract alone, for long and short descriptors; knows neither encoder nor walker.
 */
final class EntryModel {

    /** One mapping: everything from {@code iova} to {@code iova + sizeBytes} goes to {@code paddr} onwards. */
    record Leaf(long iova, long paddr, long sizeBytes, int prot) {
    }

    private static final Leaf TABLE = new Leaf(-1, -1, 0, 0);
    private static final int REPEATED = 16;

    private final boolean shortFormat;
    private final boolean splits;
    /** Shift of the bytes an entry covers, from the root's level to the last. */
    private final int[] shifts;
    /** Entries after which a call ends, per level; short descriptors never end early. */
    private final long[] tableEntries;
    private final List<Map<Long, Leaf>> levels = new ArrayList<>();

    EntryModel(PageTableFormat format, PageTableConfig config) {
        shortFormat = format == PageTableFormat.ARM_V7S;
        splits = config.behaviour() == Behaviour.V6_12;
        shifts = shortFormat ? new int[] {20, 12} : longShifts(format, config);
        tableEntries = new long[shifts.length];
        for (int i = 0; i < shifts.length; i++) {
            levels.add(new HashMap<>());
            int bits = Long.numberOfTrailingZeros(Long.lowestOneBit(config.pageSizes())) - 3;
            tableEntries[i] = shortFormat ? Long.MAX_VALUE : i == 0 ? Math.min(1L << bits, 1L << config.ias() - shifts[0])
                    : 1L << bits;
        }
    }

    /** Levels of a long-descriptor table, concatenated where the generation's rule says so. */
    private static int[] longShifts(PageTableFormat format, PageTableConfig config) {
        int page = Long.numberOfTrailingZeros(Long.lowestOneBit(config.pageSizes()));
        int bits = page - 3;
        int levels = 1;
        while (page + levels * bits < config.ias()) {
            levels++;
        }
        int rootBits = config.ias() - page - (levels - 1) * bits;
        if (format.stage() == 2 && concatenates(page, levels, rootBits, config)) {
            levels--;
        }
        int[] shifts = new int[levels];
        for (int i = 0; i < levels; i++) {
            shifts[i] = page + (levels - 1 - i) * bits;
        }
        return shifts;
    }

    private static boolean concatenates(int page, int levels, int rootBits, PageTableConfig config) {
        if (config.behaviour() == Behaviour.V6_12) {
            return levels == 4 && rootBits <= 4;
        }
        boolean fourK = page == 12 && levels == 4 && (config.oas() == 40 || config.oas() == 42);
        boolean sixteenK = page == 14 && (levels == 4 && (config.oas() == 48 || config.ias() == 48)
                || levels == 3 && config.oas() == 40);
        return fourK || sixteenK;
    }

    /** Architecture's number of the root's level. */
    int startLevel() {
        return shortFormat ? 1 : 4 - shifts.length;
    }

    private int levelOf(long sizeBytes) {
        return !shortFormat ? exact(sizeBytes) : sizeBytes >= 1L << shifts[0] ? 0 : 1;
    }

    private int exact(long sizeBytes) {
        for (int i = 0; i < shifts.length; i++) {
            if (1L << shifts[i] == sizeBytes) {
                return i;
            }
        }
        return -1;
    }

    /** Tells whether the table has a level for leaves of this size. */
    boolean holds(long sizeBytes) {
        return shortFormat || exact(sizeBytes) >= 0;
    }

    private static boolean leaf(Leaf entry) {
        return entry != null && entry != TABLE;
    }

    long map(long iova, long paddr, long sizeBytes, long count, int prot) {
        if (!shortFormat) {
            int level = exact(sizeBytes);
            long n = Math.min(count, tableEntries[level] - (iova >>> shifts[level]) % tableEntries[level]);
            return place(iova, paddr, sizeBytes, n, prot, level);
        }
        for (long i = 0; i < count; i++) {
            long result = place(iova + i * sizeBytes, paddr + i * sizeBytes, sizeBytes, 1, prot, levelOf(sizeBytes));
            if (result < 0) {
                return i == 0 ? result : i * sizeBytes;
            }
        }
        return count * sizeBytes;
    }

    private long place(long iova, long paddr, long sizeBytes, long count, int prot, int level) {
        for (int l = 0; l < level; l++) {
            Leaf entry = levels.get(l).putIfAbsent(iova >>> shifts[l], TABLE);
            if (leaf(entry)) {
                return -17;
            }
        }
        Map<Long, Leaf> entries = levels.get(level);
        long first = iova >>> shifts[level];
        long n = count * (sizeBytes >>> shifts[level]);
        for (long i = 0; i < n; i++) {
            Leaf entry = entries.get(first + i);
            if (leaf(entry)) {
                return -17;
            }
            if (entry == TABLE) {
                drop(level, first + i);
            }
        }
        for (long i = 0; i < n; i++) {
            long offset = (i << shifts[level]) & -sizeBytes;
            entries.put(first + i, new Leaf(iova + offset, paddr + offset, sizeBytes, prot));
        }
        return count * sizeBytes;
    }

    /** Removes an entry with everything below it. */
    private void drop(int level, long entry) {
        if (levels.get(level).remove(entry) == TABLE) {
            int bits = shifts[level] - shifts[level + 1];
            Map<Long, Leaf> below = levels.get(level + 1);
            for (long i = entry << bits; i < entry + 1 << bits; i++) {
                if (below.containsKey(i)) {
                    drop(level + 1, i);
                }
            }
        }
    }

    long unmap(long iova, long sizeBytes, long count) {
        int level = levelOf(sizeBytes);
        if (!shortFormat) {
            long n = Math.min(count, tableEntries[level] - (iova >>> shifts[level]) % tableEntries[level]);
            return unmapEntries(iova, sizeBytes, n, level);
        }
        long done = 0;
        while (done < count * sizeBytes && unmapEntries(iova + done, sizeBytes, 1, level) != 0) {
            done += sizeBytes;
        }
        return done;
    }

    private long unmapEntries(long iova, long sizeBytes, long count, int level) {
        for (int l = 0; l < level; l++) {
            Leaf entry = levels.get(l).get(iova >>> shifts[l]);
            if (entry == null || leaf(entry) && !splits) {
                return 0;
            }
            if (leaf(entry)) {
                split(l, iova, entry, shortFormat ? sizeBytes : 1L << shifts[l + 1]);
            }
        }
        Map<Long, Leaf> entries = levels.get(level);
        long first = iova >>> shifts[level];
        if (shortFormat) {
            return clear(entries, first, iova, sizeBytes, level);
        }
        long done = 0;
        while (done < count && entries.containsKey(first + done)) {
            drop(level, first + done++);
        }
        return done * sizeBytes;
    }

    private long clear(Map<Long, Leaf> entries, long first, long iova, long sizeBytes, int level) {
        long n = sizeBytes >>> shifts[level];
        for (long i = 0; i < n; i++) {
            if (!entries.containsKey(first + i)) {
                return 0;
            }
        }
        Leaf found = entries.get(first);
        if (n == 1 && found.sizeBytes > sizeBytes) {
            if (!splits) {
                return 0;
            }
            unrepeat(entries, found, level);
        }
        for (long i = 0; i < n; i++) {
            drop(level, first + i);
        }
        return sizeBytes;
    }

    private void unrepeat(Map<Long, Leaf> entries, Leaf found, int level) {
        long size = found.sizeBytes / REPEATED;
        for (long i = 0; i < REPEATED; i++) {
            entries.put((found.iova >>> shifts[level]) + i,
                    new Leaf(found.iova + i * size, found.paddr + i * size, size, found.prot));
        }
    }

    /** A leaf becomes a table of leaves; a supersection becomes sections first. */
    private void split(int level, long iova, Leaf leaf, long pieceBytes) {
        Map<Long, Leaf> entries = levels.get(level);
        Leaf block = leaf;
        if (block.sizeBytes > 1L << shifts[level]) {
            unrepeat(entries, block, level);
            block = entries.get(iova >>> shifts[level]);
        }
        entries.put(iova >>> shifts[level], TABLE);
        long step = 1L << shifts[level + 1];
        for (long offset = 0; offset < block.sizeBytes; offset += step) {
            long piece = offset & -pieceBytes;
            levels.get(level + 1).put(block.iova + offset >>> shifts[level + 1],
                    new Leaf(block.iova + piece, block.paddr + piece, pieceBytes, block.prot));
        }
    }

    /** The mapping at an address, or null. */
    Leaf at(long iova) {
        for (int l = 0; l < shifts.length; l++) {
            Leaf entry = levels.get(l).get(iova >>> shifts[l]);
            if (entry != TABLE) {
                return entry;
            }
        }
        throw new AssertionError("a table on the last level at 0x" + Long.toHexString(iova));
    }

    /** Tables in use, the root counted as one. */
    int tables() {
        int tables = 1;
        for (Map<Long, Leaf> level : levels) {
            for (Leaf entry : level.values()) {
                tables += entry == TABLE ? 1 : 0;
            }
        }
        return tables;
    }
}
