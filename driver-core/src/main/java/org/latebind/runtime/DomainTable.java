package org.latebind.runtime;

import java.util.List;
import java.util.Objects;
import org.latebind.pagetable.TableEntry;

/**
 * The page table of a group's domain at one moment.
 *
 * @param format  name of the format; not null
 * @param entries every entry that is not empty, depth first, leaves that go on joined; not null
 */
public record DomainTable(String format, List<TableEntry> entries) {

    /** Checks and copies the arguments. */
    public DomainTable {
        Objects.requireNonNull(format, "format");
        entries = List.copyOf(entries);
    }
}
