package org.latebind.machine.smmu3;

import org.latebind.machine.ModelFactory;

/**
 * Identification registers of one SMMUv3 and what follows from them (Arm IHI 0070, section 6.3).
 *
 * @param idr0 SMMU_IDR0
 * @param idr1 SMMU_IDR1
 * @param idr3 SMMU_IDR3
 * @param idr5 SMMU_IDR5
 * @param iidr SMMU_IIDR
 * @param aidr SMMU_AIDR
 */
record Features(int idr0, int idr1, int idr3, int idr5, int iidr, int aidr) {

    private static final int[] OUTPUT_BITS = {32, 36, 40, 42, 44, 48, 52, 52};

    /** S1P, S2P, AArch64 tables, 16-bit ASID and VMID, little endian, terminate only, CD.A required, two-level tables. */
    private static final int DEFAULT_IDR0 = 0x0d44100b;
    private static final int COHACC = 1 << 4;
    /** 16-bit stream ids, no substreams, queues up to 2^19 entries. */
    private static final int DEFAULT_IDR1 = 0x02730010;
    /** Hierarchical attribute disable, range invalidation, BBML 2. */
    private static final int DEFAULT_IDR3 = 0x1404;
    /** 48-bit output, all three granules. */
    private static final int DEFAULT_IDR5 = 0x75;

    /** Reads the options {@code smmu3.idr0} ... {@code smmu3.aidr}; coherency follows the node unless IDR0 is given. */
    static Features of(ModelFactory.Surroundings s) {
        int idr0 = DEFAULT_IDR0 | (s.node().has("dma-coherent") ? COHACC : 0);
        return new Features(number(s, "smmu3.idr0", idr0), number(s, "smmu3.idr1", DEFAULT_IDR1),
                number(s, "smmu3.idr3", DEFAULT_IDR3), number(s, "smmu3.idr5", DEFAULT_IDR5),
                number(s, "smmu3.iidr", 0), number(s, "smmu3.aidr", 1));
    }

    private static int number(ModelFactory.Surroundings s, String name, int fallback) {
        String text = s.option(name, null);
        return text == null ? fallback : (int) (long) Long.decode(text);
    }

    boolean stage2() {
        return (idr0 & 1) != 0;
    }

    boolean stage1() {
        return (idr0 & 2) != 0;
    }

    boolean hyp() {
        return (idr0 >>> 9 & 1) != 0;
    }

    boolean ats() {
        return (idr0 >>> 10 & 1) != 0;
    }

    int asidMask() {
        return (idr0 >>> 12 & 1) != 0 ? 0xffff : 0xff;
    }

    boolean msi() {
        return (idr0 >>> 13 & 1) != 0;
    }

    boolean pri() {
        return (idr0 >>> 16 & 1) != 0;
    }

    /** VMIDs count only where there is a stage 2. */
    int vmidMask() {
        return stage2() ? (idr0 >>> 18 & 1) != 0 ? 0xffff : 0xff : 0;
    }

    boolean twoLevelContexts() {
        return (idr0 >>> 19 & 1) != 0;
    }

    boolean hardwareAccessFlag() {
        return (idr0 >>> 6 & 3) != 0;
    }

    /** TTENDIAN: 0 mixed, 2 little, 3 big. */
    boolean endianAllowed(boolean big) {
        int model = idr0 >>> 21 & 3;
        return model == 0 || model == (big ? 3 : 2);
    }

    /** STALL_MODEL: 0 stall and terminate, 1 terminate only, 2 stall forced. */
    int stallModel() {
        return idr0 >>> 24 & 3;
    }

    /** TERM_MODEL=1: CD.A must be set. */
    boolean abortRequired() {
        return (idr0 >>> 26 & 1) != 0;
    }

    boolean twoLevelStreams() {
        return (idr0 >>> 27 & 3) == 1;
    }

    int streamBits() {
        return idr1 & 0x3f;
    }

    int substreamBits() {
        return idr1 >>> 6 & 0x1f;
    }

    int eventQueueBits() {
        return idr1 >>> 16 & 0x1f;
    }

    int commandQueueBits() {
        return idr1 >>> 21 & 0x1f;
    }

    boolean rangeInvalidation() {
        return (idr3 >>> 10 & 1) != 0;
    }

    boolean hierarchicalDisable() {
        return (idr3 >>> 2 & 1) != 0;
    }

    int outputBits() {
        return OUTPUT_BITS[idr5 & 7];
    }

    /** Output size of an IPS or PS field, limited to what the device has. */
    int outputBits(int encoded) {
        return Math.min(OUTPUT_BITS[encoded & 7], outputBits());
    }

    /** Smallest TxSZ: 12 with 52-bit input addresses and 64K pages, else 16. */
    int smallestTsz(int granuleShift) {
        return granuleShift == 16 && (idr5 >>> 10 & 3) == 1 ? 12 : 16;
    }

    /** Page shift of a TG0-style code (0 4K, 1 64K, 2 16K); 0 when reserved or not offered. */
    int granuleOfTg0(int tg) {
        return switch (tg) {
            case 0 -> offered(4, 12);
            case 1 -> offered(6, 16);
            case 2 -> offered(5, 14);
            default -> 0;
        };
    }

    /** Page shift of a TG1 code (1 16K, 2 4K, 3 64K); 0 when reserved or not offered. */
    int granuleOfTg1(int tg) {
        return switch (tg) {
            case 1 -> offered(5, 14);
            case 2 -> offered(4, 12);
            case 3 -> offered(6, 16);
            default -> 0;
        };
    }

    private int offered(int bit, int shift) {
        return (idr5 >>> bit & 1) != 0 ? shift : 0;
    }

    /** Bits of CR0 that exist here; the others read as zero. */
    int cr0Bits() {
        return 0b1101 | (pri() ? 0b10 : 0) | (ats() ? 0x10 : 0) | ((idr0 >>> 17 & 1) != 0 ? 0x1c0 : 0);
    }
}
