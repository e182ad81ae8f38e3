package org.latebind.dma;

import java.util.ArrayList;
import java.util.List;
import org.latebind.driver.Errno;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.PagingDomain;
import org.latebind.pagetable.Behaviour;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.PageTableConfig;
import org.latebind.pagetable.PageTableFormat;
import org.latebind.pagetable.PageTables;
import org.latebind.pagetable.TestMemory;
import org.latebind.pagetable.TlbInvalidation;

/** A domain that is a page table and a note of what was invalidated. */
public final class TableDomain implements PagingDomain, TlbInvalidation {

    public final TestMemory memory = new TestMemory();
    final TestMemory.Allocator allocator = new TestMemory.Allocator(0x1_0000_0000L);
    final PageTable table;
    public final List<String> calls = new ArrayList<>();
    private final DomainType type;
    private final int ias;

    public TableDomain(DomainType type, int ias) {
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
        calls.add(String.format("map %x>%x %x*%d p%d", iova, physicalAddress, pageSize, pageCount, prot));
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
        calls.add(String.format("sync %x-%x", gather.start(), gather.end()));
    }

    @Override
    public void flushAll() {
        calls.add("flush");
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
