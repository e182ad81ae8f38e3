package org.latebind.machine.smmu2;

import org.latebind.machine.ModelFactory;

/** The state of one instance, and its register map: decides which part a register belongs to. */
final class SmmuCore {

    final Configuration config;
    final ModelFactory.Surroundings env;
    final ProtocolChecker checker;
    final InterruptPins pins;
    final int number;
    final StreamMap streams;
    final Tlb tlb = new Tlb();
    final SyncUnit globalSync;
    final ContextBank[] banks;
    final int[] cbar;
    final int[] cba2r;
    final int[] cbfrsynra;
    int scr0;
    int sacr;
    int sgfsr;
    int sgfsynr0;
    int sgfsynr1;
    long sgfar;
    boolean tlbInvalidated;

    private final GlobalSpace global;
    private final ContextSpace context;

    SmmuCore(Configuration config, ModelFactory.Surroundings env, ProtocolChecker checker, InterruptPins pins, int number,
            PageWalker walker) {
        this.config = config;
        this.env = env;
        this.checker = checker;
        this.pins = pins;
        this.number = number;
        streams = new StreamMap(config, checker);
        globalSync = new SyncUnit(-1, tlb, env::nanos, config.syncNanos(), config.syncStuck());
        banks = new ContextBank[config.banks()];
        cbar = new int[config.banks()];
        cba2r = new int[config.banks()];
        cbfrsynra = new int[config.banks()];
        boolean mmu500 = config.variant().isMmu500();
        for (int n = 0; n < banks.length; n++) {
            banks[n] = new ContextBank(n, new SyncUnit(n, tlb, env::nanos, config.syncNanos(), config.syncStuck()), mmu500);
            cbar[n] = mmu500 ? 0x20000 : 0;
        }
        scr0 = config.firmwareStreams().isEmpty() ? Offsets.CLIENTPD : 0;
        scr0 |= mmu500 ? Offsets.SMCFCFG : 0;
        sacr = mmu500 ? 0x0400001c : 0;
        global = new GlobalSpace(this);
        context = new ContextSpace(this, walker);
    }

    Translation translation() {
        return context.translation();
    }

    long read(long offset, int sizeBytes) {
        if (sizeBytes == 8 && !wide(offset)) {
            checker.complain("smmu2-access-size", "64-bit read of 0x%x", offset);
        }
        long low = Integer.toUnsignedLong(read32(offset));
        return sizeBytes == 8 ? low | (long) read32(offset + 4) << 32 : low;
    }

    void write(long offset, int sizeBytes, long value) {
        if (sizeBytes == 8) {
            if (!wide(offset)) {
                checker.complain("smmu2-access-size", "64-bit write of 0x%x", offset);
            }
            if (isContext(offset)) {
                context.write(bankOf(offset), inPage(offset), value, true);
            } else {
                write32(offset, (int) value);
                write32(offset + 4, (int) (value >>> 32));
            }
            return;
        }
        write32(offset, (int) value);
    }

    private int read32(long offset) {
        if (isContext(offset)) {
            int bank = bankOf(offset);
            return bank < banks.length ? context.read(bank, inPage(offset)) : absent("read", offset);
        }
        return switch ((int) (offset >> config.pageShift())) {
            case 0 -> global.readPage0(inPage(offset));
            case 1 -> global.readPage1(inPage(offset));
            default -> absent("read", offset);
        };
    }

    private void write32(long offset, int value) {
        if (isContext(offset)) {
            int bank = bankOf(offset);
            if (bank < banks.length) {
                context.write(bank, inPage(offset), Integer.toUnsignedLong(value), false);
            } else {
                absent("write", offset);
            }
            return;
        }
        switch ((int) (offset >> config.pageShift())) {
            case 0 -> global.writePage0(inPage(offset), value);
            case 1 -> global.writePage1(inPage(offset), value);
            default -> absent("write", offset);
        }
    }

    int absent(String access, long offset) {
        checker.complain("smmu2-register-absent", "%s of 0x%x: no such register", access, offset);
        return 0;
    }

    private boolean isContext(long offset) {
        return offset >> config.pageShift() >= config.pages();
    }

    private int bankOf(long offset) {
        return (int) (offset >> config.pageShift()) - config.pages();
    }

    private int inPage(long offset) {
        return (int) (offset & (1L << config.pageShift()) - 1);
    }

    private boolean wide(long offset) {
        int o = inPage(offset);
        if (!isContext(offset)) {
            return offset >> config.pageShift() == 0 && o == Offsets.SGFAR;
        }
        return switch (o) {
            case Offsets.TTBR0, Offsets.TTBR1, Offsets.PAR, Offsets.FAR, Offsets.IPAFAR, Offsets.TLBIVA, Offsets.TLBIVAL,
                 Offsets.TLBIIPAS2, Offsets.TLBIIPAS2L, Offsets.ATS1PR -> true;
            default -> false;
        };
    }

    /** Completes the synchronisations whose time is over. */
    void settle() {
        globalSync.settle();
        for (ContextBank bank : banks) {
            bank.sync.settle();
        }
    }

    /** Drives all interrupt pins from the state; source numbers keep instances and causes apart. */
    void updateInterrupts(boolean configurationFault) {
        int enable = configurationFault ? Offsets.GCFGFIE : Offsets.GFIE;
        int configFaults = Offsets.ICF | Offsets.UCBF;
        boolean wanted = (sgfsr & ~configFaults & ~Offsets.MULTI) != 0 && (scr0 & Offsets.GFIE) != 0
                || (sgfsr & configFaults) != 0 && (scr0 & Offsets.GCFGFIE) != 0
                || sgfsr == Offsets.MULTI && (scr0 & enable) != 0;
        pins.set(Math.min(number, config.globalInterrupts() - 1), number << 16 | 0xffff, wanted);
    }

    void updateInterrupt(ContextBank bank) {
        int pin = config.generation() == Generation.V2 ? bank.index : cbar[bank.index] >>> 24;
        pins.set(config.globalInterrupts() + pin, number << 16 | bank.index, bank.interruptWanted());
    }
}
