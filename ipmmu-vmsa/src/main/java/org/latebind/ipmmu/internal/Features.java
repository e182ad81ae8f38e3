package org.latebind.ipmmu.internal;

import java.util.List;

/** What the generations have, and where (IPMMU sheet, sections 1.1, 2.1 and 2.2; the names are those of the sources). */
enum Features {
    /** R-Car Gen2, RZ/G1, R-Mobile APE6: each instance is its own root, one context, registers in the non-secure alias. */
    GEN2(0x800, false, 1, 32, true, false, false, true, 0, 0x40, 0, -1, 0xF0),
    /** R-Car Gen3, RZ/G2. */
    RCAR_GEN3(0, true, 8, 48, false, true, true, false, 0, 0x40, 0, 0, 0xF0),
    /** R-Car Gen4. */
    RCAR_GEN4(0, true, 16, 64, false, true, true, false, 0x10000, 0x1040, 0x3000, 0x1000, 0x1F0);

    private static final List<String> GEN3_NAMES = List.of("renesas,ipmmu-r8a774a1", "renesas,ipmmu-r8a774b1",
            "renesas,ipmmu-r8a774c0", "renesas,ipmmu-r8a774e1", "renesas,ipmmu-r8a7795", "renesas,ipmmu-r8a7796",
            "renesas,ipmmu-r8a77961", "renesas,ipmmu-r8a77965", "renesas,ipmmu-r8a77970", "renesas,ipmmu-r8a77980",
            "renesas,ipmmu-r8a77990", "renesas,ipmmu-r8a77995");
    private static final List<String> GEN4_NAMES = List.of("renesas,ipmmu-r8a779a0", "renesas,rcar-gen4-ipmmu-vmsa");
    private static final String GEN2_NAME = "renesas,ipmmu-vmsa";

    /** Offset of the register bank that the non-secure world uses. */
    final int aliasOffset;
    final boolean cacheLeafNodes;
    final int contexts;
    final int utlbs;
    final boolean setupImbuscr;
    final boolean twobitSl0;
    /** Context 0 is never handed out. */
    final boolean reservedContext;
    final boolean cacheSnoop;
    final int contextBase;
    final int contextStride;
    final int utlbBase;
    /** Base of IMSCTLR and IMSAUXCTLR; negative when the generation has none. */
    final int controlBase;
    /** TTSEL in IMUCTR. */
    final int ttselMask;

    Features(int aliasOffset, boolean cacheLeafNodes, int contexts, int utlbs, boolean setupImbuscr, boolean twobitSl0,
            boolean reservedContext, boolean cacheSnoop, int contextBase, int contextStride, int utlbBase, int controlBase,
            int ttselMask) {
        this.aliasOffset = aliasOffset;
        this.cacheLeafNodes = cacheLeafNodes;
        this.contexts = contexts;
        this.utlbs = utlbs;
        this.setupImbuscr = setupImbuscr;
        this.twobitSl0 = twobitSl0;
        this.reservedContext = reservedContext;
        this.cacheSnoop = cacheSnoop;
        this.contextBase = contextBase;
        this.contextStride = contextStride;
        this.utlbBase = utlbBase;
        this.controlBase = controlBase;
        this.ttselMask = ttselMask;
    }

    /** The feature set of the first compatible string the driver knows, or null. */
    static Features of(List<String> compatible) {
        for (String name : compatible) {
            if (GEN3_NAMES.contains(name)) {
                return RCAR_GEN3;
            }
            if (GEN4_NAMES.contains(name)) {
                return RCAR_GEN4;
            }
            if (name.equals(GEN2_NAME)) {
                return GEN2;
            }
        }
        return null;
    }

    /** Contexts that can be handed out, for the whole SoC. */
    int usableContexts() {
        return reservedContext ? contexts - 1 : contexts;
    }
}
