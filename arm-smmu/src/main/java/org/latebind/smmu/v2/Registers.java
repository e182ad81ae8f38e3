package org.latebind.smmu.v2;

/** Offsets and fields of the SMMU's registers, by their names in Arm IHI 0062. */
final class Registers {

    // Global register space 0.
    static final int SCR0 = 0x000;
    static final int SACR = 0x010;
    static final int ID0 = 0x020;
    static final int ID1 = 0x024;
    static final int ID2 = 0x028;
    static final int ID7 = 0x03c;
    static final int SGFSR = 0x048;
    static final int SGFSYNR0 = 0x050;
    static final int SGFSYNR1 = 0x054;
    static final int SGFSYNR2 = 0x058;
    static final int TLBIVMID = 0x064;
    static final int TLBIALLNSNH = 0x068;
    static final int TLBIALLH = 0x06c;
    static final int STLBGSYNC = 0x070;
    static final int STLBGSTATUS = 0x074;

    // Global register space 1.
    private static final int CBFRSYNRA_BASE = 0x400;
    private static final int CBA2R_BASE = 0x800;

    // Context bank.
    static final int CB_SCTLR = 0x000;
    static final int CB_ACTLR = 0x004;
    static final int CB_RESUME = 0x008;
    static final int CB_TCR2 = 0x010;
    static final int CB_TTBR0 = 0x020;
    static final int CB_TTBR1 = 0x028;
    static final int CB_TCR = 0x030;
    static final int CB_CONTEXTIDR = 0x034;
    static final int CB_MAIR0 = 0x038;
    static final int CB_MAIR1 = 0x03c;
    static final int CB_PAR = 0x050;
    static final int CB_FSR = 0x058;
    static final int CB_FAR = 0x060;
    static final int CB_FSYNR0 = 0x068;
    static final int CB_TLBIVA = 0x600;
    static final int CB_TLBIASID = 0x610;
    static final int CB_TLBIVAL = 0x620;
    static final int CB_TLBIIPAS2 = 0x630;
    static final int CB_TLBIIPAS2L = 0x638;
    static final int CB_TLBSYNC = 0x7f0;
    static final int CB_TLBSTATUS = 0x7f4;
    static final int CB_ATS1PR = 0x800;
    static final int CB_ATSR = 0x8f0;

    // sCR0
    static final int SCR0_CLIENTPD = 1;
    static final int SCR0_GFRE = 1 << 1;
    static final int SCR0_GFIE = 1 << 2;
    static final int SCR0_EXIDENABLE = 1 << 3;
    static final int SCR0_GCFGFRE = 1 << 4;
    static final int SCR0_GCFGFIE = 1 << 5;
    static final int SCR0_USFCFG = 1 << 10;
    static final int SCR0_VMIDPNE = 1 << 11;
    static final int SCR0_PTM = 1 << 12;
    static final int SCR0_FB = 1 << 13;
    static final int SCR0_BSU = 3 << 14;
    static final int SCR0_VMID16EN = 1 << 31;

    // sACR of MMU-500
    static final int SACR_SMTNMB_TLBEN = 1 << 8;
    static final int SACR_S2CRB_TLBEN = 1 << 10;
    static final int SACR_CACHE_LOCK = 1 << 26;
    /** ACTLR of MMU-500: prefetch. */
    static final int ACTLR_CPRE = 1 << 1;

    static final int SGFSR_USF = 1 << 1;
    static final int TLBSTATUS_ACTIVE = 1;

    static final int SMR_VALID = 1 << 31;
    static final int S2CR_EXIDVALID = 1 << 10;
    /** Context index of an entry that has none: what firmware and the bypass test leave there. */
    static final int S2CR_BYPASS_PROBE = 0xff;

    // SCTLR
    static final int SCTLR_M = 1;
    static final int SCTLR_TRE = 1 << 1;
    static final int SCTLR_AFE = 1 << 2;
    static final int SCTLR_CFRE = 1 << 5;
    static final int SCTLR_CFIE = 1 << 6;
    static final int SCTLR_CFCFG = 1 << 7;
    static final int SCTLR_HUPCF = 1 << 8;
    static final int SCTLR_ASIDPNE = 1 << 12;

    // TCR, TCR2
    static final int TCR_EPD0 = 1 << 7;
    static final int TCR_A1 = 1 << 22;
    static final int TCR_EPD1 = 1 << 23;
    static final int TCR_EAE = 1 << 31;
    static final int TCR2_AS = 1 << 4;
    static final int TCR2_SEP_UPSTREAM = 7 << 15;

    // CBAR
    static final int CBAR_TYPE_S1_BYPASS = 1 << 16;
    static final int CBAR_TYPE_NESTED = 3 << 16;
    static final int CBAR_BPSHCFG_NSH = 3 << 8;
    static final int CBAR_MEMATTR_WB = 0xf << 12;
    static final int CBA2R_VA64 = 1;

    // FSR
    static final int FSR_FAULTS = 0xc00001fe;
    static final int FSR_SS = 1 << 30;
    static final int FSYNR0_WNR = 1 << 4;
    static final int RESUME_RETRY = 0;
    static final int RESUME_TERMINATE = 1;

    private Registers() {
    }

    static int smr(int n) {
        return 0x800 + 4 * n;
    }

    static int s2cr(int n) {
        return 0xc00 + 4 * n;
    }

    static int cbar(int n) {
        return 4 * n;
    }

    static int cbfrsynra(int n) {
        return CBFRSYNRA_BASE + 4 * n;
    }

    static int cba2r(int n) {
        return CBA2R_BASE + 4 * n;
    }
}
