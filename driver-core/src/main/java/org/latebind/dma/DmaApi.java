package org.latebind.dma;

import org.osgi.annotation.versioning.ProviderType;

/**
 * DMA addresses for one device. The same calls work for a device without an IOMMU (direct), behind one (translated)
 * and in a Xen guest (grants).
 */
@ProviderType
public interface DmaApi {

    /** What a map call returns when it fails: all ones. */
    long MAPPING_ERROR = -1L;

    /** Which way the data goes. */
    enum Direction {
        /** Both ways. */ BIDIRECTIONAL,
        /** Memory to device: the device reads. */ TO_DEVICE,
        /** Device to memory: the device writes. */ FROM_DEVICE
    }

    /**
     * States which addresses the device can put on the bus.
     *
     * @param mask all ones up to the highest address bit
     * @return true when the implementation can serve the mask
     */
    boolean setMask(long mask);

    /**
     * Maps a piece of memory for the device.
     *
     * @param physicalAddress first byte, any alignment
     * @param sizeBytes       positive
     * @param direction       not null
     * @param attributes      bits of {@link DmaAttributes}
     * @return DMA address, or {@link #MAPPING_ERROR}
     */
    long map(long physicalAddress, long sizeBytes, Direction direction, int attributes);

    /** Undoes one {@link #map} with the same size, direction and attributes. */
    void unmap(long dmaAddress, long sizeBytes, Direction direction, int attributes);

    /**
     * Maps a scatter list as few DMA ranges as possible.
     *
     * @param list the segments; the DMA side is filled in
     * @return number of DMA ranges, 0 when it failed (nothing is mapped then)
     */
    int map(ScatterList list, Direction direction, int attributes);

    /** Undoes one scatter-gather map. */
    void unmap(ScatterList list, Direction direction, int attributes);

    /**
     * Allocates zeroed memory that CPU and device share.
     *
     * @param sizeBytes positive
     * @return the buffer, or null when there is no memory or no address
     */
    CoherentBuffer allocateCoherent(long sizeBytes, int attributes);

    /** Gives back one coherent buffer. */
    void freeCoherent(CoherentBuffer buffer);

    /** Makes the device's writes visible to the CPU (copies back from a bounce buffer). */
    void syncForCpu(long dmaAddress, long sizeBytes, Direction direction);

    /** Makes the CPU's writes visible to the device (copies into a bounce buffer). */
    void syncForDevice(long dmaAddress, long sizeBytes, Direction direction);
}
