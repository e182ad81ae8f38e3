package org.example.toyiommu;

import org.latebind.driver.Errno;
import org.latebind.hardware.Mmio;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.pagetable.Gather;

/** The table as a domain: a page is mapped by writing its word, and is gone for the hardware after a flush. */
final class ToyDomain implements PagingDomain {

    private final DomainType type;
    private final Mmio registers;
    private final PhysicalMemory memory;
    private final long table;

    ToyDomain(DomainType type, Mmio registers, PhysicalMemory memory, long table) {
        this.type = type;
        this.registers = registers;
        this.memory = memory;
        this.table = table;
    }

    @Override
    public DomainType type() {
        return type;
    }

    @Override
    public Errno attach(IommuClient client) {
        registers.write32(Registers.STREAMS, registers.read32(Registers.STREAMS) | streams(client));
        return null;
    }

    @Override
    public void detach(IommuClient client) {
        registers.write32(Registers.STREAMS, registers.read32(Registers.STREAMS) & ~streams(client));
    }

    private static int streams(IommuClient client) {
        int bits = 0;
        for (int i = 0; i < client.idCount(); i++) {
            bits |= 1 << client.id(i);
        }
        return bits;
    }

    @Override
    public long map(long iova, long physicalAddress, long pageSize, long pageCount, int prot) {
        long bits = ((prot & Protection.READ) != 0 ? Registers.READ : 0) | ((prot & Protection.WRITE) != 0 ? Registers.WRITE : 0);
        if (bits == 0) {
            return -Errno.EINVAL.number();
        }
        long done = 0;
        while (done < pageCount * pageSize) {
            if (memory.read64(entry(iova + done)) != 0) {
                return done > 0 ? done : -Errno.EEXIST.number();
            }
            memory.write64(entry(iova + done), physicalAddress + done | bits);
            done += pageSize;
        }
        return done;
    }

    @Override
    public long unmap(long iova, long pageSize, long pageCount, Gather gather) {
        long done = 0;
        while (done < pageCount * pageSize && memory.read64(entry(iova + done)) != 0) {
            memory.write64(entry(iova + done), 0);
            gather.add(iova + done, pageSize, pageSize);
            done += pageSize;
        }
        return done;
    }

    @Override
    public long iovaToPhys(long iova) {
        long word = memory.read64(entry(iova));
        return word == 0 ? 0 : (word & -Registers.PAGE) + (iova & Registers.PAGE - 1);
    }

    private long entry(long iova) {
        return table + iova / Registers.PAGE * Long.BYTES;
    }

    @Override
    public long pageSizes() {
        return Registers.PAGE;
    }

    @Override
    public long apertureStart() {
        return 0;
    }

    @Override
    public long apertureEnd() {
        return Registers.APERTURE - 1;
    }

    @Override
    public void sync(Gather gather) {
        flushAll();
    }

    @Override
    public void flushAll() {
        registers.write32(Registers.FLUSH, 1);
    }

    @Override
    public void close() {
        memory.fill(table, Registers.TABLE_BYTES, 0);
        flushAll();
    }
}
