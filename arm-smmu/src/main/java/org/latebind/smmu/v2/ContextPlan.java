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

    /** Which table formats a kernel prefers. */
    enum Kernel {
        /** AArch64 where the hardware has it. */ BITS_64,
        /** Long descriptors (LPAE). */ BITS_32_LPAE,
        /** Short descriptors at stage 1. */ BITS_32;

        /** Reads the value of the parameter {@code kernel}. */
        static Kernel of(String text) {
            return switch (text) {
                case "64" -> BITS_64;
                case "32-lpae" -> BITS_32_LPAE;
                case "32" -> BITS_32;
                default -> throw new IllegalArgumentException("kernel is 64, 32-lpae or 32, not " + text);
            };
        }
    }

    /** Asked for by the owner of the domain. */
    enum Request { STAGE1, STAGE2, NESTED }

    /**
     * Negotiates.
     *
     * @param kernel what the kernel that owns the tables prefers
     * @return the plan, or null when the hardware has no usable format
     */
    static ContextPlan negotiate(HardwareFeatures f, Request request, Kernel kernel) {
        int stage = f.stage1() && (request == Request.STAGE1 || !f.stage2()) ? 1 : 2;
        Format format = format(f, stage, kernel);
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

    private static Format format(HardwareFeatures f, int stage, Kernel kernel) {
        Format chosen = null;
        if (f.formats().contains(HardwareFeatures.Format.AARCH32_L)) {
            chosen = Format.AARCH32_L;
        }
        if (kernel == Kernel.BITS_32 && stage == 1 && f.formats().contains(HardwareFeatures.Format.AARCH32_S)) {
            chosen = Format.AARCH32_S;
        }
        return f.aarch64() && (kernel == Kernel.BITS_64 || chosen == null) ? Format.AARCH64 : chosen;
    }
}
