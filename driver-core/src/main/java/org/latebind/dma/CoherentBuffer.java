package org.latebind.dma;

/**
 * Memory shared by CPU and device.
 *
 * @param physicalAddress CPU side, page aligned
 * @param dmaAddress      device side
 * @param sizeBytes       size asked for
 */
public record CoherentBuffer(long physicalAddress, long dmaAddress, long sizeBytes) {
}
