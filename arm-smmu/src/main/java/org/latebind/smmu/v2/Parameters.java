package org.latebind.smmu.v2;

/**
 * Module parameters.
 *
 * @param disableBypass streams nobody attached are aborted, not passed (kernel name {@code disable_bypass})
 * @param forceStage    1 or 2 restricts translation to one stage, 0 does not (kernel name {@code force_stage})
 * @param legacyAsLinux the legacy binding as in Linux 6: never beside the generic one, its masters never translated
 * @param kernel        which table formats are preferred
 * @param stall         faulting transactions are held until the fault handler answered
 */
record Parameters(boolean disableBypass, int forceStage, boolean legacyAsLinux, boolean stall, ContextPlan.Kernel kernel) {

    static final Parameters DEFAULT = new Parameters(true, 0, false, false);

    /** As a 64-bit kernel. */
    Parameters(boolean disableBypass, int forceStage, boolean legacyAsLinux, boolean stall) {
        this(disableBypass, forceStage, legacyAsLinux, stall, ContextPlan.Kernel.BITS_64);
    }

    /** Checks the range. */
    Parameters {
        if (forceStage < 0 || forceStage > 2) {
            throw new IllegalArgumentException("force_stage is 0, 1 or 2, not " + forceStage);
        }
    }
}
