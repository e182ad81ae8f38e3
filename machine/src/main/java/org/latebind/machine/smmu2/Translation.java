package org.latebind.machine.smmu2;

import java.util.Objects;
import org.latebind.hardware.DmaResult;
import org.latebind.machine.Verdict;

/** What happens to a transaction: stream matching, stages, TLB, faults (Arm IHI 0062, chapters 2 and 3). */
final class Translation {

    private static final int WNR = 1 << 4;
    private static final int PTWF = 1 << 10;

    private final SmmuCore core;
    private final PageWalker walker;

    Translation(SmmuCore core, PageWalker walker) {
        this.core = core;
        this.walker = walker;
    }

    Verdict translate(int streamId, long address, boolean write) {
        core.settle();
        if ((core.scr0 & Offsets.CLIENTPD) != 0) {
            return bypass(address, "client port disabled");
        }
        int n = core.streams.match(streamId);
        if (n == StreamMap.SEVERAL) {
            core.checker.complain("smmu2-stream-match-conflict", "stream 0x%x matches several entries", streamId);
            return globalFault(Offsets.SMCF, streamId, address, write, "stream matches several entries");
        }
        if (n == StreamMap.NONE) {
            return (core.scr0 & Offsets.USFCFG) != 0
                    ? globalFault(Offsets.USF, streamId, address, write, "unidentified stream")
                    : bypass(address, "unmatched stream bypasses");
        }
        return switch (core.streams.type(n)) {
            case Offsets.TYPE_TRANSLATE -> throughContext(core.streams.s2cr(n) & 0xff, streamId, address, write);
            case Offsets.TYPE_BYPASS -> bypass(address, "stream entry " + n + " bypasses");
            default -> globalFault(Offsets.ICF, streamId, address, write, "stream entry " + n + " faults");
        };
    }

    private Verdict bypass(long address, String why) {
        int bits = core.config.outputBits();
        return Verdict.untranslated(bits >= 64 ? address : address & (1L << bits) - 1, why);
    }

    private Verdict globalFault(int bit, int streamId, long address, boolean write, String why) {
        if (core.sgfsr != 0) {
            core.sgfsr |= Offsets.MULTI;
        } else {
            core.sgfsr = bit;
            core.sgfar = address;
            core.sgfsynr0 = write ? 1 << 1 : 0;
            core.sgfsynr1 = streamId & 0xffff;
        }
        core.updateInterrupts(bit == Offsets.ICF || bit == Offsets.UCBF);
        return new Verdict(DmaResult.Kind.FAULT, address, why + ", stream 0x" + Integer.toHexString(streamId));
    }

    private Verdict throughContext(int index, int streamId, long address, boolean write) {
        if (index >= core.banks.length) {
            return globalFault(Offsets.UCBF, streamId, address, write, "context " + index + " is not there");
        }
        Stages s = new Stages(core.banks[index], address, write);
        Verdict done = s.run(streamId);
        if (done != null) {
            return done;
        }
        fault(s, streamId);
        return new Verdict(DmaResult.Kind.FAULT, address, s.describe());
    }

    /** Tells whether software answered the transaction held last in the stream's context with "retry"; asked once. */
    boolean retries(int streamId, long address) {
        int n = core.streams.match(streamId);
        int index = n >= 0 && core.streams.type(n) == Offsets.TYPE_TRANSLATE ? core.streams.s2cr(n) & 0xff : -1;
        return index >= 0 && index < core.banks.length && core.banks[index].takeRetry(address);
    }

    /** Records a context fault and, when the context wants it, holds the transaction. */
    private void fault(Stages s, int streamId) {
        ContextBank bank = s.faultBank;
        int syndrome = s.walk.level() & 3 | (s.write ? WNR : 0) | (s.walk.onWalk() ? PTWF : 0)
                | (bank != s.bank ? s.bank.index << 16 : 0);
        boolean fresh = bank.record(s.walk.fault(), s.input, syndrome);
        boolean stall = bank.sctlr(Offsets.CFCFG) && (core.scr0 & Offsets.STALLD) == 0 && fresh;
        if (fresh) {
            core.cbfrsynra[bank.index] = streamId & 0xffff;
            bank.ipafar = s.faultAddress;
        }
        if (stall) {
            bank.hold();
        }
        s.stalled = stall;
        core.updateInterrupt(bank);
    }

    /** One pass of a transaction through the stages of its context. */
    private final class Stages {
        final ContextBank bank;
        final long input;
        final boolean write;
        Walk walk;
        ContextBank faultBank;
        long faultAddress;
        boolean stalled;
        boolean translated;

        Stages(ContextBank bank, long input, boolean write) {
            this.bank = bank;
            this.input = input;
            this.write = write;
        }

        /** Returns the verdict, or null with the fault in the fields. */
        Verdict run(int streamId) {
            int type = core.cbar[bank.index] >> 16 & 3;
            if (type == Offsets.CBAR_S2) {
                return finish(stage(bank, input, PageWalker.Fetch.DIRECT));
            }
            ContextBank second = type == Offsets.CBAR_NESTED ? secondStage() : null;
            PageWalker.Fetch fetch = second == null ? PageWalker.Fetch.DIRECT : a -> physical(second, a);
            long intermediate = stage(bank, input, fetch);
            if (walk != null) {
                return null;
            }
            if (type == Offsets.CBAR_S1_FAULT) {
                return globalFault(Offsets.ICF, streamId, input, write, "context " + bank.index + " faults at stage 2");
            }
            return finish(second == null ? intermediate : stage(second, intermediate, PageWalker.Fetch.DIRECT));
        }

        private ContextBank secondStage() {
            int index = core.cbar[bank.index] >> 8 & 0xff;
            return index < core.banks.length ? core.banks[index] : null;
        }

        private Verdict finish(long output) {
            if (walk != null) {
                return null;
            }
            return translated ? Verdict.translated(output) : bypass(output, "context " + bank.index + " is disabled");
        }

        private long stage(ContextBank in, long address, PageWalker.Fetch fetch) {
            if (!in.enabled()) {
                if (!(core.config.bypassQuirk() && in.index == core.banks.length - 1)) {
                    core.checker.complain("smmu2-context-not-set-up", "a transaction went through context %d, which is disabled",
                            in.index);
                }
                return address;
            }
            Walk w = lookup(in, address, fetch);
            if (w.fault() == 0 && !w.entry().allows(write)) {
                w = Walk.fault(Offsets.PF, w.level());
            }
            if (w.fault() != 0) {
                walk = w;
                faultBank = in;
                faultAddress = address;
                return address;
            }
            translated = true;
            return w.entry().translate(address);
        }

        String describe() {
            String kind = switch (walk.fault()) {
                case Offsets.TF -> "translation fault";
                case Offsets.AFF -> "access flag fault";
                case Offsets.PF -> "permission fault";
                case Offsets.ASF -> "address size fault";
                default -> "external fault";
            };
            return kind + ", context " + faultBank.index + ", level " + walk.level() + (stalled ? ", stalled" : "");
        }
    }

    private long physical(ContextBank second, long address) {
        if (!second.enabled()) {
            return address;
        }
        Walk w = lookup(second, address, PageWalker.Fetch.DIRECT);
        return w.fault() == 0 && w.entry().readable() ? w.entry().translate(address) : -1;
    }

    /** TLB, else walk; every hit is compared with what the tables say now. */
    private Walk lookup(ContextBank bank, long address, PageWalker.Fetch fetch) {
        TranslationTag tag = tagOf(bank);
        Regime regime = regimeOf(bank);
        Walk now = walker.walk(regime, address, null, fetch);
        TlbEntry hit = core.tlb.find(tag, address);
        if (hit != null) {
            checkHit(tag, hit, now, address, bank);
            return Walk.of(hit, now.level(), null);
        }
        Tlb.CachedTable table = core.tlb.findTable(tag, address);
        Walk used = table == null ? now : walker.walk(regime, address, table, fetch);
        if (table != null && !Objects.equals(used.lastTable(), now.lastTable())) {
            core.checker.complain("smmu2-stale-walk-cache", "context %d walks address 0x%x through a table that is gone",
                    bank.index, address);
        }
        if (used.fault() == 0) {
            core.tlb.add(tag, used.entry());
            if (used.lastTable() != null) {
                core.tlb.addTable(tag, used.lastTable());
            }
        }
        return used;
    }

    private void checkHit(TranslationTag tag, TlbEntry hit, Walk now, long address, ContextBank bank) {
        boolean stale = now.fault() != 0 || now.entry().translate(address) != hit.translate(address)
                || now.entry().readable() != hit.readable() || now.entry().writable() != hit.writable();
        if (!stale) {
            return;
        }
        if (!core.tlb.awaited(tag, hit)) {
            core.checker.complain("smmu2-stale-translation", "context %d used a stale entry for address 0x%x", bank.index,
                    address);
        } else if (core.tlb.unsynchronised()) {
            core.checker.complain("smmu2-sync-missing", "context %d used a stale entry for address 0x%x: its invalidation was "
                    + "never synchronised", bank.index, address);
        }
    }

    /** ATS1PR: a stage-1 translation for a privileged read, answered in PAR. */
    void addressTranslate(ContextBank bank, long address) {
        Configuration c = core.config;
        if (!c.has(Configuration.ID0_S1TS) || c.generation() == Generation.V2 && c.has(Configuration.ID0_ATOSNS)) {
            core.absent("write", Offsets.ATS1PR);
            return;
        }
        Walk w = walker.walk(regimeOf(bank), address, null, PageWalker.Fetch.DIRECT);
        bank.par = w.fault() == 0 ? w.entry().translate(address) & 0xfffffff000L : 1L | w.fault() << 1;
    }

    int stageOf(ContextBank bank) {
        return (core.cbar[bank.index] >> 16 & 3) == Offsets.CBAR_S2 ? 2 : 1;
    }

    boolean is64(ContextBank bank) {
        return core.config.generation().hasCba2r() && (core.cba2r[bank.index] & 1) != 0;
    }

    int formatCode(ContextBank bank) {
        return is64(bank) ? 2 : bank.get(Offsets.TCR) < 0 ? 1 : 0;
    }

    long tables(ContextBank bank) {
        return bank.get64(Offsets.TTBR0) & 0x0000ffffffffffffL;
    }

    TranslationTag tagOf(ContextBank bank) {
        boolean wideVmid = (core.scr0 & Offsets.VMID16EN) != 0;
        int vmid = wideVmid ? core.cba2r[bank.index] >>> 16 : core.cbar[bank.index] & 0xff;
        if (stageOf(bank) == 2) {
            return new TranslationTag(2, vmid, 0);
        }
        boolean wideAsid = is64(bank) && (bank.get(Offsets.TCR2) & 1 << 4) != 0;
        boolean fromTtbr1 = (bank.get(Offsets.TCR) & 1 << 22) != 0;
        int asid = formatCode(bank) == 0 ? bank.get(Offsets.CONTEXTIDR) & 0xff
                : (int) (bank.get64(fromTtbr1 ? Offsets.TTBR1 : Offsets.TTBR0) >>> 48) & (wideAsid ? 0xffff : 0xff);
        return new TranslationTag(1, vmid, asid);
    }

    private Regime regimeOf(ContextBank bank) {
        int stage = stageOf(bank);
        Regime.Format format = is64(bank) ? Regime.Format.LONG_64
                : stage == 2 || bank.get(Offsets.TCR) < 0 ? Regime.Format.LONG_32 : Regime.Format.SHORT;
        int input = format == Regime.Format.LONG_64
                ? stage == 2 ? core.config.intermediateBits() : core.config.inputBits() : stage == 2 ? 40 : 32;
        int output = format == Regime.Format.SHORT ? 40 : core.config.outputBits();
        return new Regime(stage, format, tables(bank), bank.get64(Offsets.TTBR1) & 0x0000ffffffffffffL, bank.get(Offsets.TCR),
                stage == 1 ? bank.get(Offsets.TCR2) : 0, bank.get64(Offsets.MAIR0), input, output, bank.sctlr(1 << 2));
    }
}
