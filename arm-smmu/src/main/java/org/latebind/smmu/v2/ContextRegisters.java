package org.latebind.smmu.v2;

/**
 * Everything that is written into one context bank, as plain values: the shadow that a reset restores.
 *
 * @param stage      1 or 2
 * @param cba2r      CBA2R
 * @param cbar       CBAR
 * @param tcr2       TCR2, stage 1 only
 * @param tcr        TCR or VTCR
 * @param ttbr0      TTBR0 or VTTBR
 * @param ttbr1      TTBR1, stage 1 only
 * @param mair0      MAIR0 (PRRR), stage 1 only
 * @param mair1      MAIR1 (NMRR), stage 1 only
 * @param contextidr CONTEXTIDR, short descriptors only
 * @param shortFormat short descriptors
 * @param sctlr      SCTLR
 */
record ContextRegisters(int stage, int cba2r, int cbar, int tcr2, int tcr, long ttbr0, long ttbr1, int mair0, int mair1,
        int contextidr, boolean shortFormat, int sctlr) {

    private static final int SCTLR_BASE = Registers.SCTLR_M | Registers.SCTLR_TRE | Registers.SCTLR_AFE | Registers.SCTLR_CFRE
            | Registers.SCTLR_CFIE;

    /**
     * What the page table asks for (reference page-tables.md, sections 2.2 to 2.4 and 5).
     *
     * @param ttbr table base
     * @param tcr  stage 1: TG0, SH0, ORGN0, IRGN0, T0SZ packed; stage 2: VTCR without its RES1 bit; short format: TTBCR
     * @param ips  output size code, stage 1 only
     * @param mair MAIR0 in the low half, MAIR1 in the high half; PRRR and NMRR for the short format
     */
    record TableValues(long ttbr, int tcr, int ips, long mair) {
    }

    /**
     * Computes the values of one context.
     *
     * @param bank       bank it will live in
     * @param interrupt  interrupt index, for version 1
     * @param asidOrVmid ASID at stage 1, VMID at stage 2
     * @param upper      the table is for the upper half (TTBR1 quirk)
     */
    static ContextRegisters of(HardwareFeatures f, ContextPlan plan, TableValues t, int interrupt, int asidOrVmid,
            boolean upper) {
        boolean first = plan.stage() == 1;
        boolean wide = plan.format() == ContextPlan.Format.AARCH64;
        int vmid16 = f.vmid16() && !first ? asidOrVmid << 16 : 0;
        int cba2r = (wide ? Registers.CBA2R_VA64 : 0) | vmid16;
        int cbar = first ? Registers.CBAR_TYPE_S1_BYPASS | Registers.CBAR_BPSHCFG_NSH | Registers.CBAR_MEMATTR_WB
                : f.vmid16() ? 0 : asidOrVmid;
        if (f.version().isBefore(Version.V2)) {
            cbar |= interrupt << 24;
        }
        int sctlr = SCTLR_BASE | (first ? Registers.SCTLR_ASIDPNE : 0);
        if (plan.format() == ContextPlan.Format.AARCH32_S) {
            return new ContextRegisters(1, cba2r, cbar, 0, t.tcr(), t.ttbr(), 0, (int) t.mair(), (int) (t.mair() >>> 32),
                    asidOrVmid, true, sctlr);
        }
        if (!first) {
            return new ContextRegisters(2, cba2r, cbar, 0, t.tcr() | 1 << 31, t.ttbr(), 0, 0, 0, 0, false, sctlr);
        }
        int tcr = upper ? t.tcr() << 16 & ~Registers.TCR_A1 | Registers.TCR_EPD0 : t.tcr() | Registers.TCR_EPD1;
        int tcr2 = t.ips() | Registers.TCR2_SEP_UPSTREAM | (wide ? Registers.TCR2_AS : 0);
        long asid = (long) asidOrVmid << 48;
        return new ContextRegisters(1, cba2r, cbar, tcr2, wide ? tcr : tcr | Registers.TCR_EAE,
                upper ? asid : t.ttbr() | asid, upper ? t.ttbr() | asid : asid, (int) t.mair(), (int) (t.mair() >>> 32), 0,
                false, sctlr);
    }

    /** The same stage 1 on a stage 2 in another bank: CBAR type 3 with that bank and its VMID. */
    ContextRegisters nestedOn(int stage2Bank, int vmid, HardwareFeatures f) {
        int interrupt = cbar & 0xff << 24;
        int wideVmid = f.vmid16() ? vmid << 16 : 0;
        return new ContextRegisters(1, cba2r & 0xffff | wideVmid, Registers.CBAR_TYPE_NESTED | stage2Bank << 8
                | (f.vmid16() ? 0 : vmid) | interrupt, tcr2, tcr, ttbr0, ttbr1, mair0, mair1, contextidr, shortFormat, sctlr);
    }

    ContextRegisters withSctlr(int value) {
        return new ContextRegisters(stage, cba2r, cbar, tcr2, tcr, ttbr0, ttbr1, mair0, mair1, contextidr, shortFormat, value);
    }
}
