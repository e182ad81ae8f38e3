package org.latebind.smmu.v2;

/**
 * Stage, format and sizes of a new context (reference: domain finalise).
 *
 * @param stage     1 or 2
 * @param format    descriptor format
 * @param ias       input address bits
 * @param oas       output address bits
 * @param firstBank first context bank that may be taken
 */
record ContextPlan(int stage, Format format, int ias, int oas, int firstBank) {

    /** Formats of a context. */
    enum Format { AARCH32_S, AARCH32_L, AARCH64 }

    /** Asked for by the owner of the domain. */
    enum Request { STAGE1, STAGE2, NESTED }

    /**
     * Negotiates.
     *
     * @param wide the CPU is 64 bit (it always is on our boards with AArch64 trees; a 32-bit CPU prefers AArch32)
     * @return the plan, or null when the hardware has no usable format
     */
    static ContextPlan negotiate(HardwareFeatures f, Request request, boolean wide) {
        int stage = f.stage1() && (request == Request.STAGE1 || !f.stage2()) ? 1 : 2;
        Format format = format(f, stage, wide);
        if (format == null) {
            return null;
        }
        int in = stage == 1 ? f.vaBits() : f.ipaBits();
        int out = stage == 1 ? f.ipaBits() : f.paBits();
        return switch (format) {
            case AARCH64 -> new ContextPlan(stage, format, in, out, stage == 1 ? f.stage2Banks() : 0);
            case AARCH32_L -> new ContextPlan(stage, format, Math.min(in, stage == 1 ? 32 : 40), Math.min(out, 40),
                    stage == 1 ? f.stage2Banks() : 0);
            case AARCH32_S -> new ContextPlan(stage, format, Math.min(in, 32), Math.min(out, 32), f.stage2Banks());
        };
    }

    private static Format format(HardwareFeatures f, int stage, boolean wide) {
        Format chosen = null;
        if (f.formats().contains(HardwareFeatures.Format.AARCH32_L)) {
            chosen = Format.AARCH32_L;
        }
        if (!wide && stage == 1 && chosen == null && f.formats().contains(HardwareFeatures.Format.AARCH32_S)) {
            chosen = Format.AARCH32_S;
        }
        return f.aarch64() && (wide || chosen == null) ? Format.AARCH64 : chosen;
    }
}
