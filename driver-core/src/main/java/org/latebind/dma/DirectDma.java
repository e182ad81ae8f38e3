package org.latebind.dma;

import java.util.Objects;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;

/**
 * The DMA API without translation: bus addresses are physical addresses, moved by the bus's offsets. Memory the
 * device does not reach is copied through a piece it does reach (Linux: {@code dma-direct} with swiotlb). Thread safe.
 */
final class DirectDma implements DmaApi {

    private static final long PAGE = 4096;

    private final DmaFacts facts;
    private final PhysicalMemory memory;
    private final PageAllocator pages;
    /** Bus address of a bounced mapping to the address of its memory and its size. */
    private final AddressMap bounced = new AddressMap();
    private final byte[] copyBuffer = new byte[(int) PAGE];
    private long limit;

    DirectDma(DmaFacts facts, PhysicalMemory memory, PageAllocator pages) {
        this.facts = Objects.requireNonNull(facts, "facts");
        this.memory = Objects.requireNonNull(memory, "memory");
        this.pages = Objects.requireNonNull(pages, "pages");
        limit = lower(facts.mask(), facts.busLimit());
    }

    private static long lower(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }

    @Override
    public synchronized boolean setMask(long mask) {
        long before = limit;
        limit = lower(mask, facts.busLimit());
        long page = reachable(PAGE);
        if (page == PageAllocator.NONE) {
            limit = before;
            return false;
        }
        pages.free(page, PAGE);
        return true;
    }

    /** Bus address of physical memory, or the error when no range covers it or the device does not reach it. */
    private long busAddress(long physical, long sizeBytes) {
        long dma = facts.ranges().isEmpty() ? physical : MAPPING_ERROR;
        for (int i = 0; i < facts.ranges().size(); i++) {
            DmaFacts.Range range = facts.ranges().get(i);
            long offset = physical - range.cpuAddress();
            if (offset >= 0 && offset < range.sizeBytes() && sizeBytes <= range.sizeBytes() - offset) {
                dma = range.dmaAddress() + offset;
                break;
            }
        }
        long last = dma + (sizeBytes - 1);
        boolean reached = Long.compareUnsigned(last, dma) >= 0 && Long.compareUnsigned(last, limit) <= 0;
        return dma != MAPPING_ERROR && reached ? dma : MAPPING_ERROR;
    }

    /** Physical memory the device reaches, or {@link PageAllocator#NONE}. */
    private long reachable(long sizeBytes) {
        if (facts.ranges().isEmpty()) {
            return reachable(sizeBytes, limit);
        }
        for (int i = 0; i < facts.ranges().size(); i++) {
            DmaFacts.Range range = facts.ranges().get(i);
            if (Long.compareUnsigned(range.dmaAddress(), limit) <= 0) {
                long span = lower(range.sizeBytes() - 1, limit - range.dmaAddress());
                long address = reachable(sizeBytes, range.cpuAddress() + span);
                if (address != PageAllocator.NONE) {
                    return address;
                }
            }
        }
        return PageAllocator.NONE;
    }

    /**
     * Memory at or below {@code last}. Allocators take whole address bits: what lies between the limit and the next
     * power of two is asked for first and given back if it does not fit, then only what surely fits.
     */
    private long reachable(long sizeBytes, long last) {
        int bits = bits(last);
        if (bits < 64 && (last & last + 1) != 0) {
            long address = pages.allocate(sizeBytes, PAGE, bits + 1);
            if (address != PageAllocator.NONE && busAddress(address, sizeBytes) != MAPPING_ERROR) {
                return address;
            }
            if (address != PageAllocator.NONE) {
                pages.free(address, sizeBytes);
            }
        }
        long address = pages.allocate(sizeBytes, PAGE, bits);
        if (address != PageAllocator.NONE && busAddress(address, sizeBytes) == MAPPING_ERROR) {
            pages.free(address, sizeBytes);
            return PageAllocator.NONE;
        }
        return address;
    }

    /** Address bits such that everything below stays at or below {@code last}. */
    private static int bits(long last) {
        return last == -1L ? 64 : Math.max(1, 63 - Long.numberOfLeadingZeros(last + 1));
    }

    @Override
    public synchronized long map(long physicalAddress, long sizeBytes, Direction direction, int attributes) {
        if (sizeBytes <= 0 || Long.compareUnsigned(physicalAddress + (sizeBytes - 1), physicalAddress) < 0) {
            return MAPPING_ERROR;
        }
        long dma = busAddress(physicalAddress, sizeBytes);
        if (dma != MAPPING_ERROR || (attributes & DmaAttributes.MMIO) != 0) {
            return dma;
        }
        long offset = physicalAddress & PAGE - 1;
        long bounce = reachable(offset + sizeBytes);
        if (bounce == PageAllocator.NONE) {
            return MAPPING_ERROR;
        }
        dma = busAddress(bounce + offset, sizeBytes);
        bounced.put(dma, physicalAddress, bounce);
        if (direction != Direction.FROM_DEVICE && (attributes & DmaAttributes.SKIP_CPU_SYNC) == 0) {
            copy(physicalAddress, bounce + offset, sizeBytes);
        }
        return dma;
    }

    private void copy(long from, long to, long sizeBytes) {
        for (long done = 0; done < sizeBytes; done += PAGE) {
            int part = (int) Math.min(PAGE, sizeBytes - done);
            memory.read(from + done, copyBuffer, 0, part);
            memory.write(to + done, copyBuffer, 0, part);
        }
    }

    @Override
    public synchronized void unmap(long dmaAddress, long sizeBytes, Direction direction, int attributes) {
        int slot = bounced.find(dmaAddress);
        if (slot < 0) {
            return;
        }
        long physical = bounced.first(slot);
        long bounce = bounced.second(slot);
        long offset = physical & PAGE - 1;
        bounced.remove(slot);
        if (direction != Direction.TO_DEVICE && (attributes & DmaAttributes.SKIP_CPU_SYNC) == 0) {
            copy(bounce + offset, physical, sizeBytes);
        }
        pages.free(bounce, offset + sizeBytes);
    }

    @Override
    public int map(ScatterList list, Direction direction, int attributes) {
        for (int i = 0; i < list.size(); i++) {
            long dma = map(list.physicalAddress(i), list.length(i), direction, attributes);
            if (dma == MAPPING_ERROR) {
                list.setRanges(i);
                unmap(list, direction, attributes | DmaAttributes.SKIP_CPU_SYNC);
                return 0;
            }
            list.setRange(i, dma, list.length(i));
        }
        list.setRanges(list.size());
        return list.size();
    }

    @Override
    public void unmap(ScatterList list, Direction direction, int attributes) {
        for (int i = list.ranges() - 1; i >= 0; i--) {
            unmap(list.dmaAddress(i), list.dmaLength(i), direction, attributes);
        }
        list.setRanges(0);
    }

    @Override
    public synchronized CoherentBuffer allocateCoherent(long sizeBytes, int attributes) {
        long size = rounded(sizeBytes);
        long physical = size <= 0 ? PageAllocator.NONE : reachable(size);
        return physical == PageAllocator.NONE ? null : new CoherentBuffer(physical, busAddress(physical, size), sizeBytes);
    }

    private static long rounded(long sizeBytes) {
        return sizeBytes <= 0 ? 0 : sizeBytes + PAGE - 1 & -PAGE;
    }

    @Override
    public void freeCoherent(CoherentBuffer buffer) {
        pages.free(buffer.physicalAddress(), rounded(buffer.sizeBytes()));
    }

    @Override
    public synchronized void syncForCpu(long dmaAddress, long sizeBytes, Direction direction) {
        int slot = bounced.find(dmaAddress);
        if (slot >= 0 && direction != Direction.TO_DEVICE) {
            long physical = bounced.first(slot);
            copy(bounced.second(slot) + (physical & PAGE - 1), physical, sizeBytes);
        }
    }

    @Override
    public synchronized void syncForDevice(long dmaAddress, long sizeBytes, Direction direction) {
        int slot = bounced.find(dmaAddress);
        if (slot >= 0 && direction != Direction.FROM_DEVICE) {
            long physical = bounced.first(slot);
            copy(physical, bounced.second(slot) + (physical & PAGE - 1), sizeBytes);
        }
    }
}
