package org.latebind.machine.ipmmu;

import org.latebind.hardware.Finding;
import org.latebind.machine.ModelFactory;

/** The rules of the register protocol. Looks at every write before it takes effect; changes nothing. */
final class ProtocolChecker {

    /** IMSCTLR has its bits here; anything else written to it was meant for another register. */
    private static final int IMSCTLR_BITS = 0xF000_0000;

    private final IpmmuModel model;
    private final ModelFactory.Surroundings surroundings;

    ProtocolChecker(IpmmuModel model, ModelFactory.Surroundings surroundings) {
        this.model = model;
        this.surroundings = surroundings;
    }

    void report(String rule, String detail) {
        surroundings.report(new Finding(rule, model.path(), detail));
    }

    void accessSize(long offset) {
        report("ipmmu-access-size", "64-bit access at offset " + hex(offset) + "; registers have 32 bits");
    }

    void read(IpmmuGeneration.Location at, long offset) {
        place(at, offset, "read");
    }

    void write(IpmmuGeneration.Location at, long offset, int value) {
        place(at, offset, "write of " + hex(value));
        switch (at.kind()) {
            case CONTEXT -> contextWrite(at, value);
            case UTLB_CONTROL -> utlbWrite(at.index(), value);
            case CONTROL -> {
                if ((value & ~IMSCTLR_BITS) != 0) {
                    report("ipmmu-utlb-range-trap", "write of " + hex(value) + " to IMSCTLR at " + hex(offset)
                            + ": micro-TLB 32 lies at 0x600, not behind micro-TLB 31");
                }
            }
            case UTLB_ASID, AUX_CONTROL, PMB, SECURE_BANK, UNKNOWN -> { }
        }
    }

    private void place(IpmmuGeneration.Location at, long offset, String access) {
        switch (at.kind()) {
            case SECURE_BANK -> report("ipmmu-secure-bank", access + " at " + hex(offset)
                    + ": the non-secure bank begins at 0x800");
            case UNKNOWN, PMB -> report("ipmmu-unknown-register", access + " at offset " + hex(offset));
            case UTLB_CONTROL, UTLB_ASID -> {
                if (!model.isLeaf()) {
                    report("ipmmu-unknown-register", access + " at offset " + hex(offset) + ": a root has no micro-TLBs");
                }
            }
            case CONTEXT -> {
                if (!model.isRoot() && at.register() != ContextBank.IMCTR) {
                    report("ipmmu-context-register-on-leaf", access + " at offset " + hex(offset)
                            + ": a leaf has only IMCTR of a context");
                }
            }
            case CONTROL, AUX_CONTROL -> { }
        }
    }

    private void contextWrite(IpmmuGeneration.Location at, int value) {
        ContextBank bank = model.bank(at.index());
        switch (at.register()) {
            case ContextBank.IMCTR -> controlWrite(at.index(), bank, value);
            case ContextBank.IMTTLBR0, ContextBank.IMTTUBR0, ContextBank.IMTTBCR, ContextBank.IMMAIR0 -> {
                if (model.isRoot() && bank.enabled() && bank.get(at.register()) != value) {
                    report("ipmmu-context-changed-while-running", "write of " + hex(value) + " to register "
                            + hex(at.register()) + " of context " + at.index() + ", which translates");
                }
                if (model.isRoot() && bank.flushing()) {
                    report("ipmmu-flush-not-awaited", "context " + at.index()
                            + " is set up again while its invalidation still runs");
                }
            }
            default -> { }
        }
    }

    private void controlWrite(int context, ContextBank bank, int value) {
        boolean on = (value & ContextBank.IMCTR_MMUEN) != 0;
        if (model.isRoot()) {
            rootControl(context, bank, value, on);
        }
        if (!model.isRoot() && on && !bank.enabled()) {
            leafEnabled(context);
        }
        if (!on && bank.enabled()) {
            dangling(context);
        }
    }

    private void rootControl(int context, ContextBank bank, int value, boolean on) {
        if (on && !bank.enabled()) {
            boolean complete = bank.tablesWritten == ContextBank.TABLES_ALL && bank.tableBase() != 0
                    && (bank.get(ContextBank.IMTTBCR) & ContextBank.IMTTBCR_EAE) != 0;
            if (!complete) {
                report("ipmmu-context-before-tables", "context " + context + " starts before IMTTLBR0, IMTTUBR0 and IMTTBCR"
                        + " were written");
            }
        }
        if (!on && bank.enabled()) {
            for (IpmmuModel leaf : model.leaves()) {
                if (leaf != model && leaf.bank(context).enabled()) {
                    report("ipmmu-root-before-leaf", "context " + context + " is stopped in the root while it runs in "
                            + leaf.path());
                }
            }
        }
        if (on && bank.enabled() && (value & ContextBank.IMCTR_FLUSH) != 0) {
            for (IpmmuModel leaf : model.leaves()) {
                if (leaf != model && leaf.bank(context).enabled() && leaf.bank(context).flushSequence <= bank.flushSequence) {
                    report("ipmmu-root-before-leaf", "context " + context + " is invalidated in the root before " + leaf.path());
                }
            }
        }
    }

    /** Stage 1 contexts start in the leaf first; a stage 2 context already runs when a further leaf joins it. */
    private void leafEnabled(int context) {
        IpmmuModel root = model.root();
        if (root != null && root.bank(context).enabled()
                && (root.bank(context).get(ContextBank.IMCTR) & ContextBank.IMCTR_VA64) == 0) {
            report("ipmmu-root-before-leaf", "context " + context + " starts in this leaf after the root");
        }
    }

    private void dangling(int context) {
        for (IpmmuModel leaf : model.isRoot() ? model.leaves() : java.util.List.of(model)) {
            for (int n = 0; n < leaf.utlbCount(); n++) {
                int control = leaf.utlb(n);
                if ((control & IpmmuModel.UTLB_MMUEN) != 0 && leaf.context(control) == context) {
                    report("ipmmu-dangling-utlb", "context " + context + " stops while micro-TLB " + n + " of " + leaf.path()
                            + " uses it");
                }
            }
        }
    }

    private void utlbWrite(int n, int value) {
        if (n >= model.utlbCount() || (value & IpmmuModel.UTLB_MMUEN) == 0) {
            return;
        }
        int context = model.context(value);
        IpmmuModel root = model.root();
        boolean live = root != null && context < model.generation().contexts() && root.bank(context).enabled()
                && model.bank(context).enabled();
        if (!live) {
            report("ipmmu-utlb-on-dead-context", "micro-TLB " + n + " is switched on with context " + context
                    + ", which does not run");
        }
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    private static String hex(int value) {
        return "0x" + Integer.toHexString(value);
    }
}
