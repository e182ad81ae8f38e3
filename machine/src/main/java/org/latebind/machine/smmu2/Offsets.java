package org.latebind.machine.smmu2;

/** Register offsets and bits of the SMMU architecture version 2 (Arm IHI 0062), by their names there. */
final class Offsets {

    // Global register space 0.
    static final int SCR0 = 0x000;
    static final int SACR = 0x010;
    static final int ID0 = 0x020;
    static final int ID7 = 0x03c;
    static final int SGFAR = 0x040;
    static final int SGFSR = 0x048;
    static final int SGFSRRESTORE = 0x04c;
    static final int SGFSYNR0 = 0x050;
    static final int SGFSYNR1 = 0x054;
    static final int SGFSYNR2 = 0x058;
    static final int TLBIVMID = 0x064;
    static final int TLBIALLNSNH = 0x068;
    static final int TLBIALLH = 0x06c;
    static final int STLBGSYNC = 0x070;
    static final int STLBGSTATUS = 0x074;
    static final int SMR = 0x800;
    static final int S2CR = 0xc00;
    /** Distance of the non-secure aliases in the secure view. */
    static final int NONSECURE_ALIAS = 0x400;

    // Global register space 1.
    static final int CBAR = 0x000;
    static final int CBFRSYNRA = 0x400;
    static final int CBA2R = 0x800;

    // Context bank.
    static final int SCTLR = 0x000;
    static final int ACTLR = 0x004;
    static final int RESUME = 0x008;
    static final int TCR2 = 0x010;
    static final int TTBR0 = 0x020;
    static final int TTBR1 = 0x028;
    static final int TCR = 0x030;
    static final int CONTEXTIDR = 0x034;
    static final int MAIR0 = 0x038;
    static final int MAIR1 = 0x03c;
    static final int PAR = 0x050;
    static final int FSR = 0x058;
    static final int FSRRESTORE = 0x05c;
    static final int FAR = 0x060;
    static final int FSYNR0 = 0x068;
    static final int FSYNR1 = 0x06c;
    static final int IPAFAR = 0x070;
    static final int TLBIVA = 0x600;
    static final int TLBIASID = 0x610;
    static final int TLBIVAL = 0x620;
    static final int TLBIIPAS2 = 0x630;
    static final int TLBIIPAS2L = 0x638;
    static final int TLBSYNC = 0x7f0;
    static final int TLBSTATUS = 0x7f4;
    static final int ATS1PR = 0x800;
    static final int ATSR = 0x8f0;

    // sCR0
    static final int CLIENTPD = 1;
    static final int GFRE = 1 << 1;
    static final int GFIE = 1 << 2;
    static final int EXIDENABLE = 1 << 3;
    static final int GCFGFRE = 1 << 4;
    static final int GCFGFIE = 1 << 5;
    static final int STALLD = 1 << 8;
    static final int GSE = 1 << 9;
    static final int USFCFG = 1 << 10;
    static final int SMCFCFG = 1 << 21;
    static final int VMID16EN = 1 << 31;

    // sGFSR
    static final int ICF = 1;
    static final int USF = 1 << 1;
    static final int SMCF = 1 << 2;
    static final int UCBF = 1 << 3;
    static final int MULTI = 1 << 31;

    // S2CR
    static final int TYPE_TRANSLATE = 0;
    static final int TYPE_BYPASS = 1;
    static final int TYPE_FAULT = 2;

    // CBAR types
    static final int CBAR_S2 = 0;
    static final int CBAR_S1_BYPASS = 1;
    static final int CBAR_S1_FAULT = 2;
    static final int CBAR_NESTED = 3;

    // SCTLR
    static final int M = 1;
    static final int CFRE = 1 << 5;
    static final int CFIE = 1 << 6;
    static final int CFCFG = 1 << 7;

    // FSR
    static final int TF = 1 << 1;
    static final int AFF = 1 << 2;
    static final int PF = 1 << 3;
    static final int EF = 1 << 4;
    static final int ASF = 1 << 7;
    static final int SS = 1 << 30;
    static final int FSR_FAULTS = 0xc00001fe;

    private Offsets() {
    }
}
