package org.latebind.smmu.v2;

import org.latebind.driver.Errno;
import org.latebind.passthrough.XenDomain;

/** A domain in one SMMU: a context bank that walks the domain's P2M as it is, counted by devices. */
final class XenContext {

    private static final int TCR_SH_INNER = 3 << 12;
    private static final int TCR_ORGN_WBWA = 1 << 10;
    private static final int TCR_IRGN_WBWA = 1 << 8;
    private static final int PASIZE_SHIFT = 16;
    private static final int SL0_SHIFT = 6;
    private static final int SCTLR = Registers.SCTLR_CFIE | Registers.SCTLR_CFRE | Registers.SCTLR_M | Registers.SCTLR_AFE
            | Registers.SCTLR_TRE;
    /** Widest P2M whose root is at level 1 (two to eight tables in a row). */
    private static final int LEVEL1_BITS_MAX = 42;

    private final XenUnit unit;
    private final int bank;
    private int devices;

    private XenContext(XenUnit unit, int bank) {
        this.unit = unit;
        this.bank = bank;
    }

    /** Starts a context on the first free bank, or returns null when all are taken. */
    static XenContext start(XenUnit unit, XenDomain domain) {
        SmmuState state = unit.state();
        int bank = state.takeBank(0);
        if (bank < 0) {
            return null;
        }
        boolean version2 = state.features().version() == Version.V2;
        int interrupt = unit.interrupts().indexFor(bank);
        int level = domain.ipaBits() <= LEVEL1_BITS_MAX ? 1 : 0;
        int tcr = Registers.TCR_EAE | TCR_SH_INNER | TCR_ORGN_WBWA | TCR_IRGN_WBWA | 2 - level << SL0_SHIFT;
        if (version2) {
            tcr |= sizeCode(state.features().paBits()) << PASIZE_SHIFT | Long.SIZE - domain.ipaBits();
        }
        int cbar = bank + 1 | (version2 ? 0 : interrupt << 24);
        state.context(bank, new ContextRegisters(2, Registers.CBA2R_VA64, cbar, 0, tcr, domain.p2mRoot(), 0, 0, 0, 0, false,
                SCTLR));
        unit.interrupts().connect(bank, interrupt);
        return new XenContext(unit, bank);
    }

    private static int sizeCode(int bits) {
        return switch (bits) {
            case 32 -> 0;
            case 36 -> 1;
            case 40 -> 2;
            case 42 -> 3;
            case 44 -> 4;
            default -> 5;
        };
    }

    int bank() {
        return bank;
    }

    XenUnit unit() {
        return unit;
    }

    /** The VMID is the bank's, not the P2M's: it only has to be unique in this SMMU. */
    private int vmid() {
        return bank + 1;
    }

    void added() {
        devices++;
    }

    /** One device less; returns whether it was the last. */
    boolean removed() {
        if (devices <= 0) {
            throw new IllegalStateException("context " + bank + " of " + unit.path() + " has no device");
        }
        return --devices == 0;
    }

    void flush() {
        unit.state().hardware().gr0(Registers.TLBIVMID, vmid());
        unit.state().hardware().syncGlobal();
    }

    void stop() {
        unit.state().context(bank, null);
        flush();
        unit.interrupts().disconnect(bank);
        unit.state().freeBank(bank);
    }

    String describe() {
        return unit.path() + " context " + bank + " VMID " + vmid() + " (" + devices + ")";
    }

    /** What is returned when {@link #start} found nothing. */
    static Errno exhausted() {
        return Errno.ENOSPC;
    }
}
