package org.latebind.pagetable;

import java.util.Objects;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;

/** Makes page tables (Linux: {@code alloc_io_pgtable_ops}). */
public final class PageTables {

    private PageTables() {
    }

    /** Allocates without listening to warnings; see the long form. */
    public static PageTable allocate(PageTableFormat format, PageTableConfig config, PhysicalMemory memory,
            PageAllocator allocator, TlbInvalidation invalidation) {
        return allocate(format, config, memory, allocator, invalidation, Warning.Sink.NONE);
    }

    /**
     * Allocates an empty table.
     *
     * @param format       not null
     * @param config       what is wanted; the table's own configuration may be narrower
     * @param memory       where tables are written; a {@link org.latebind.hardware.WordArrayMemory} is much faster
     * @param allocator    gives memory for tables below 2^oas
     * @param invalidation told about removed leaves and tables; not null
     * @param warnings     told about callers' mistakes; not null
     * @return the table, or null when the configuration cannot be served ({@link #refusal} says why) or memory is exhausted
     */
    public static PageTable allocate(PageTableFormat format, PageTableConfig config, PhysicalMemory memory,
            PageAllocator allocator, TlbInvalidation invalidation, Warning.Sink warnings) {
        Objects.requireNonNull(invalidation, "invalidation");
        Objects.requireNonNull(warnings, "warnings");
        if (refusal(format, config) != null) {
            return null;
        }
        return format.longDescriptors()
                ? LpaeAllocation.allocate(format, config, new TableMemory(memory), allocator, invalidation, warnings)
                : V7sTable.allocate(config, memory, allocator, invalidation, warnings);
    }

    /** Tells for people why a configuration cannot be served; null when it can, memory permitting. */
    public static String refusal(PageTableFormat format, PageTableConfig config) {
        return format.longDescriptors() ? LpaeAllocation.refusal(format, config) : V7sTable.refusal(config);
    }
}
