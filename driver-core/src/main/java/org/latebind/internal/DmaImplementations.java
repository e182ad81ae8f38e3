package org.latebind.internal;

import org.latebind.dma.DmaApi;
import org.latebind.hardware.Machine;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.core.StreamClient;

/** The DMA APIs of this core. */
final class DmaImplementations implements DmaApis.Factory {

    @Override
    public DmaApi direct(Machine machine, TreeDevice device) {
        return new PlainDma(machine, null);
    }

    @Override
    public DmaApi translated(Machine machine, PagingDomain domain, StreamClient first) {
        return new PlainDma(machine, domain);
    }
}
