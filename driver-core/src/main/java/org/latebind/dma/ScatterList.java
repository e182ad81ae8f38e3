package org.latebind.dma;

/** A list of memory segments and, after mapping, of DMA ranges. Reusable; not thread safe. */
public final class ScatterList {

    private final long[] physical;
    private final long[] lengths;
    private final long[] dma;
    private final long[] dmaLengths;
    private int size;
    private int ranges;

    /** Makes an empty list for up to {@code capacity} segments. */
    public ScatterList(int capacity) {
        physical = new long[capacity];
        lengths = new long[capacity];
        dma = new long[capacity];
        dmaLengths = new long[capacity];
    }

    /** Appends a segment and returns this list. */
    public ScatterList add(long physicalAddress, long lengthBytes) {
        if (lengthBytes <= 0) {
            throw new IllegalArgumentException("segment of " + lengthBytes + " bytes");
        }
        physical[size] = physicalAddress;
        lengths[size++] = lengthBytes;
        return this;
    }

    /** Number of segments. */
    public int size() {
        return size;
    }

    /** Forgets segments and ranges. */
    public void clear() {
        size = 0;
        ranges = 0;
    }

    /** Physical address of segment {@code i}. */
    public long physicalAddress(int i) {
        return physical[i];
    }

    /** Length of segment {@code i} in bytes. */
    public long length(int i) {
        return lengths[i];
    }

    /** Number of DMA ranges after mapping. */
    public int ranges() {
        return ranges;
    }

    /** DMA address of range {@code i}. */
    public long dmaAddress(int i) {
        return dma[i];
    }

    /** Length of DMA range {@code i} in bytes. */
    public long dmaLength(int i) {
        return dmaLengths[i];
    }

    /** Sets DMA range {@code i}; for implementations of the DMA API. */
    public void setRange(int i, long dmaAddress, long lengthBytes) {
        dma[i] = dmaAddress;
        dmaLengths[i] = lengthBytes;
    }

    /** Sets the number of DMA ranges; for implementations of the DMA API. */
    public void setRanges(int count) {
        ranges = count;
    }
}
