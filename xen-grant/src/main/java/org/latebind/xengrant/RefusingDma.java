package org.latebind.xengrant;

import org.latebind.dma.CoherentBuffer;
import org.latebind.dma.DmaApi;
import org.latebind.dma.ScatterList;

/** The DMA API of a device that may not do DMA: every call is refused. */
final class RefusingDma implements DmaApi {

    @Override
    public boolean setMask(long mask) {
        return false;
    }

    @Override
    public long map(long physicalAddress, long sizeBytes, Direction direction, int attributes) {
        return MAPPING_ERROR;
    }

    @Override
    public void unmap(long dmaAddress, long sizeBytes, Direction direction, int attributes) {
        // Nothing was ever mapped.
    }

    @Override
    public int map(ScatterList list, Direction direction, int attributes) {
        return 0;
    }

    @Override
    public void unmap(ScatterList list, Direction direction, int attributes) {
        // Nothing was ever mapped.
    }

    @Override
    public CoherentBuffer allocateCoherent(long sizeBytes, int attributes) {
        return null;
    }

    @Override
    public void freeCoherent(CoherentBuffer buffer) {
        // Nothing was ever allocated.
    }

    @Override
    public void syncForCpu(long dmaAddress, long sizeBytes, Direction direction) {
        // Nothing was ever mapped.
    }

    @Override
    public void syncForDevice(long dmaAddress, long sizeBytes, Direction direction) {
        // Nothing was ever mapped.
    }
}
