package org.latebind.pagetable;

/** Register values a table needs, as fields and packed. What a driver adds is said at each. */
public sealed interface Registers {

    /** Returns the physical address of the root table. */
    long root();

    /**
     * Stage 1, long descriptors.
     *
     * @param root root table, the TTBR value without ASID
     * @param ips  output size code, for TCR.IPS or TCR2.PASize
     * @param tg   granule code: TG0, or TG1 with {@link Quirks#ARM_TTBR1}
     * @param sh   shareability of walks: 3 inner, 2 outer
     * @param orgn outer cacheability of walks
     * @param irgn inner cacheability of walks
     * @param tsz  64 - ias
     * @param mair attributes 0 (non-cacheable), 1 (write-back), 2 (device), 3; bits 63:32 carry no meaning
     */
    record Stage1(long root, int ips, int tg, int sh, int orgn, int irgn, int tsz, long mair) implements Registers {

        /** Value of the library: the fourth attribute is sign-extended by its C arithmetic. */
        static final long MAIR = 0xffff_ffff_f404_ff44L;

        /** Packs TG, SH, ORGN, IRGN and TSZ at their TTBR0 positions in TCR (bits 15:0). */
        public int packedLow() {
            return tg << 14 | sh << 12 | orgn << 10 | irgn << 8 | tsz;
        }
    }

    /**
     * Stage 2, long descriptors.
     *
     * @param root root table, the VTTBR value without VMID
     * @param ps   output size code
     * @param tg   granule code TG0
     * @param sh   shareability of walks
     * @param orgn outer cacheability of walks
     * @param irgn inner cacheability of walks
     * @param sl   start level code SL0
     * @param tsz  64 - ias
     */
    record Stage2(long root, int ps, int tg, int sh, int orgn, int irgn, int sl, int tsz) implements Registers {

        /** Packs all fields at their VTCR positions; bit 31 (RES1) is the driver's to add. */
        public int packed() {
            return ps << 16 | tg << 14 | sh << 12 | orgn << 10 | irgn << 8 | sl << 6 | tsz;
        }
    }

    /**
     * Short descriptors.
     *
     * @param root root table
     * @param ttbr root with walk attributes
     * @param tcr  always 0
     * @param prrr primary region remap
     * @param nmrr normal memory remap
     */
    record Short(long root, int ttbr, int tcr, int prrr, int nmrr) implements Registers {
    }
}
