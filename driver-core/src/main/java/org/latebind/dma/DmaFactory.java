package org.latebind.dma;

import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;

/** Makes the DMA API of a device: direct without a paging domain, translated behind one. Grants come from their driver. */
public final class DmaFactory {

    private final PhysicalMemory memory;
    private final PageAllocator pages;

    /** Makes a factory for one machine's memory; nothing null. */
    public DmaFactory(PhysicalMemory memory, PageAllocator pages) {
        this.memory = memory;
        this.pages = pages;
    }

    /** Bus addresses are physical addresses, with the bus's offsets; what the device does not reach is bounced. */
    public DmaApi direct(DmaFacts facts) {
        return new DirectDma(facts, memory, pages);
    }

    /** Addresses of a domain's space. All devices of the domain's group must share one {@link DmaSpace}. */
    public DmaApi translated(DmaSpace space, DmaFacts facts) {
        return new TranslatedDma(space, facts, pages);
    }
}
