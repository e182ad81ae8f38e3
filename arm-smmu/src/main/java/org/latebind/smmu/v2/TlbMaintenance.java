package org.latebind.smmu.v2;

import org.latebind.pagetable.Gather;
import org.latebind.pagetable.TlbInvalidation;

/** TLB maintenance of one context, by ASID, VMID and address. May be called from several threads. */
final class TlbMaintenance implements TlbInvalidation {

    private final SmmuState state;
    private final int bank;
    private final int asidOrVmid;
    private final boolean stage1;
    private final boolean wide;
    private final boolean byContext;
    private volatile boolean nestingParent;

    TlbMaintenance(SmmuState state, int bank, ContextPlan plan, int asidOrVmid) {
        this.state = state;
        this.bank = bank;
        this.asidOrVmid = asidOrVmid;
        stage1 = plan.stage() == 1;
        wide = plan.format() == ContextPlan.Format.AARCH64;
        byContext = stage1 || state.features().version() == Version.V2;
    }

    @Override
    public void flushAll() {
        if (stage1) {
            flushAsid();
        } else {
            synchronized (state.hardware()) {
                state.hardware().gr0(Registers.TLBIVMID, asidOrVmid);
                state.hardware().syncGlobal();
            }
        }
    }

    private synchronized void flushAsid() {
        state.hardware().cb(bank, Registers.CB_TLBIASID, asidOrVmid);
        state.hardware().syncContext(bank);
    }

    @Override
    public void flushWalk(long iova, long sizeBytes, long granule) {
        if (stage1 && state.implementation().walkFlushByAsid()) {
            flushAsid();
        } else if (stage1) {
            invalidate(iova, sizeBytes, granule, Registers.CB_TLBIVA);
            sync();
        } else if (byContext) {
            invalidate(iova, sizeBytes, granule, Registers.CB_TLBIIPAS2);
            sync();
        } else {
            flushAll();
        }
    }

    @Override
    public void addPage(Gather gather, long iova, long granule) {
        if (stage1) {
            invalidate(iova, granule, granule, Registers.CB_TLBIVAL);
        } else if (byContext) {
            invalidate(iova, granule, granule, Registers.CB_TLBIIPAS2L);
        } else {
            // Version 1 has no invalidation by intermediate address.
            state.hardware().gr0(Registers.TLBIVMID, asidOrVmid);
        }
    }

    private void invalidate(long iova, long sizeBytes, long granule, int operation) {
        SmmuHardware hw = state.hardware();
        for (long done = 0; done < sizeBytes; done += granule) {
            long address = iova + done;
            if (stage1) {
                if (wide) {
                    hw.cb64(bank, operation, address >>> 12 & 0xfffffffffffL | (long) asidOrVmid << 48);
                } else {
                    hw.cb(bank, operation, (int) (address & ~0xfffL) | asidOrVmid);
                }
            } else if (wide) {
                hw.cb64(bank, operation, address >>> 12);
            } else {
                hw.cb(bank, operation, (int) (address >>> 12));
            }
        }
    }

    /** Guests' stages 1 stand on this stage 2: entries that combine both stages are dropped with every completion. */
    void becomeNestingParent() {
        nestingParent = true;
    }

    /** Waits for everything issued so far. */
    void sync() {
        if (nestingParent) {
            synchronized (state.hardware()) {
                state.hardware().gr0(Registers.TLBIVMID, asidOrVmid);
                state.hardware().syncGlobal();
            }
        }
        if (byContext) {
            synchronized (this) {
                state.hardware().syncContext(bank);
            }
        } else {
            synchronized (state.hardware()) {
                state.hardware().syncGlobal();
            }
        }
    }
}
