package org.latebind.pagetable;

/**
 * One translation table in physical memory. The operations are those of Linux' {@code io_pgtable_ops}, with its contract.
 *
 * <p>Threads: operations on disjoint ranges may run at the same time, also when their pages share tables: a missing table
 * is installed by compare-and-exchange, and the loser of a race gives its own back. Operations on overlapping ranges are
 * the caller's to order; so is {@link #free}. {@link #iovaToPhys} changes nothing; its answer for a page that another thread
 * is just changing means nothing. Steady state allocates no Java memory.
 *
 * <p>The table's memory belongs to the table: it remembers where its lower levels lie, so a table page that somebody
 * else rewrites is not noticed.
 */
public sealed interface PageTable permits LpaeTable, V7sTable {

    /** Format the table was allocated with; not null. */
    PageTableFormat format();

    /** The configuration after narrowing: page sizes, ias and oas are what the table really offers. */
    PageTableConfig config();

    /** Register values; not null. */
    Registers registers();

    /** Levels, entries and root size; null for short descriptors, whose shape is fixed. */
    Geometry geometry();

    /**
     * Maps pages of one size. May stop early at the end of a table; the caller goes on with the rest.
     *
     * <p>Errors, with no leaf written: {@code -EINVAL} page size not offered or an address not aligned to it (with a
     * warning), neither read nor write asked (without); {@code -ERANGE} first address outside ias or oas (warning);
     * {@code -EEXIST} something is mapped there (warning); {@code -ENOMEM} no memory for a table. Tables made on the way
     * to an error stay. A table in the place of the new leaf is freed with all it maps.
     *
     * @param iova  first input address, a multiple of {@code pageSize}
     * @param paddr first output address, a multiple of {@code pageSize}
     * @param pageSize  one size of {@link PageTableConfig#pageSizes()}
     * @param pageCount number of pages; 0 or less maps nothing and returns 0
     * @param prot  bits of {@link org.latebind.iommu.Protection}
     * @return bytes mapped, or a negative error number ({@link org.latebind.driver.Errno})
     */
    long mapPages(long iova, long paddr, long pageSize, long pageCount, int prot);

    /**
     * Unmaps pages of one size. Stops at the end of a table and at the first page that is not mapped.
     *
     * <p>Returns 0 with a warning when the size is not offered, the count is not positive, the address is out of range,
     * unaligned or not mapped. A block larger than {@code pageSize} is split or left alone, see {@link Behaviour}.
     *
     * @param gather collects leaves for a later invalidation; may be null
     * @return bytes unmapped
     */
    long unmapPages(long iova, long pageSize, long pageCount, Gather gather);

    /**
     * Translates. Address bits above the input range are ignored.
     *
     * @return output address, or 0 when it is not mapped (or mapped to 0)
     */
    long iovaToPhys(long iova);

    /** Asks for a full invalidation, then gives all tables back. The table must not be used any more. */
    void free();
}
