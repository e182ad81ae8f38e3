package org.latebind.devicetree;

/**
 * One entry of the memory reservation block.
 *
 * @param address CPU physical address, unsigned
 * @param sizeBytes size, unsigned
 */
public record MemoryReservation(long address, long sizeBytes) {
}
