package org.latebind.devicetree;

/**
 * One entry of {@code reg}.
 *
 * @param busAddress address on the bus of the parent (its low 64 bits when it has more than two cells), unsigned
 * @param sizeBytes size, 0 when the bus has no sizes, unsigned
 * @param translated whether the address reaches the CPU through the {@code ranges} of all buses above
 * @param cpuAddress CPU physical address, 0 when not translated, unsigned
 */
public record RegEntry(long busAddress, long sizeBytes, boolean translated, long cpuAddress) {
}
