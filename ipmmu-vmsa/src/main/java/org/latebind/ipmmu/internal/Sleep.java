package org.latebind.ipmmu.internal;

/**
 * Suspend and resume (IPMMU sheet, section 4.9). Root contexts come back before leaf micro-TLBs whatever order the bindings
 * are woken in: a leaf that is early is served by its root.
 */
final class Sleep {

    private static final int[] BSP_REGISTERS = {RegisterBlock.IMTTLBR0, RegisterBlock.IMTTUBR0, RegisterBlock.IMTTBCR,
        RegisterBlock.IMTTLBR1, RegisterBlock.IMTTUBR1, RegisterBlock.IMMAIR0, RegisterBlock.IMMAIR1};
    private static final int[] XEN_REGISTERS = {RegisterBlock.IMTTLBR0, RegisterBlock.IMTTUBR0, RegisterBlock.IMTTBCR};

    private Sleep() {
    }

    /** How state survives. */
    enum Rule {
        /** Nothing is saved: contexts and micro-TLBs are programmed anew from what the driver knows. */
        PROGRAM_ANEW,
        /** The vendor kernel: registers are read before and written back after, IMCTR last, with FLUSH. */
        WRITE_BACK_BSP,
        /** Xen: as the vendor kernel, for the registers that stage 2 uses. */
        WRITE_BACK_XEN;

        static Rule of(Flavour flavour) {
            return flavour == Flavour.BSP ? WRITE_BACK_BSP : PROGRAM_ANEW;
        }
    }

    static void suspend(Instance instance, Rule rule) {
        instance.suspended(true);
        switch (rule) {
            case PROGRAM_ANEW -> { }
            case WRITE_BACK_BSP -> instance.saved(SavedRegisters.of(instance, BSP_REGISTERS));
            case WRITE_BACK_XEN -> instance.saved(SavedRegisters.of(instance, XEN_REGISTERS));
        }
    }

    /**
     * Wakes an instance. What a mode sets up in any instance or root besides contexts and micro-TLBs is done already.
     *
     * @param instances finds the leaves of a root
     */
    static void resume(Instance instance, Instances instances) {
        instance.suspended(false);
        if (!instance.isRoot()) {
            if (!instance.root().suspended()) {
                restoreUtlbs(instance);
            }
            return;
        }
        for (int c = 0; c < instance.features().contexts; c++) {
            if (instance.user(c) != null) {
                restoreContext(instance, c);
            }
        }
        instance.saved(instance.servesClients() ? instance.saved() : null);
        if (instance.servesClients()) {
            restoreUtlbs(instance);
        }
        for (Instance leaf : instances.leavesOf(instance)) {
            if (!leaf.suspended()) {
                restoreUtlbs(leaf);
            }
        }
    }

    /** A context that was made while the root slept has nothing saved. */
    private static void restoreContext(Instance root, int context) {
        SavedRegisters saved = root.saved();
        Instance.ContextUser user = root.user(context);
        if (saved == null || !saved.hasContext(context, user)) {
            user.restore();
            return;
        }
        synchronized (root.lock()) {
            saved.writeContext(context);
            new Sequences(root).writeAll(context, user.leaves(), saved.control(context) | RegisterBlock.IMCTR_FLUSH);
        }
    }

    private static void restoreUtlbs(Instance instance) {
        instance.restoreUtlbs();
        instance.saved(null);
    }
}
