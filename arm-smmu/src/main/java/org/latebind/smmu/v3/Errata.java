package org.latebind.smmu.v3;

/**
 * What is broken in a particular implementation (SMMU_IIDR: implementer 11:0, revision 15:12, variant 19:16, product 31:20).
 *
 * @param noNesting  both stages at once do not work
 * @param forcedSync a full batch of commands needs a CMD_SYNC of its own
 */
record Errata(boolean noNesting, boolean forcedSync) {

    static final Errata NONE = new Errata(false, false);

    private static final int ARM = 0x43b;
    private static final int MMU_600 = 0x483;
    private static final int MMU_700 = 0x487;

    /** Decides by SMMU_IIDR. */
    static Errata of(int iidr) {
        int product = iidr >>> 20;
        int variant = iidr >>> 16 & 0xf;
        int revision = iidr >>> 12 & 0xf;
        if ((iidr & 0xfff) != ARM) {
            return NONE;
        }
        return switch (product) {
            case MMU_600 -> new Errata(variant < 2, false);
            case MMU_700 -> {
                boolean beforeR1p1 = variant < 1 || variant == 1 && revision < 1;
                yield new Errata(beforeR1p1, beforeR1p1);
            }
            default -> NONE;
        };
    }
}
