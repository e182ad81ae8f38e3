package org.latebind.machine.smmu2;

/**
 * What a context bank tells the table walker about one stage.
 *
 * @param stage      1 or 2
 * @param format     descriptor format
 * @param ttbr0      TTBR0 without the ASID
 * @param ttbr1      TTBR1 without the ASID
 * @param tcr        TCR (stage 2: VTCR) as written
 * @param tcr2       TCR2 as written; 0 at stage 2
 * @param mair       MAIR1 and MAIR0 as one value
 * @param inputBits  input address bits the hardware has
 * @param outputBits output address bits the hardware has
 * @param afe        SCTLR.AFE: access flag faults are checked
 */
record Regime(int stage, Format format, long ttbr0, long ttbr1, int tcr, int tcr2, long mair, int inputBits, int outputBits,
        boolean afe) {

    /** Descriptor formats. */
    enum Format { SHORT, LONG_32, LONG_64 }
}
