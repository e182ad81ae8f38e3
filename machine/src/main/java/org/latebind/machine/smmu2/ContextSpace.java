package org.latebind.machine.smmu2;

/** The context banks' registers. */
final class ContextSpace {

    private static final int CACHE_LOCK = 1 << 26;
    private static final int CPRE = 1 << 1;

    private final SmmuCore core;
    private final Translation translation;

    ContextSpace(SmmuCore core, PageWalker walker) {
        this.core = core;
        translation = new Translation(core, walker);
    }

    Translation translation() {
        return translation;
    }

    int read(int index, int offset) {
        ContextBank bank = core.banks[index];
        return switch (offset) {
            case Offsets.SCTLR, Offsets.ACTLR, Offsets.TCR2, Offsets.TTBR0, Offsets.TTBR0 + 4, Offsets.TTBR1, Offsets.TTBR1 + 4,
                 Offsets.TCR, Offsets.CONTEXTIDR, Offsets.MAIR0, Offsets.MAIR1, Offsets.FSYNR1 -> bank.get(offset);
            case Offsets.PAR -> (int) bank.par;
            case Offsets.PAR + 4 -> (int) (bank.par >>> 32);
            case Offsets.FSR -> bank.fsr | translation.formatCode(bank) << 9;
            case Offsets.FAR -> (int) bank.far;
            case Offsets.FAR + 4 -> (int) (bank.far >>> 32);
            case Offsets.FSYNR0 -> bank.fsynr0;
            case Offsets.IPAFAR -> (int) bank.ipafar;
            case Offsets.IPAFAR + 4 -> (int) (bank.ipafar >>> 32);
            case Offsets.TLBSTATUS -> bank.sync.active() ? 1 : 0;
            case Offsets.ATSR -> 0;
            default -> core.absent("read", offset);
        };
    }

    void write(int index, int offset, long value, boolean wide) {
        ContextBank bank = core.banks[index];
        core.settle();
        switch (offset) {
            case Offsets.SCTLR -> writeSctlr(bank, (int) value);
            case Offsets.ACTLR -> writeActlr(bank, (int) value);
            case Offsets.TCR2 -> {
                if (core.config.generation().hasCba2r()) {
                    change(bank, offset, (int) value | (core.config.variant().isMmu500() ? 0x60 : 0), "TCR2");
                } else {
                    core.absent("write", offset);
                }
            }
            case Offsets.TCR -> {
                bank.tcrWritten = true;
                change(bank, offset, (int) value, "TCR");
            }
            case Offsets.TTBR0, Offsets.TTBR1 -> writeTtbr(bank, offset, value, wide);
            case Offsets.TTBR0 + 4, Offsets.TTBR1 + 4, Offsets.CONTEXTIDR, Offsets.MAIR0, Offsets.MAIR1 ->
                change(bank, offset, (int) value, "register 0x" + Integer.toHexString(offset));
            case Offsets.FSR -> {
                bank.clearFsr((int) value);
                core.updateInterrupt(bank);
            }
            case Offsets.FSRRESTORE -> {
                bank.fsr = (int) value & Offsets.FSR_FAULTS;
                core.updateInterrupt(bank);
            }
            case Offsets.FAR, Offsets.FAR + 4, Offsets.FSYNR0, Offsets.FSYNR1, Offsets.PAR, Offsets.PAR + 4 -> { }
            case Offsets.RESUME -> resume(bank, (int) value);
            case Offsets.TLBSYNC -> bank.sync.start();
            case Offsets.TLBSTATUS -> core.checker.complain("smmu2-read-only-register", "write of TLBSTATUS%d", index);
            case Offsets.ATS1PR -> translation.addressTranslate(bank, value);
            default -> writeTlbi(bank, offset, value, wide);
        }
    }

    private void change(ContextBank bank, int offset, int value, String name) {
        if (bank.enabled() && bank.get(offset) != value) {
            core.checker.complain("smmu2-context-changed-while-enabled", "%s of context %d changed from 0x%x to 0x%x", name,
                    bank.index, bank.get(offset), value);
        }
        bank.set(offset, value);
    }

    private void writeTtbr(ContextBank bank, int offset, long value, boolean wide) {
        if (!bank.tcrWritten) {
            core.checker.complain("smmu2-ttbr-before-tcr", "TTBR of context %d written before TCR gave the ASID's width",
                    bank.index);
        }
        bank.ttbrWritten |= offset == Offsets.TTBR0;
        change(bank, offset, (int) value, "TTBR");
        if (wide) {
            change(bank, offset + 4, (int) (value >>> 32), "TTBR");
        }
    }

    private void writeActlr(ContextBank bank, int value) {
        boolean mmu500 = core.config.variant().isMmu500();
        boolean locked = mmu500 && (core.sacr & CACHE_LOCK) != 0;
        if (!locked) {
            bank.set(Offsets.ACTLR, value);
        } else if ((value & CPRE) != (bank.get(Offsets.ACTLR) & CPRE)) {
            core.checker.complain("smmu2-actlr-locked", "ACTLR%d written while sACR.CACHE_LOCK is set", bank.index);
        }
    }

    private void resume(ContextBank bank, int value) {
        if ((bank.fsr & Offsets.FSR_FAULTS & ~Offsets.SS) != 0) {
            core.checker.complain("smmu2-resume-before-clear", "RESUME%d written before FSR was cleared", bank.index);
        }
        if (!bank.resume(value)) {
            core.checker.complain("smmu2-resume-nothing-held", "RESUME%d written, no transaction is held", bank.index);
        }
    }

    private void writeSctlr(ContextBank bank, int value) {
        boolean before = bank.enabled();
        boolean after = (value & Offsets.M) != 0;
        if (!before && after) {
            checkStart(bank);
        } else if (before && !after) {
            int user = core.streams.userOf(bank.index);
            if (user != StreamMap.NONE) {
                core.checker.complain("smmu2-context-disabled-in-use", "context %d disabled, S2CR%d still selects it",
                        bank.index, user);
            }
            bank.tcrWritten = false;
            bank.ttbrWritten = false;
        }
        bank.set(Offsets.SCTLR, value);
        core.updateInterrupt(bank);
    }

    private void checkStart(ContextBank bank) {
        if (!bank.tcrWritten || !bank.ttbrWritten || bank.get64(Offsets.TTBR0) == 0) {
            core.checker.complain("smmu2-context-started-before-tables", "context %d enabled without TCR and TTBR0", bank.index);
        }
        if (translation.stageOf(bank) == 1 && bank.index < core.config.stage2Banks()) {
            core.checker.complain("smmu2-stage1-in-stage2-bank", "context %d serves stage 2 only", bank.index);
        }
        TranslationTag tag = translation.tagOf(bank);
        long tables = translation.tables(bank);
        if (core.tlb.holds(tag) && tables != bank.enabledTtbr) {
            core.checker.complain("smmu2-tag-reused-without-invalidation",
                    "context %d starts on new tables, entries of %s are still cached", bank.index, tag);
        }
        for (ContextBank other : core.banks) {
            if (other != bank && other.enabled() && translation.tagOf(other).equals(tag) && translation.tables(other) != tables) {
                core.checker.complain("smmu2-tag-shared", "contexts %d and %d use %s for different tables", bank.index,
                        other.index, tag);
            }
        }
        bank.enabledTtbr = tables;
    }

    private void writeTlbi(ContextBank bank, int offset, long value, boolean wide) {
        Invalidation.Scope scope = switch (offset) {
            case Offsets.TLBIVA, Offsets.TLBIVAL -> Invalidation.Scope.ADDRESS;
            case Offsets.TLBIASID -> Invalidation.Scope.ASID;
            case Offsets.TLBIIPAS2, Offsets.TLBIIPAS2L -> Invalidation.Scope.INTERMEDIATE_ADDRESS;
            default -> null;
        };
        boolean secondStage = scope == Invalidation.Scope.INTERMEDIATE_ADDRESS;
        if (scope == null || secondStage && core.config.generation() != Generation.V2) {
            core.absent("write", offset);
            return;
        }
        if (translation.stageOf(bank) != (secondStage ? 2 : 1)) {
            core.checker.complain("smmu2-tlbi-of-other-stage", "TLB operation 0x%x in context %d of stage %d", offset, bank.index,
                    translation.stageOf(bank));
            return;
        }
        boolean format64 = translation.is64(bank);
        if (wide != (format64 && scope != Invalidation.Scope.ASID)) {
            core.checker.complain("smmu2-access-size", "TLB operation 0x%x of context %d has the wrong width", offset,
                    bank.index);
        }
        boolean lastOnly = offset == Offsets.TLBIVAL || offset == Offsets.TLBIIPAS2L;
        int asid = scope == Invalidation.Scope.ASID ? (int) value & 0xffff
                : secondStage ? 0 : format64 ? (int) (value >>> 48) : (int) value & 0xff;
        long address = secondStage ? value << 12
                : format64 ? (value << 20) >> 8 : value & 0xfffff000L;
        core.tlb.issue(bank.index, new Invalidation(scope, translation.tagOf(bank).vmid(), asid, address, lastOnly));
    }
}
