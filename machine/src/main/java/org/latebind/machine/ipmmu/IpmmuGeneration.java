package org.latebind.machine.ipmmu;

import java.util.List;

/**
 * Where the registers of a generation lie. Offsets are bytes from the start of the window.
 *
 * <pre>
 *            bank    contexts                 micro-TLBs           control
 * GEN2      +0x800   0x40 n                   0x300 + 16 n         -
 * GEN3       0       0x40 n                   0x300/0x600 + 16 n   0x500
 * GEN4       0       0x10000 + 0x1040 n (+)   0x3300/0x3600 + 16 n 0x1500     (+) 0x600 more from n = 8 on
 * </pre>
 */
public enum IpmmuGeneration {
    /** R-Car Gen2, RZ/G1, R-Mobile APE6. */
    GEN2(0x1000, 0x800, 4, 32, 0, 0x40, 0, -1),
    /** R-Car Gen3, RZ/G2. */
    GEN3(0x1000, 0, 8, 48, 0, 0x40, 0, 0),
    /** R-Car Gen4. */
    GEN4(0x20000, 0, 16, 64, 0x10000, 0x1040, 0x3000, 0x1000);

    private static final int CONTEXT_BYTES = 0x40;
    private static final int HIGH_CONTEXT = 8;
    private static final int HIGH_CONTEXT_SKIP = 0x600;
    private static final int UTLB_LOW = 0x300;
    private static final int UTLB_LOW_END = 0x500;
    private static final int UTLB_HIGH = 0x600;
    private static final int UTLB_LOW_COUNT = 32;
    private static final int UTLB_STRIDE = 16;
    private static final int UTLB_ASID = 8;
    private static final int CONTROL = 0x500;
    private static final int AUX_CONTROL = 0x504;
    private static final int PMB = 0x200;
    private static final int PMB_END = 0x300;

    private static final List<String> GEN4_SOCS = List.of("r8a779a0", "r8a779f0", "r8a779g0", "r8a779h0");
    private static final List<String> GEN2_SOCS = List.of("r8a73a4", "r8a7742", "r8a7743", "r8a7744", "r8a7745", "r8a7790",
            "r8a7791", "r8a7792", "r8a7793", "r8a7794");

    private final int windowBytes;
    private final int bank;
    private final int contexts;
    private final int utlbs;
    private final int contextBase;
    private final int contextStride;
    private final int utlbBase;
    private final int controlBase;

    IpmmuGeneration(int windowBytes, int bank, int contexts, int utlbs, int contextBase, int contextStride, int utlbBase,
            int controlBase) {
        this.windowBytes = windowBytes;
        this.bank = bank;
        this.contexts = contexts;
        this.utlbs = utlbs;
        this.contextBase = contextBase;
        this.contextStride = contextStride;
        this.utlbBase = utlbBase;
        this.controlBase = controlBase;
    }

    /** Kinds of registers. */
    enum Kind {
        CONTEXT, UTLB_CONTROL, UTLB_ASID, CONTROL, AUX_CONTROL, PMB, SECURE_BANK, UNKNOWN
    }

    /**
     * A register.
     *
     * @param kind     what it is
     * @param index    context or micro-TLB number
     * @param register offset inside the context
     */
    record Location(Kind kind, int index, int register) {
    }

    /** The generation of a node with these compatible strings, or null when it is no IPMMU. */
    static IpmmuGeneration of(List<String> compatible) {
        IpmmuGeneration found = null;
        for (String name : compatible) {
            if (name.equals("renesas,rcar-gen4-ipmmu-vmsa")) {
                return GEN4;
            }
            if (name.startsWith("renesas,ipmmu-")) {
                String soc = name.substring(name.lastIndexOf('-') + 1);
                if (GEN4_SOCS.contains(soc)) {
                    return GEN4;
                }
                found = name.equals("renesas,ipmmu-vmsa") || GEN2_SOCS.contains(soc) ? GEN2 : GEN3;
            }
        }
        return found;
    }

    int windowBytes() {
        return windowBytes;
    }

    int contexts() {
        return contexts;
    }

    int utlbs() {
        return utlbs;
    }

    /** Tells whether every instance is root and leaf in one. */
    boolean singleLevel() {
        return this == GEN2;
    }

    /** Finds what lies at an offset. */
    Location locate(long offset) {
        long inBank = offset - bank;
        if (inBank < 0) {
            return new Location(Kind.SECURE_BANK, 0, 0);
        }
        for (int n = 0; n < contexts; n++) {
            long start = contextBase + (long) contextStride * n + (n >= HIGH_CONTEXT ? HIGH_CONTEXT_SKIP : 0);
            if (inBank >= start && inBank < start + CONTEXT_BYTES) {
                return new Location(Kind.CONTEXT, n, (int) (inBank - start));
            }
        }
        if (controlBase >= 0 && inBank == controlBase + CONTROL) {
            return new Location(Kind.CONTROL, 0, 0);
        }
        if (controlBase >= 0 && inBank == controlBase + AUX_CONTROL) {
            return new Location(Kind.AUX_CONTROL, 0, 0);
        }
        return locateUtlb(inBank - utlbBase, inBank);
    }

    private Location locateUtlb(long relative, long inBank) {
        int n = -1;
        if (relative >= UTLB_LOW && relative < UTLB_LOW_END) {
            n = (int) (relative - UTLB_LOW) / UTLB_STRIDE;
        } else if (relative >= UTLB_HIGH && relative < UTLB_HIGH + (long) UTLB_STRIDE * (utlbs - UTLB_LOW_COUNT)) {
            n = UTLB_LOW_COUNT + (int) (relative - UTLB_HIGH) / UTLB_STRIDE;
        }
        if (n >= 0 && relative % UTLB_STRIDE == 0) {
            return new Location(Kind.UTLB_CONTROL, n, 0);
        }
        if (n >= 0 && relative % UTLB_STRIDE == UTLB_ASID) {
            return new Location(Kind.UTLB_ASID, n, 0);
        }
        return new Location(inBank >= PMB && inBank < PMB_END ? Kind.PMB : Kind.UNKNOWN, 0, 0);
    }
}
