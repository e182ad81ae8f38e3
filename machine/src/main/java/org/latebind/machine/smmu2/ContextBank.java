package org.latebind.machine.smmu2;

import static org.latebind.machine.smmu2.Offsets.FSR_FAULTS;
import static org.latebind.machine.smmu2.Offsets.M;
import static org.latebind.machine.smmu2.Offsets.MULTI;
import static org.latebind.machine.smmu2.Offsets.SS;

/** The registers of one context bank, the faults it recorded, and the transaction it holds. */
final class ContextBank {

    /** Registers that are stored as written, by word offset; the rest is computed. */
    private final int[] words = new int[0x90 / 4];
    final int index;
    final SyncUnit sync;
    int fsr;
    long far;
    int fsynr0;
    long par;
    long ipafar;
    /** A transaction is held (SCTLR.CFCFG) until RESUME. */
    boolean stalled;
    /** RESUME said "retry" and the transaction was not seen again yet. */
    private boolean retry;
    private long heldAddress;
    boolean tcrWritten;
    boolean ttbrWritten;
    /** Tables this bank was last enabled with; 0 before. Tells whether old translations may be left. */
    long enabledTtbr;

    ContextBank(int index, SyncUnit sync, boolean mmu500) {
        this.index = index;
        this.sync = sync;
        if (mmu500) {
            set(Offsets.SCTLR, 0x100);
            set(Offsets.ACTLR, 0x3);
            set(Offsets.TCR2, 0x60);
        }
    }

    int get(int offset) {
        return words[offset / 4];
    }

    void set(int offset, int value) {
        words[offset / 4] = value;
    }

    long get64(int offset) {
        return Integer.toUnsignedLong(get(offset)) | (long) get(offset + 4) << 32;
    }

    void set64(int offset, long value) {
        set(offset, (int) value);
        set(offset + 4, (int) (value >>> 32));
    }

    boolean enabled() {
        return (get(Offsets.SCTLR) & M) != 0;
    }

    boolean sctlr(int bit) {
        return (get(Offsets.SCTLR) & bit) != 0;
    }

    boolean interruptWanted() {
        return sctlr(Offsets.CFIE) && (fsr & FSR_FAULTS & ~SS) != 0;
    }

    /** Records a fault; a second one before the first is cleared only sets MULTI. Returns whether it was the first. */
    boolean record(int faultBit, long address, int syndrome) {
        if ((fsr & FSR_FAULTS) != 0) {
            fsr |= MULTI;
            return false;
        }
        fsr |= faultBit;
        far = address;
        fsynr0 = syndrome;
        return true;
    }

    /** Holds the transaction that just faulted. */
    void hold() {
        stalled = true;
        retry = false;
        heldAddress = far;
        fsr |= SS;
    }

    /** Tells once whether the transaction held at an address may be tried again. */
    boolean takeRetry(long address) {
        boolean taken = retry && heldAddress == address;
        retry &= !taken;
        return taken;
    }

    /** A write of FSR: ones clear. The stall bit stays as long as a transaction is held. */
    void clearFsr(int ones) {
        fsr &= ~(ones & FSR_FAULTS & ~SS);
        if (!stalled) {
            fsr &= ~(ones & SS);
        }
    }

    /** A write of RESUME. Returns false when nothing is held. */
    boolean resume(int value) {
        if (!stalled) {
            return false;
        }
        stalled = false;
        fsr &= ~SS;
        retry = (value & 1) == 0;
        return true;
    }
}
