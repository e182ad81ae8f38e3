package org.latebind.pagetable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads a table into a list for people: every entry that is not empty, depth first, leaves that go on joined. Pure. */
public final class TableDump {

    /** Where the descriptors come from: a memory or a saved image. */
    @FunctionalInterface
    public interface Words {

        /** Returns the 64-bit word at a multiple of 8. */
        long read64(long address);
    }

    private final Words words;
    private final PageTableConfig config;
    private final Geometry geometry;
    private final int stage;
    private final List<TableEntry> entries = new ArrayList<>();
    private final Set<Long> seen = new HashSet<>();

    private TableDump(Words words, PageTableFormat format, PageTableConfig config) {
        this.words = words;
        this.config = config;
        stage = format.stage();
        geometry = format.longDescriptors() ? LpaeAllocation.geometry(format, config) : null;
    }

    /** Dumps a live table. */
    public static List<TableEntry> of(PageTable table, Words words) {
        return of(table.format(), table.config(), table.registers().root(), words);
    }

    /**
     * Dumps a table.
     *
     * @param config a configuration that {@link PageTables#refusal} accepts, else {@link IllegalArgumentException}
     * @param root   physical address of the root
     */
    public static List<TableEntry> of(PageTableFormat format, PageTableConfig config, long root, Words words) {
        String refusal = PageTables.refusal(format, config);
        if (refusal != null) {
            throw new IllegalArgumentException(refusal);
        }
        if (format.longDescriptors() && LpaeAllocation.geometry(format, config) == null) {
            throw new IllegalArgumentException("more than 16 root tables");
        }
        TableDump dump = new TableDump(words, format, config);
        if (dump.geometry != null) {
            dump.seen.add(root);
            dump.table(root, dump.geometry.startLevel(), 1 << dump.geometry.pgdBits(), base(config), 0);
        } else {
            dump.sections(root);
        }
        return List.copyOf(dump.entries);
    }

    private static long base(PageTableConfig config) {
        return config.has(Quirks.ARM_TTBR1) ? -1L << config.ias() : 0;
    }

    private void add(TableEntry entry) {
        int last = entries.size() - 1;
        if (last >= 0 && entries.get(last).continuedBy(entry)) {
            entries.set(last, entries.get(last).longer());
        } else {
            entries.add(entry);
        }
    }

    private void table(long address, int level, int count, long iova, int depth) {
        int pageShift = geometry.pageShift();
        long size = 1L << geometry.shift(level);
        for (int i = 0; i < count; i++) {
            long at = address + 8L * i;
            long descriptor = words.read64(at);
            if (descriptor == 0) {
                continue;
            }
            long target = LpaeDescriptor.address(descriptor, pageShift);
            long from = iova + i * size;
            if (LpaeDescriptor.isTable(descriptor, level)) {
                boolean fresh = seen.add(target);
                TableEntry.Kind kind = fresh ? TableEntry.Kind.TABLE : TableEntry.Kind.TABLE_AGAIN;
                add(new TableEntry(depth, level, i, 1, from, size, at, descriptor, kind, target,
                        DescriptorWords.table(descriptor)));
                if (fresh) {
                    table(target, level + 1, 1 << geometry.bitsPerLevel(), from, depth + 1);
                }
            } else {
                boolean leaf = LpaeDescriptor.isLeaf(descriptor, level);
                TableEntry.Kind valid = level == 3 ? TableEntry.Kind.PAGE : TableEntry.Kind.BLOCK;
                TableEntry.Kind kind = leaf ? valid : TableEntry.Kind.INVALID;
                add(new TableEntry(depth, level, i, 1, from, size, at, descriptor, kind, target,
                        leaf ? DescriptorWords.leaf(descriptor, stage) : ""));
            }
        }
    }

    private int word32(long address) {
        return (int) (words.read64(address & -8) >>> 8 * (address & 4));
    }

    private void sections(long root) {
        for (int i = 0; i < 1 << config.ias() - 20; i++) {
            long at = root + 4L * i;
            int descriptor = word32(at);
            if (V7sDescriptor.isTable(descriptor, 1)) {
                long target = Integer.toUnsignedLong(descriptor) & -1024L;
                boolean fresh = seen.add(target);
                add(new TableEntry(0, 1, i, 1, (long) i << 20, 1L << 20, at, Integer.toUnsignedLong(descriptor),
                        fresh ? TableEntry.Kind.TABLE : TableEntry.Kind.TABLE_AGAIN, target, (descriptor & 8) != 0 ? "NS" : ""));
                for (int k = 0; fresh && k < 256; k++) {
                    shortLeaf(1, 2, k, ((long) i << 20) + ((long) k << 12), target + 4L * k);
                }
            } else {
                shortLeaf(0, 1, i, (long) i << 20, at);
            }
        }
    }

    /** One of the 16 entries of a large page or supersection is shown with the address it stands for. */
    private void shortLeaf(int depth, int level, int index, long iova, long at) {
        int descriptor = word32(at);
        if (descriptor == 0) {
            return;
        }
        int shift = level == 1 ? 20 : 12;
        boolean valid = (descriptor & 3) != 0;
        boolean repeated = valid && V7sDescriptor.isRepeated(descriptor, level);
        long target = V7sDescriptor.address(descriptor, shift + (repeated ? 4 : 0), config.quirks());
        if (repeated) {
            target += iova & (16L << shift) - 1;
        }
        TableEntry.Kind kind = !valid ? TableEntry.Kind.INVALID : level == 1 ? TableEntry.Kind.BLOCK : TableEntry.Kind.PAGE;
        add(new TableEntry(depth, level, index, 1, iova, 1L << shift, at, Integer.toUnsignedLong(descriptor), kind, target,
                valid ? DescriptorWords.shortLeaf(descriptor, level, repeated) : ""));
    }
}
