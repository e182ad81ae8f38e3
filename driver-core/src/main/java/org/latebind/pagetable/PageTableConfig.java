package org.latebind.pagetable;

import java.util.Objects;

/**
 * What a table is allocated from (Linux: {@code io_pgtable_cfg}). The allocator narrows it to what the format can do;
 * read {@link PageTable#config()} back.
 *
 * @param pageSizes    set of page sizes in bytes, one bit each
 * @param ias          input address bits
 * @param oas          output address bits
 * @param coherentWalk the walker snoops the CPU's caches
 * @param quirks       bits of {@link Quirks}
 * @param behaviour    generation of the library to behave like; not null
 */
public record PageTableConfig(long pageSizes, int ias, int oas, boolean coherentWalk, int quirks, Behaviour behaviour) {

    /** Checks the arguments. */
    public PageTableConfig {
        Objects.requireNonNull(behaviour, "behaviour");
    }

    /** Tells whether a quirk bit is set. */
    public boolean has(int quirk) {
        return (quirks & quirk) != 0;
    }

    PageTableConfig narrowed(long newPageSizes, int newIas, int newOas) {
        return new PageTableConfig(newPageSizes, newIas, newOas, coherentWalk, quirks, behaviour);
    }
}
