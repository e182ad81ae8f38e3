package org.latebind.internal;

import org.latebind.hardware.PhysicalMemory;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.core.DriverMisbehavedException;
import org.latebind.iommu.core.Group;
import org.latebind.iommu.core.IommuCore;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.TableDump;
import org.latebind.runtime.DomainTable;

/** Reads the page table behind a group; on the owner thread, so that no domain goes away meanwhile. */
final class TableViews {

    private TableViews() {
    }

    /** The table, or null when the group does not exist or has none that can be shown. */
    static DomainTable of(IommuCore iommus, DriverCalls calls, PhysicalMemory memory, int number) {
        for (Group group : iommus.groups()) {
            if (group.number() == number && group.current() instanceof PagingDomain domain) {
                try {
                    PageTable table = calls.ask(group.unit().driver(), "page table of a domain", domain::pageTable);
                    return table == null ? null
                            : new DomainTable(table.format().name(), TableDump.of(table, memory::read64));
                } catch (DriverMisbehavedException e) {
                    return null;
                }
            }
        }
        return null;
    }
}
