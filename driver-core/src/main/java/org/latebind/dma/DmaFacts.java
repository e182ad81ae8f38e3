package org.latebind.dma;

import java.util.List;

/**
 * What is known about one device's way to memory.
 *
 * @param mask     addresses the device can put on the bus, all ones up to the highest bit; {@link DmaApi#setMask} changes it
 * @param busLimit last address its bus passes on, inclusive, unsigned; all ones without a limit
 * @param ranges   how bus addresses relate to physical ones ({@code dma-ranges}); empty: they are equal
 * @param coherent the device snoops the CPU's caches
 * @param pci      a PCI device: addresses below 4 GiB are tried first
 */
public record DmaFacts(long mask, long busLimit, List<Range> ranges, boolean coherent, boolean pci) {

    /** 32 bits, the mask of a device that says nothing. */
    public static final long MASK_32 = 0xffff_ffffL;

    /**
     * Bus addresses that lie at an offset from physical ones.
     *
     * @param dmaAddress first bus address
     * @param cpuAddress the physical address it reaches
     * @param sizeBytes  size, positive
     */
    public record Range(long dmaAddress, long cpuAddress, long sizeBytes) {
    }

    /** Copies the list. */
    public DmaFacts {
        ranges = List.copyOf(ranges);
    }

    /** A device with a 32-bit mask on a plain bus. */
    public static DmaFacts plain() {
        return new DmaFacts(MASK_32, -1L, List.of(), false, false);
    }
}
