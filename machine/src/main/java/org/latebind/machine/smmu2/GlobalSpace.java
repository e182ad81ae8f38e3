package org.latebind.machine.smmu2;

/** Global register spaces 0 and 1. */
final class GlobalSpace {

    /** sCR0 bits that MMU-500 does not implement (read as zero): GSE, STALLD, GCFGFIE, GCFGFRE. */
    private static final int MMU500_RAZ = Offsets.GSE | Offsets.STALLD | Offsets.GCFGFIE | Offsets.GCFGFRE;

    private final SmmuCore core;
    private final boolean secureView;

    GlobalSpace(SmmuCore core) {
        this.core = core;
        secureView = core.env.node().has("calxeda,smmu-secure-config-access");
    }

    int readPage0(int offset) {
        Configuration c = core.config;
        if (offset >= Offsets.SMR && offset < Offsets.SMR + 4 * c.groups() && offset < Offsets.S2CR) {
            return core.streams.smr((offset - Offsets.SMR) / 4);
        }
        if (offset >= Offsets.S2CR && offset < Offsets.S2CR + 4 * c.groups()) {
            return core.streams.s2cr((offset - Offsets.S2CR) / 4);
        }
        return switch (resolve(offset)) {
            case Offsets.SCR0 -> core.scr0;
            case Offsets.SACR -> core.sacr;
            case Offsets.ID0 -> c.id0();
            case Offsets.ID0 + 4 -> c.id1();
            case Offsets.ID0 + 8 -> c.id2();
            case 0x02c, 0x030, 0x034, 0x038 -> 0;
            case Offsets.ID7 -> c.id7();
            case Offsets.SGFAR -> (int) core.sgfar;
            case Offsets.SGFAR + 4 -> (int) (core.sgfar >>> 32);
            case Offsets.SGFSR -> core.sgfsr;
            case Offsets.SGFSYNR0 -> core.sgfsynr0;
            case Offsets.SGFSYNR1 -> core.sgfsynr1;
            case Offsets.SGFSYNR2 -> 0;
            case Offsets.STLBGSTATUS -> core.globalSync.active() ? 1 : 0;
            default -> core.absent("read", offset);
        };
    }

    void writePage0(int offset, int value) {
        Configuration c = core.config;
        if (offset >= Offsets.SMR && offset < Offsets.SMR + 4 * c.groups() && offset < Offsets.S2CR) {
            core.streams.writeSmr((offset - Offsets.SMR) / 4, value);
            return;
        }
        if (offset >= Offsets.S2CR && offset < Offsets.S2CR + 4 * c.groups()) {
            writeS2cr((offset - Offsets.S2CR) / 4, value);
            return;
        }
        switch (resolve(offset)) {
            case Offsets.SCR0 -> writeScr0(value);
            case Offsets.SACR -> core.sacr = value;
            case Offsets.SGFAR -> core.sgfar = core.sgfar & ~0xffffffffL | Integer.toUnsignedLong(value);
            case Offsets.SGFAR + 4 -> core.sgfar = core.sgfar & 0xffffffffL | (long) value << 32;
            case Offsets.SGFSR -> {
                core.sgfsr &= ~value;
                core.updateInterrupts(false);
            }
            case Offsets.SGFSRRESTORE -> {
                core.sgfsr = value;
                core.updateInterrupts(false);
            }
            case Offsets.SGFSYNR0 -> core.sgfsynr0 = value;
            case Offsets.SGFSYNR1 -> core.sgfsynr1 = value;
            case Offsets.TLBIVMID -> core.tlb.issue(-1, Invalidation.ofVmid(value & vmidMask()));
            case Offsets.TLBIALLNSNH -> {
                core.tlb.issue(-1, Invalidation.all());
                core.tlbInvalidated = true;
            }
            case Offsets.TLBIALLH -> { } // no hypervisor regime is modelled: nothing is cached for it
            case Offsets.STLBGSYNC -> core.globalSync.start();
            case Offsets.ID0, Offsets.ID0 + 4, Offsets.ID0 + 8, 0x02c, 0x030, 0x034, 0x038, Offsets.ID7, Offsets.STLBGSTATUS ->
                core.checker.complain("smmu2-read-only-register", "write of 0x%x", offset);
            default -> core.absent("write", offset);
        }
    }

    /** In the secure view the driver's registers are the aliases at +0x400; the plain offsets are the secure ones. */
    private int resolve(int offset) {
        boolean alias = offset >= Offsets.NONSECURE_ALIAS && offset < Offsets.NONSECURE_ALIAS + 0x60;
        if (alias) {
            return offset - Offsets.NONSECURE_ALIAS;
        }
        boolean banked = offset < 0x20 || offset >= Offsets.SGFAR && offset < 0x60;
        if (secureView && banked) {
            core.checker.complain("smmu2-secure-register", "access to the secure register 0x%x", offset);
        }
        return offset;
    }

    private int vmidMask() {
        return (core.scr0 & Offsets.VMID16EN) != 0 ? 0xffff : 0xff;
    }

    private void writeScr0(int value) {
        int raz = core.config.variant().isMmu500() ? MMU500_RAZ : 0;
        int fixed = core.config.variant().isMmu500() ? Offsets.SMCFCFG : 0;
        boolean opens = (core.scr0 & Offsets.CLIENTPD) != 0 && (value & Offsets.CLIENTPD) == 0;
        core.settle();
        if (opens && !core.tlbInvalidated) {
            core.checker.complain("smmu2-enabled-with-unknown-tlb", "CLIENTPD cleared, TLBIALLNSNH was never written");
        } else if (opens && core.tlb.hasPending() && !core.config.syncStuck()) {
            core.checker.complain("smmu2-enabled-before-sync", "CLIENTPD cleared before the TLB invalidation was complete");
        }
        core.scr0 = value & ~raz | fixed;
        core.streams.extended((core.scr0 & Offsets.EXIDENABLE) != 0);
        core.updateInterrupts(false);
    }

    private void writeS2cr(int n, int value) {
        int bank = value & 0xff;
        if ((value >> 16 & 3) == Offsets.TYPE_TRANSLATE) {
            if (bank >= core.banks.length) {
                core.checker.complain("smmu2-context-absent", "S2CR%d selects context %d of %d", n, bank, core.banks.length);
            } else if (clientsServed() && !core.banks[bank].enabled() && !quirkBank(bank)) {
                core.checker.complain("smmu2-context-not-set-up", "S2CR%d selects context %d, which is disabled", n, bank);
            }
        }
        core.streams.writeS2cr(n, value);
    }

    private boolean clientsServed() {
        return (core.scr0 & Offsets.CLIENTPD) == 0;
    }

    /** With the bypass quirk the last bank is left disabled on purpose: translation that passes. */
    private boolean quirkBank(int bank) {
        return core.config.bypassQuirk() && bank == core.banks.length - 1;
    }

    int readPage1(int offset) {
        int n = offset % 0x400 / 4;
        if (n >= core.banks.length) {
            return core.absent("read", offset);
        }
        return switch (offset & ~0x3ff) {
            case Offsets.CBAR -> core.cbar[n];
            case Offsets.CBFRSYNRA -> core.cbfrsynra[n];
            case Offsets.CBA2R -> core.config.generation().hasCba2r() ? core.cba2r[n] : core.absent("read", offset);
            default -> core.absent("read", offset);
        };
    }

    void writePage1(int offset, int value) {
        int n = offset % 0x400 / 4;
        if (n >= core.banks.length) {
            core.absent("write", offset);
            return;
        }
        switch (offset & ~0x3ff) {
            case Offsets.CBAR -> {
                changedWhileEnabled(n, core.cbar[n], value, "CBAR");
                core.cbar[n] = value;
            }
            case Offsets.CBFRSYNRA -> core.cbfrsynra[n] = value;
            case Offsets.CBA2R -> {
                if (core.config.generation().hasCba2r()) {
                    changedWhileEnabled(n, core.cba2r[n], value, "CBA2R");
                    core.cba2r[n] = value;
                } else {
                    core.absent("write", offset);
                }
            }
            default -> core.absent("write", offset);
        }
    }

    private void changedWhileEnabled(int bank, int before, int after, String register) {
        if (before != after && core.banks[bank].enabled()) {
            core.checker.complain("smmu2-context-changed-while-enabled", "%s%d changed from 0x%x to 0x%x", register, bank,
                    before, after);
        }
    }
}
