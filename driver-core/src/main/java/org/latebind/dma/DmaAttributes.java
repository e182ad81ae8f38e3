package org.latebind.dma;

/** Attribute bits of DMA calls, by the kernel's names. */
public final class DmaAttributes {

    /** No attribute. */
    public static final int NONE = 0;
    /** The mapping is for the privileged side of the device only. */
    public static final int PRIVILEGED = 1;
    /** Do not synchronise with the CPU now. */
    public static final int SKIP_CPU_SYNC = 1 << 1;
    /** The physical address is a device register, not memory. */
    public static final int MMIO = 1 << 2;

    private DmaAttributes() {
    }
}
