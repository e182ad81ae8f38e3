package org.latebind.internal;

import org.latebind.dma.CoherentBuffer;
import org.latebind.dma.DmaApi;
import org.latebind.dma.ScatterList;
import org.latebind.hardware.Machine;
import org.latebind.hardware.PageAllocator;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.pagetable.Gather;

/** The plainest DMA API: bus addresses are physical addresses, behind a paging domain mapped one to one, page by page. */
final class PlainDma implements DmaApi {

    private static final long PAGE = 4096;

    private final Machine machine;
    private final PagingDomain domain;
    private long mask = 0xffffffffL;

    /** Makes one; without a domain it is direct. */
    PlainDma(Machine machine, PagingDomain domain) {
        this.machine = machine;
        this.domain = domain;
    }

    @Override
    public boolean setMask(long wanted) {
        mask = wanted;
        return true;
    }

    @Override
    public long map(long physicalAddress, long sizeBytes, Direction direction, int attributes) {
        if (domain == null) {
            return physicalAddress;
        }
        int prot = direction == Direction.TO_DEVICE ? Protection.READ
                : direction == Direction.FROM_DEVICE ? Protection.WRITE : Protection.READ | Protection.WRITE;
        long last = (physicalAddress + sizeBytes - 1) & -PAGE;
        for (long page = physicalAddress & -PAGE; page <= last; page += PAGE) {
            if (domain.map(page, page, PAGE, 1, prot) != PAGE) {
                unmap(physicalAddress, page - (physicalAddress & -PAGE), direction, attributes);
                return MAPPING_ERROR;
            }
        }
        return physicalAddress;
    }

    @Override
    public void unmap(long dmaAddress, long sizeBytes, Direction direction, int attributes) {
        if (domain == null || sizeBytes <= 0) {
            return;
        }
        Gather gather = new Gather();
        long last = (dmaAddress + sizeBytes - 1) & -PAGE;
        for (long page = dmaAddress & -PAGE; page <= last; page += PAGE) {
            domain.unmap(page, PAGE, 1, gather);
        }
        domain.sync(gather);
    }

    @Override
    public int map(ScatterList list, Direction direction, int attributes) {
        for (int i = 0; i < list.size(); i++) {
            long address = map(list.physicalAddress(i), list.length(i), direction, attributes);
            if (address == MAPPING_ERROR) {
                list.setRanges(i);
                unmap(list, direction, attributes);
                list.setRanges(0);
                return 0;
            }
            list.setRange(i, address, list.length(i));
        }
        list.setRanges(list.size());
        return list.size();
    }

    @Override
    public void unmap(ScatterList list, Direction direction, int attributes) {
        for (int i = 0; i < list.ranges(); i++) {
            unmap(list.dmaAddress(i), list.dmaLength(i), direction, attributes);
        }
    }

    @Override
    public CoherentBuffer allocateCoherent(long sizeBytes, int attributes) {
        long size = (sizeBytes + PAGE - 1) & -PAGE;
        int bits = mask == -1L ? Long.SIZE : Long.SIZE - Long.numberOfLeadingZeros(mask);
        long physical = machine.pages().allocate(size, PAGE, bits);
        if (physical == PageAllocator.NONE) {
            return null;
        }
        long address = map(physical, size, Direction.BIDIRECTIONAL, attributes);
        if (address == MAPPING_ERROR) {
            machine.pages().free(physical, size);
            return null;
        }
        return new CoherentBuffer(physical, address, sizeBytes);
    }

    @Override
    public void freeCoherent(CoherentBuffer buffer) {
        long size = (buffer.sizeBytes() + PAGE - 1) & -PAGE;
        unmap(buffer.dmaAddress(), size, Direction.BIDIRECTIONAL, 0);
        machine.pages().free(buffer.physicalAddress(), size);
    }

    @Override
    public void syncForCpu(long dmaAddress, long sizeBytes, Direction direction) {
        // Memory is coherent and nothing is bounced.
    }

    @Override
    public void syncForDevice(long dmaAddress, long sizeBytes, Direction direction) {
        // Memory is coherent and nothing is bounced.
    }
}
