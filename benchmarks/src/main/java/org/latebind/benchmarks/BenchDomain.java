package org.latebind.benchmarks;

import org.latebind.driver.Errno;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.PagingDomain;
import org.latebind.pagetable.Behaviour;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.PageTableConfig;
import org.latebind.pagetable.PageTableFormat;
import org.latebind.pagetable.PageTables;
import org.latebind.pagetable.TlbInvalidation;

/** A domain that is a stage 1 table, 4 KiB granule, with invalidations that do nothing. */
final class BenchDomain implements PagingDomain, TlbInvalidation {

    private final PageTable table;
    private final DomainType type;
    private final int ias;

    BenchDomain(DomainType type, int ias, PhysicalMemory memory, PageAllocator allocator) {
        this.type = type;
        this.ias = ias;
        PageTableConfig config = new PageTableConfig(1L << 12 | 1L << 21 | 1L << 30, ias, 48, true, 0, Behaviour.V7_3);
        table = PageTables.allocate(PageTableFormat.ARM_64_LPAE_S1, config, memory, allocator, this);
    }

    @Override
    public long pageSizes() {
        return table.config().pageSizes();
    }

    @Override
    public long apertureStart() {
        return 0;
    }

    @Override
    public long apertureEnd() {
        return (1L << ias) - 1;
    }

    @Override
    public long map(long iova, long physicalAddress, long pageSize, long pageCount, int prot) {
        return table.mapPages(iova, physicalAddress, pageSize, pageCount, prot);
    }

    @Override
    public long unmap(long iova, long pageSize, long pageCount, Gather gather) {
        return table.unmapPages(iova, pageSize, pageCount, gather);
    }

    @Override
    public long iovaToPhys(long iova) {
        return table.iovaToPhys(iova);
    }

    @Override
    public void sync(Gather gather) {
    }

    @Override
    public void flushAll() {
    }

    @Override
    public void flushWalk(long iova, long sizeBytes, long granule) {
    }

    @Override
    public void addPage(Gather gather, long iova, long granule) {
        gather.add(iova, granule, granule);
    }

    @Override
    public DomainType type() {
        return type;
    }

    @Override
    public Errno attach(IommuClient client) {
        return null;
    }

    @Override
    public void detach(IommuClient client) {
    }

    @Override
    public void close() {
        table.free();
    }
}
