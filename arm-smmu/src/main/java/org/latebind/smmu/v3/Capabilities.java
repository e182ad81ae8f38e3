package org.latebind.smmu.v3;

import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.iommu.IommuClient;

/**
 * What the identification registers say, decided once (Arm IHI 0070, sections 6.3.1 to 6.3.6).
 *
 * @param stage1        stage 1 translation
 * @param stage2        stage 2 translation
 * @param twoLevel      two-level stream table
 * @param hyp           EL2 regime
 * @param ats           address translation service
 * @param msi           message-signalled interrupts
 * @param ranges        range invalidation
 * @param stallModel    0 stall and terminate, 1 terminate only, 2 stall forced
 * @param attributeOverride IDR1.ATTR_TYPES_OVR: SHCFG of a bypass entry counts
 * @param asidBits      8 or 16
 * @param vmidBits      8 or 16
 * @param streamBits    SIDSIZE
 * @param commandBits   log2 of the largest command queue
 * @param eventBits     log2 of the largest event queue
 * @param outputBits    output address size
 * @param pageSizes     page and block sizes, one bit each
 * @param errata        what does not work in this implementation
 */
record Capabilities(boolean stage1, boolean stage2, boolean twoLevel, boolean hyp, boolean ats, boolean msi, boolean ranges,
        int stallModel, boolean attributeOverride, int asidBits, int vmidBits, int streamBits, int commandBits, int eventBits,
        int outputBits, long pageSizes, Errata errata) {

    private static final int STALL_OR_TERMINATE = 0;
    private static final int STALL_FORCED = 2;
    private static final int[] OUTPUT_BITS = {32, 36, 40, 42, 44, 48, 52};
    private static final int UNKNOWN_OUTPUT_BITS = 48;
    private static final long SIZES_4K = 1L << 12 | 1L << 21 | 1L << 30;
    private static final long SIZES_16K = 1L << 14 | 1L << 25;
    private static final long SIZES_64K = 1L << 16 | 1L << 29;
    private static final long SIZE_4T = 1L << 42;
    private static final int PRESET_OR_RELATIVE = 7 << 28;

    /** Refuses hardware this driver cannot drive; null when all is well. */
    static Failed refusal(int idr0, int idr1) {
        int endian = idr0 >>> 21 & 3;
        int tables = idr0 >>> 2 & 3;
        if (endian != 0 && endian != 2) {
            return new Failed(Errno.ENXIO, "IDR0.TTENDIAN " + endian + ": translation tables cannot be little-endian");
        }
        if ((idr0 & 3) == 0) {
            return new Failed(Errno.ENXIO, "IDR0 offers no translation stage");
        }
        if (tables != 2 && tables != 3) {
            return new Failed(Errno.ENXIO, "IDR0.TTF " + tables + ": no AArch64 translation tables");
        }
        if ((idr1 & PRESET_OR_RELATIVE) != 0) {
            return new Failed(Errno.ENXIO, "IDR1 fixes tables or queues in hardware (TABLES_PRESET, QUEUES_PRESET, REL)");
        }
        return null;
    }

    static Capabilities of(int idr0, int idr1, int idr3, int idr5, Errata errata) {
        int oas = (idr5 & 7) < OUTPUT_BITS.length ? OUTPUT_BITS[idr5 & 7] : UNKNOWN_OUTPUT_BITS;
        long sizes = (bit(idr5, 4) ? SIZES_4K : 0) | (bit(idr5, 5) ? SIZES_16K : 0) | (bit(idr5, 6) ? SIZES_64K : 0)
                | (oas == 52 ? SIZE_4T : 0);
        return new Capabilities(bit(idr0, 1), bit(idr0, 0), (idr0 >>> 27 & 3) == 1, bit(idr0, 9), bit(idr0, 10),
                bit(idr0, 13), bit(idr3, 10), idr0 >>> 24 & 3, bit(idr1, 27), bit(idr0, 12) ? 16 : 8, bit(idr0, 18) ? 16 : 8,
                idr1 & 0x3f, idr1 >>> 21 & 0x1f, idr1 >>> 16 & 0x1f, oas, sizes, errata);
    }

    /** Both stages at once. */
    boolean nesting() {
        return stage1 && stage2 && !errata.noNesting();
    }

    /** Whether transactions of a client wait on a fault: it says that it can, or the hardware knows nothing else. */
    boolean stalls(IommuClient client) {
        return stallModel == STALL_FORCED || stallModel == STALL_OR_TERMINATE && client.properties().has("dma-can-stall");
    }

    private static boolean bit(int value, int bit) {
        return (value >>> bit & 1) != 0;
    }
}
