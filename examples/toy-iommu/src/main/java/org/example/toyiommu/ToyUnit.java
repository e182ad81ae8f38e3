package org.example.toyiommu;

import org.latebind.driver.Errno;
import org.latebind.hardware.Mmio;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.Translation;

/** What the unit does for its clients: it has one table, so all of them share a group and its domain. */
final class ToyUnit implements IommuOps {

    private final String path;
    private final Mmio registers;
    private final PhysicalMemory memory;
    private final long table;

    ToyUnit(String path, Mmio registers, PhysicalMemory memory, long table) {
        this.path = path;
        this.registers = registers;
        this.memory = memory;
        this.table = table;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public Translation translate(IommuClient client, int[] cells) {
        if (cells.length != 1 || cells[0] < 0 || cells[0] >= Registers.STREAM_COUNT) {
            return new Translation.Refused(Errno.EINVAL, "one cell from 0 to " + (Registers.STREAM_COUNT - 1) + " is wanted");
        }
        return new Translation.Ids(cells[0]);
    }

    @Override
    public Object groupKey(IommuClient client) {
        return this;
    }

    @Override
    public Domain allocate(DomainType type, IommuClient first) {
        return type.paging() ? new ToyDomain(type, registers, memory, table) : null;
    }

    @Override
    public Unattached unattached() {
        return Unattached.BYPASS;
    }
}
