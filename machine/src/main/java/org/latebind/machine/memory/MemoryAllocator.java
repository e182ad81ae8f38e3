package org.latebind.machine.memory;

import java.util.List;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;

/**
 * Buddy allocator over ranges of physical memory: blocks are powers of two from 64 bytes up, aligned to their size,
 * and merge with their buddy when freed. A fresh allocator hands out addresses upwards. Thread safe; no Java memory
 * is allocated in steady state. Cost: logarithmic in the size of the largest range, plus a search among free blocks
 * when the address limit excludes some of them.
 */
public final class MemoryAllocator implements PageAllocator {

    private static final int MIN_SHIFT = 6;
    private static final int MAX_SHIFT = 62;

    private final PhysicalMemory memory;
    private final FreeBlocks[] free = new FreeBlocks[MAX_SHIFT + 1];
    private final AddressMap live = new AddressMap();
    private final HeldPages held = new HeldPages();
    private long allocatedBytes;

    /**
     * Makes an allocator over all of a memory.
     *
     * @param memory all its ranges are handed out, except address 0; not null
     */
    public MemoryAllocator(SparseMemory memory) {
        this(memory, memory.ranges());
    }

    /**
     * Makes an allocator over parts of a memory, for boards whose tree reserves some of it.
     *
     * @param memory where allocations are zeroed; not null
     * @param ranges what may be handed out; must not overlap
     */
    public MemoryAllocator(PhysicalMemory memory, List<MemoryRange> ranges) {
        this.memory = memory;
        for (int shift = MIN_SHIFT; shift <= MAX_SHIFT; shift++) {
            free[shift] = new FreeBlocks();
        }
        for (int i = ranges.size() - 1; i >= 0; i--) {
            donate(ranges.get(i));
        }
    }

    /** Splits a range into the largest aligned blocks, from the top down so that the lowest lies on top of its stack. */
    private void donate(MemoryRange range) {
        long start = range.start() == 0 ? 1L << MIN_SHIFT : range.start();
        long left = range.sizeBytes() - (start - range.start());
        while (left > 0) {
            long end = start + left;
            int shift = Math.min(63 - Long.numberOfLeadingZeros(left), end == 0 ? MAX_SHIFT : Long.numberOfTrailingZeros(end));
            shift = Math.min(shift, MAX_SHIFT);
            free[shift].push(end - (1L << shift));
            left -= 1L << shift;
        }
    }

    @Override
    public synchronized long allocate(long sizeBytes, long alignmentBytes, int addressBits) {
        if (sizeBytes <= 0 || alignmentBytes < 8 || Long.bitCount(alignmentBytes) != 1 || addressBits < 1 || addressBits > 64) {
            throw new IllegalArgumentException("allocation of " + sizeBytes + " bytes, alignment " + alignmentBytes + ", "
                    + addressBits + " address bits");
        }
        int shift = Math.max(shiftOf(sizeBytes), Math.max(MIN_SHIFT, Long.numberOfTrailingZeros(alignmentBytes)));
        long last = addressBits == 64 ? -1L : (1L << addressBits) - 1;
        long rounded = rounded(sizeBytes);
        for (int s = shift; s <= MAX_SHIFT; s++) {
            long address = free[s].take(rounded, last);
            if (address != NONE) {
                split(address, s, shift);
                live.put(address, (long) shift << 56 | rounded >>> MIN_SHIFT);
                allocatedBytes += rounded;
                memory.fill(address, rounded, 0);
                return address;
            }
        }
        return NONE;
    }

    @Override
    public synchronized void free(long address, long sizeBytes) {
        long block = address == 0 ? AddressMap.ABSENT : live.get(address);
        long rounded = rounded(sizeBytes);
        if (block == AddressMap.ABSENT || (block & -1L >>> 8) != rounded >>> MIN_SHIFT) {
            throw new IllegalArgumentException("free of 0x" + Long.toHexString(sizeBytes) + " bytes at 0x"
                    + Long.toHexString(address) + ", which no allocation returned");
        }
        if (held.held(address, rounded)) {
            if (!held.defer(address, sizeBytes)) {
                throw new IllegalArgumentException("second free of 0x" + Long.toHexString(address) + ", which is held");
            }
            return;
        }
        live.remove(address);
        allocatedBytes -= rounded;
        long start = address;
        int shift = (int) (block >>> 56);
        while (shift < MAX_SHIFT && free[shift].remove(start ^ 1L << shift)) {
            start &= ~(1L << shift);
            shift++;
        }
        free[shift].push(start);
    }

    @Override
    public synchronized boolean hold(long address, long sizeBytes) {
        held.hold(address, sizeBytes);
        return true;
    }

    @Override
    public synchronized void release(long address, long sizeBytes) {
        for (long[] ready : held.release(address, sizeBytes)) {
            free(ready[0], ready[1]);
        }
    }

    @Override
    public synchronized long allocatedBytes() {
        return allocatedBytes;
    }

    /** Gives the upper halves of a block back until it has the wanted size. */
    private void split(long address, int from, int to) {
        for (int s = from - 1; s >= to; s--) {
            free[s].push(address + (1L << s));
        }
    }

    private static int shiftOf(long sizeBytes) {
        return 64 - Long.numberOfLeadingZeros(sizeBytes - 1);
    }

    private static long rounded(long sizeBytes) {
        return sizeBytes + 63 & -64L;
    }
}
