package org.latebind.ipmmu.internal;

import org.latebind.hardware.Mmio;

/**
 * The registers of one instance. Names are those of the R-Car manuals as the published drivers use them; where they lie
 * is the business of {@link Features} (IPMMU sheet, sections 1.1 to 1.4).
 *
 * <pre>
 * IMCTR    0 MMUEN  1 FLUSH  2 INTEN  29 VA64 (root)
 * IMTTBCR  31 EAE   30 PMB   SL0: bit 4 (Gen2), 7:6 (later)   TSZ0: 2:0 (Gen2), 4:0 (later)
 * IMUCTR   0 MMUEN  1 FLUSH  TTSEL 7:4 (Gen4 8:4)
 * IMSTR    0 TF  1 PF  2 ABORT  4 MHIT  10:8 ERRCODE  13:12 ERRLVL
 * </pre>
 */
final class RegisterBlock {

    static final int IMCTR = 0x00;
    static final int IMTTBCR = 0x08;
    static final int IMBUSCR = 0x0C;
    static final int IMTTLBR0 = 0x10;
    static final int IMTTUBR0 = 0x14;
    static final int IMTTLBR1 = 0x18;
    static final int IMTTUBR1 = 0x1C;
    static final int IMSTR = 0x20;
    static final int IMMAIR0 = 0x28;
    static final int IMMAIR1 = 0x2C;
    static final int IMELAR = 0x30;
    static final int IMEUAR = 0x34;

    static final int IMCTR_MMUEN = 1;
    static final int IMCTR_FLUSH = 1 << 1;
    static final int IMCTR_INTEN = 1 << 2;
    static final int IMCTR_VA64 = 1 << 29;
    /** The bits of IMCTR that a leaf has. */
    static final int IMCTR_COMMON = 7;

    static final int IMTTBCR_EAE = 1 << 31;
    static final int IMTTBCR_PMB = 1 << 30;
    static final int IMTTBCR_SNOOP = 0x3500;
    static final int IMTTBCR_SL0_LEVEL1 = 1 << 4;
    static final int IMTTBCR_SL0_LEVEL1_TWOBIT = 2 << 6;
    static final int IMTTBCR_SL0_LEVEL1_STAGE2 = 1 << 6;

    static final int IMBUSCR_DVM = 1 << 2;
    static final int IMBUSCR_BUSSEL = 3;

    static final int IMSTR_TF = 1;
    static final int IMSTR_PF = 1 << 1;
    static final int IMSTR_ABORT = 1 << 2;
    static final int IMSTR_MHIT = 1 << 4;

    static final int IMUCTR_MMUEN = 1;
    static final int IMUCTR_FLUSH = 1 << 1;
    static final int TTSEL_SHIFT = 4;

    static final int IMSCTLR_USE_SECGRP = 1 << 28;
    static final int IMSAUXCTLR_S2PTE = 1 << 3;

    private static final int HIGH_CONTEXT = 8;
    private static final int HIGH_CONTEXT_SKIP = 0x600;
    private static final int LOW_UTLBS = 32;
    private static final int UTLB_LOW = 0x300;
    private static final int UTLB_HIGH = 0x600;
    private static final int UTLB_STRIDE = 16;
    private static final int IMUASID_OFFSET = 8;
    private static final int IMSCTLR = 0x500;
    private static final int IMSAUXCTLR = 0x504;

    private final Mmio mmio;
    private final Features features;

    RegisterBlock(Mmio mmio, Features features) {
        this.mmio = mmio;
        this.features = features;
    }

    int readContext(int context, int register) {
        return mmio.read32(context(context, register));
    }

    void writeContext(int context, int register, int value) {
        mmio.write32(context(context, register), value);
    }

    int readUtlb(int n) {
        return mmio.read32(utlb(n));
    }

    void writeUtlb(int n, int value) {
        mmio.write32(utlb(n), value);
    }

    int readUtlbAsid(int n) {
        return mmio.read32(utlb(n) + IMUASID_OFFSET);
    }

    void writeUtlbAsid(int n, int value) {
        mmio.write32(utlb(n) + IMUASID_OFFSET, value);
    }

    int readControl() {
        return mmio.read32(control(IMSCTLR));
    }

    void writeControl(int value) {
        mmio.write32(control(IMSCTLR), value);
    }

    int readAuxControl() {
        return mmio.read32(control(IMSAUXCTLR));
    }

    void writeAuxControl(int value) {
        mmio.write32(control(IMSAUXCTLR), value);
    }

    private long context(int n, int register) {
        int skip = n >= HIGH_CONTEXT ? HIGH_CONTEXT_SKIP : 0;
        return features.aliasOffset + features.contextBase + (long) features.contextStride * n + skip + register;
    }

    /** The high range begins at 0x600: continuing the low one would hit IMSCTLR with micro-TLB 32. */
    private long utlb(int n) {
        int inRange = n < LOW_UTLBS ? UTLB_LOW + UTLB_STRIDE * n : UTLB_HIGH + UTLB_STRIDE * (n - LOW_UTLBS);
        return features.aliasOffset + features.utlbBase + inRange;
    }

    private long control(int register) {
        if (features.controlBase < 0) {
            throw new IllegalStateException(features + " has no control registers");
        }
        return features.controlBase + register;
    }
}
