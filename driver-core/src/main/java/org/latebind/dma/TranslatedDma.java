package org.latebind.dma;

import java.util.Objects;
import org.latebind.flight.Flight;
import org.latebind.hardware.PageAllocator;
import org.latebind.iommu.IommuMapping;
import org.latebind.iommu.Protection;
import org.latebind.pagetable.Gather;

/** The DMA API of one device behind a paging domain (Linux: {@code dma-iommu.c}). Thread safe. */
final class TranslatedDma implements DmaApi {

    private final DmaSpace space;
    private final DmaFacts facts;
    private final PageAllocator pages;
    private final long granule;
    private volatile long limit;

    TranslatedDma(DmaSpace space, DmaFacts facts, PageAllocator pages) {
        this.space = Objects.requireNonNull(space, "space");
        this.facts = Objects.requireNonNull(facts, "facts");
        this.pages = Objects.requireNonNull(pages, "pages");
        granule = space.granule();
        limit = limit(facts.mask());
    }

    private long limit(long mask) {
        long reach = Long.compareUnsigned(mask, facts.busLimit()) < 0 ? mask : facts.busLimit();
        long end = space.domain().apertureEnd();
        return Long.compareUnsigned(reach, end) < 0 ? reach : end;
    }

    @Override
    public boolean setMask(long mask) {
        long wanted = limit(mask);
        long lowest = Math.max(granule, space.domain().apertureStart()) + granule - 1;
        if (Long.compareUnsigned(wanted, lowest) < 0) {
            return false;
        }
        limit = wanted;
        return true;
    }

    private int protection(Direction direction, int attributes) {
        int prot = switch (direction) {
            case BIDIRECTIONAL -> Protection.READ | Protection.WRITE;
            case TO_DEVICE -> Protection.READ;
            case FROM_DEVICE -> Protection.WRITE;
        };
        if ((attributes & DmaAttributes.PRIVILEGED) != 0) {
            prot |= Protection.PRIV;
        }
        if ((attributes & DmaAttributes.MMIO) != 0) {
            return prot | Protection.MMIO;
        }
        return facts.coherent() ? prot | Protection.CACHE : prot;
    }

    private long rounded(long bytes) {
        return bytes + granule - 1 & -granule;
    }

    @Override
    public long map(long physicalAddress, long sizeBytes, Direction direction, int attributes) {
        Flight.Span span = Flight.map(sizeBytes);
        long iova = mapRange(physicalAddress, sizeBytes, direction, attributes);
        span.end(iova, physicalAddress, "");
        return iova;
    }

    private long mapRange(long physicalAddress, long sizeBytes, Direction direction, int attributes) {
        if (sizeBytes <= 0 || Long.compareUnsigned(physicalAddress + (sizeBytes - 1), physicalAddress) < 0) {
            return MAPPING_ERROR;
        }
        long offset = physicalAddress & granule - 1;
        long bytes = rounded(offset + sizeBytes);
        if (bytes <= 0) {
            return MAPPING_ERROR;
        }
        long iova = space.allocate(bytes, limit, facts.pci());
        if (iova == IovaAllocator.NONE) {
            return MAPPING_ERROR;
        }
        if (IommuMapping.map(space.domain(), iova, physicalAddress - offset, bytes, protection(direction, attributes)) != 0) {
            space.giveBack(iova, bytes);
            return MAPPING_ERROR;
        }
        return iova + offset;
    }

    @Override
    public void unmap(long dmaAddress, long sizeBytes, Direction direction, int attributes) {
        if (sizeBytes > 0 && dmaAddress != MAPPING_ERROR) {
            long offset = dmaAddress & granule - 1;
            space.release(dmaAddress - offset, rounded(offset + sizeBytes));
        }
    }

    @Override
    public int map(ScatterList list, Direction direction, int attributes) {
        list.setRanges(0);
        long total = 0;
        for (int i = 0; i < list.size(); i++) {
            long padded = rounded((list.physicalAddress(i) & granule - 1) + list.length(i));
            total += padded;
            if (padded <= 0 || total <= 0) {
                return 0;
            }
        }
        long iova = total == 0 ? IovaAllocator.NONE : space.allocate(total, limit, facts.pci());
        if (iova == IovaAllocator.NONE) {
            return 0;
        }
        Flight.Span span = Flight.map(total);
        long mapped = mapSegments(list, iova, protection(direction, attributes));
        span.end(iova, list.physicalAddress(0), "");
        if (mapped < total) {
            if (mapped == 0) {
                space.giveBack(iova, total);
            } else {
                undo(iova, mapped, total);
            }
            return 0;
        }
        return concatenate(list, iova);
    }

    /** Takes back the mapped beginning of a list; the addresses go back as one range. */
    private void undo(long iova, long mapped, long total) {
        Gather gather = new Gather();
        IommuMapping.unmap(space.domain(), iova, mapped, gather);
        space.domain().sync(gather);
        space.giveBack(iova, total);
    }

    /** Maps the segments one behind the other, neighbours in memory together; returns the bytes mapped. */
    private long mapSegments(ScatterList list, long iova, int prot) {
        long done = 0;
        int i = 0;
        while (i < list.size()) {
            long start = list.physicalAddress(i) & -granule;
            long end = rounded(list.physicalAddress(i) + list.length(i));
            int next = i + 1;
            while (next < list.size() && list.physicalAddress(next) == end) {
                end = rounded(list.physicalAddress(next) + list.length(next));
                next++;
            }
            if (IommuMapping.map(space.domain(), iova + done, start, end - start, prot) != 0) {
                return done;
            }
            done += end - start;
            i = next;
        }
        return done;
    }

    /** Joins segments whose bytes follow each other without a gap, and fills in the DMA side. */
    private int concatenate(ScatterList list, long iova) {
        int ranges = 0;
        long at = iova;
        long end = -1;
        for (int i = 0; i < list.size(); i++) {
            long offset = list.physicalAddress(i) & granule - 1;
            long start = at + offset;
            if (ranges > 0 && start == end) {
                list.setRange(ranges - 1, list.dmaAddress(ranges - 1), list.dmaLength(ranges - 1) + list.length(i));
            } else {
                list.setRange(ranges++, start, list.length(i));
            }
            end = start + list.length(i);
            at += rounded(offset + list.length(i));
        }
        list.setRanges(ranges);
        return ranges;
    }

    @Override
    public void unmap(ScatterList list, Direction direction, int attributes) {
        if (list.ranges() > 0) {
            int last = list.ranges() - 1;
            long start = list.dmaAddress(0) & -granule;
            space.release(start, rounded(list.dmaAddress(last) + list.dmaLength(last)) - start);
            list.setRanges(0);
        }
    }

    @Override
    public CoherentBuffer allocateCoherent(long sizeBytes, int attributes) {
        long size = sizeBytes <= 0 ? 0 : rounded(sizeBytes);
        long physical = size <= 0 ? PageAllocator.NONE : pages.allocate(size, granule, Long.SIZE);
        if (physical == PageAllocator.NONE) {
            return null;
        }
        long dma = map(physical, size, Direction.BIDIRECTIONAL, attributes);
        if (dma == MAPPING_ERROR) {
            pages.free(physical, size);
            return null;
        }
        return new CoherentBuffer(physical, dma, sizeBytes);
    }

    @Override
    public void freeCoherent(CoherentBuffer buffer) {
        long size = rounded(buffer.sizeBytes());
        space.release(buffer.dmaAddress(), size);
        pages.free(buffer.physicalAddress(), size);
    }

    @Override
    public void syncForCpu(long dmaAddress, long sizeBytes, Direction direction) {
        // Nothing is bounced; memory here is coherent.
    }

    @Override
    public void syncForDevice(long dmaAddress, long sizeBytes, Direction direction) {
        // Nothing is bounced; memory here is coherent.
    }
}
