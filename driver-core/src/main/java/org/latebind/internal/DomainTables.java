package org.latebind.internal;

import java.util.Optional;
import org.latebind.hardware.Machine;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.core.DriverMisbehavedException;
import org.latebind.iommu.core.Group;
import org.latebind.iommu.core.IommuCore;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.SavedTables;

/** Copies of the page tables of domains that are in use. Owner thread. */
final class DomainTables {

    private final IommuCore iommus;
    private final DriverCalls calls;
    private final Machine machine;

    DomainTables(IommuCore iommus, DriverCalls calls, Machine machine) {
        this.iommus = iommus;
        this.calls = calls;
        this.machine = machine;
    }

    /** The table of a device (by path) or a group (by number); empty when there is none to be shown. */
    Optional<SavedTables> of(String deviceOrGroup) throws DriverMisbehavedException {
        for (Group group : iommus.groups()) {
            boolean meant = Integer.toString(group.number()).equals(deviceOrGroup)
                    || group.members().stream().anyMatch(member -> member.path().equals(deviceOrGroup));
            if (meant && group.current() instanceof PagingDomain domain) {
                PageTable table = calls.ask(group.unit().driver(), "page table of a domain", domain::pageTable);
                return Optional.ofNullable(table).map(live -> SavedTables.of(live, machine.memory()::read64));
            }
        }
        return Optional.empty();
    }
}
