package org.latebind.machine.ipmmu;

import org.latebind.hardware.DmaResult;
import org.latebind.machine.ModelFactory;
import org.latebind.machine.StreamTranslator;
import org.latebind.machine.Verdict;

/** The way of one access: micro-TLB, cache of the leaf, cache of the root, table walk by the root. */
final class IpmmuTranslator implements StreamTranslator {

    private static final long PAGE_MASK = 0xFFFL;
    private static final int PMB_SELECT = 8;
    private static final int SL0_GEN2 = 1 << 4;
    private static final int SL0_SHIFT = 6;
    private static final int TSZ0_MASK = 0x1F;
    private static final long BUS_END = 1L << 40;

    private final IpmmuModel leaf;
    private final ModelFactory.Surroundings surroundings;
    private final ProtocolChecker checker;
    private final boolean strict;
    private final boolean cacheFaults;
    private final boolean multipleHits;

    IpmmuTranslator(IpmmuModel leaf, ModelFactory.Surroundings surroundings, ProtocolChecker checker) {
        this.leaf = leaf;
        this.surroundings = surroundings;
        this.checker = checker;
        this.strict = Boolean.parseBoolean(surroundings.option(IpmmuFactory.STRICT, "false"));
        this.cacheFaults = Boolean.parseBoolean(surroundings.option(IpmmuFactory.CACHE_FAULTS, "false"));
        this.multipleHits = Boolean.parseBoolean(surroundings.option(IpmmuFactory.MULTIPLE_HITS, "false"));
    }

    @Override
    public Verdict translate(int utlb, long address, boolean write) {
        IpmmuModel root = leaf.root();
        leaf.settle();
        if (root != null) {
            root.settle();
        }
        if (utlb < 0 || utlb >= leaf.utlbCount()) {
            checker.report("ipmmu-utlb-out-of-range", "a master emits on micro-TLB " + utlb + ", there are " + leaf.utlbCount());
            return Verdict.untranslated(address, "no micro-TLB " + utlb);
        }
        int control = leaf.utlb(utlb);
        if ((control & IpmmuModel.UTLB_MMUEN) == 0) {
            return Verdict.untranslated(address, "micro-TLB " + utlb + " is off");
        }
        if ((leaf.control() & IpmmuModel.IMSCTLR_USE_SECGRP) != 0) {
            return new Verdict(DmaResult.Kind.BLOCKED, 0, "IMSCTLR.USE_SECGRP is set: the leaf translates nothing");
        }
        int context = leaf.context(control);
        if (root == null || dead(root, context)) {
            return onDeadContext(utlb, context, address);
        }
        return translateIn(root, utlb, context, address, write);
    }

    private boolean dead(IpmmuModel root, int context) {
        boolean pmb = context == PMB_SELECT && leaf.generation() != IpmmuGeneration.GEN4;
        return pmb || context >= leaf.generation().contexts() || !leaf.bank(context).enabled() || !root.bank(context).enabled();
    }

    private Verdict onDeadContext(int utlb, int context, long address) {
        String what = "micro-TLB " + utlb + " is on, its context " + context + " is off";
        checker.report("ipmmu-dma-on-dead-context", what + ", access to 0x" + Long.toHexString(address));
        return strict ? new Verdict(DmaResult.Kind.FAULT, 0, what) : Verdict.untranslated(address, what);
    }

    private Verdict translateIn(IpmmuModel root, int utlb, int context, long address, boolean write) {
        long page = address & ~PAGE_MASK;
        Walk.Result fresh = walk(root, context, page);
        Walk.Result used = find(root, utlb, context, page);
        if (used == null) {
            used = fresh;
        } else if (!same(used, fresh)) {
            boolean pending = leaf.bank(context).flushing() || root.bank(context).flushing();
            checker.report(pending ? "ipmmu-flush-not-awaited" : "ipmmu-stale-translation", (write ? "write" : "read")
                    + " of 0x" + Long.toHexString(address) + " in context " + context + " by micro-TLB " + utlb
                    + " used a cached entry that the tables no longer hold: " + describe(used) + ", now " + describe(fresh));
            if (multipleHits && fresh.end() == Walk.End.MAPPED && used.end() == Walk.End.MAPPED) {
                return record(root, context, ContextBank.IMSTR_MHIT, fresh, 0, address, write);
            }
        }
        if (used.end() == Walk.End.MAPPED || cacheFaults) {
            leaf.utlbTlb(utlb).fill(context, page, used);
            leaf.tlb().fill(context, page, used);
            root.tlb().fill(context, page, used);
        }
        if (used.permits(write)) {
            return Verdict.translated(used.page() | address & PAGE_MASK);
        }
        return fault(root, context, used, address, write);
    }

    private Walk.Result find(IpmmuModel root, int utlb, int context, long page) {
        Walk.Result found = leaf.utlbTlb(utlb).find(context, page);
        if (found == null) {
            found = leaf.tlb().find(context, page);
        }
        return found == null ? root.tlb().find(context, page) : found;
    }

    private static boolean same(Walk.Result a, Walk.Result b) {
        return a.end() == b.end() && a.page() == b.page() && a.readable() == b.readable() && a.writable() == b.writable();
    }

    private static String describe(Walk.Result result) {
        return result.end() != Walk.End.MAPPED ? "nothing"
                : "0x" + Long.toHexString(result.page()) + (result.readable() ? " r" : " ") + (result.writable() ? "w" : "");
    }

    private Walk.Result walk(IpmmuModel root, int context, long page) {
        ContextBank bank = root.bank(context);
        int ttbcr = bank.get(ContextBank.IMTTBCR);
        if ((ttbcr & ContextBank.IMTTBCR_EAE) == 0) {
            return Walk.Result.fault(Walk.End.TRANSLATION_FAULT, 0, Walk.ERROR_FORMAT);
        }
        Walk.Result result = (bank.get(ContextBank.IMCTR) & ContextBank.IMCTR_VA64) != 0
                ? stage2(root, bank, ttbcr, page) : stage1(bank, ttbcr, page);
        if (result.end() == Walk.End.MAPPED && Long.compareUnsigned(result.page(), BUS_END) >= 0) {
            return Walk.Result.fault(Walk.End.ABORT, result.level(), 0);
        }
        return result;
    }

    private Walk.Result stage1(ContextBank bank, int ttbcr, long page) {
        int startLevel = leaf.generation().singleLevel() ? (ttbcr & SL0_GEN2) != 0 ? 1 : 2 : 3 - (ttbcr >>> SL0_SHIFT & 3);
        if (startLevel < 1) {
            checker.report("ipmmu-start-level", "IMTTBCR 0x" + Integer.toHexString(ttbcr) + " names no start level of stage 1");
            return Walk.Result.fault(Walk.End.TRANSLATION_FAULT, 0, Walk.ERROR_FORMAT);
        }
        return Walk.stage1(surroundings.memory(), bank.tableBase(), startLevel, page);
    }

    private Walk.Result stage2(IpmmuModel root, ContextBank bank, int ttbcr, long page) {
        int inputBits = Long.SIZE - (ttbcr & TSZ0_MASK);
        String problem = "";
        if ((root.auxControl() & IpmmuModel.IMSAUXCTLR_S2PTE) == 0) {
            problem = "IMSAUXCTLR.S2PTE is not set";
        } else if ((ttbcr & ContextBank.IMTTBCR_PMB) == 0) {
            problem = "IMTTBCR.PMB is not set: stage 1 is not bypassed";
        } else if ((ttbcr >>> SL0_SHIFT & 3) != 1) {
            problem = "IMTTBCR.SL0 is not 1, the only documented start level with VA64";
        } else if (inputBits > 40) {
            problem = "input addresses of " + inputBits + " bits, at most 40 are walkable";
        }
        if (!problem.isEmpty()) {
            checker.report("ipmmu-stage2-setup", problem);
            return Walk.Result.fault(Walk.End.TRANSLATION_FAULT, 1, Walk.ERROR_FORMAT);
        }
        return Walk.stage2(surroundings.memory(), bank.tableBase(), inputBits, page);
    }

    private Verdict fault(IpmmuModel root, int context, Walk.Result result, long address, boolean write) {
        int bit = switch (result.end()) {
            case TRANSLATION_FAULT -> ContextBank.IMSTR_TF;
            case ABORT -> ContextBank.IMSTR_ABORT;
            case MAPPED, PERMISSION_FAULT -> ContextBank.IMSTR_PF;
        };
        int error = result.end() == Walk.End.MAPPED ? Walk.ERROR_PERMISSION : result.error();
        return record(root, context, bit, result, error, address, write);
    }

    /** The first fault keeps the address until it is cleared; later ones only add their bit. */
    private Verdict record(IpmmuModel root, int context, int bit, Walk.Result result, int error, long address, boolean write) {
        ContextBank bank = root.bank(context);
        int status = bank.get(ContextBank.IMSTR);
        if ((status & ContextBank.IMSTR_FAULTS) == 0) {
            status |= error << 8 | result.level() << 12;
            bank.set(ContextBank.IMELAR, (int) address);
            if (!leaf.generation().singleLevel()) {
                bank.set(ContextBank.IMEUAR, (int) (address >>> 32) & 0xFF);
            }
        }
        bank.set(ContextBank.IMSTR, status | bit);
        root.updateInterrupt();
        return new Verdict(DmaResult.Kind.FAULT, 0, switch (bit) {
            case ContextBank.IMSTR_TF -> "translation fault";
            case ContextBank.IMSTR_ABORT -> "abort on table walk";
            case ContextBank.IMSTR_MHIT -> "multiple TLB hits";
            default -> "permission fault";
        } + ", " + (write ? "write" : "read") + ", context " + context);
    }
}
