package org.latebind.smmu.v2;

import org.latebind.driver.Errno;
import org.latebind.iommu.GuestStage1;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.NestedDomain;
import org.latebind.iommu.PagingDomain;
import org.latebind.pagetable.Registers.Stage1;

/**
 * A guest's stage 1 on a stage 2 of ours (CBAR type 3): a bank of its own that holds the guest's register values, names the bank
 * of the stage 2 and carries that one's VMID, so that the guest's ASIDs cannot meet anybody else's.
 */
final class GuestContext implements NestedDomain {

    private final SmmuDevice smmu;
    private final SmmuDomain parent;
    private final int bank;
    private final int asid;

    private GuestContext(SmmuDevice smmu, SmmuDomain parent, int bank, int asid) {
        this.smmu = smmu;
        this.parent = parent;
        this.bank = bank;
        this.asid = asid;
    }

    /** Starts the context on the first free bank for stage 1, or returns null when all are taken. */
    static GuestContext start(SmmuDevice smmu, SmmuDomain parent, GuestStage1.ContextBank guest) {
        SmmuState state = smmu.state();
        HardwareFeatures f = state.features();
        int bank = state.takeBank(f.stage2Banks());
        if (bank < 0) {
            return null;
        }
        Stage1 table = guest.table();
        ContextPlan plan = new ContextPlan(1, ContextPlan.Format.AARCH64, f.vaBits(), f.ipaBits(), f.stage2Banks());
        int interrupt = smmu.interrupts().indexFor(bank);
        ContextRegisters stage1 = ContextRegisters.of(f, plan,
                new ContextRegisters.TableValues(table.root(), table.packedLow(), table.ips(), table.mair()), interrupt,
                guest.asid(), false);
        state.context(bank, stage1.nestedOn(parent.bank(), parent.vmid(), f));
        smmu.interrupts().connect(bank, interrupt);
        return new GuestContext(smmu, parent, bank, guest.asid());
    }

    @Override
    public Errno attach(IommuClient client) {
        return smmu.point(client, StreamMapTable.Type.TRANSLATE, bank);
    }

    @Override
    public void detach(IommuClient client) {
        smmu.unpoint(client);
    }

    @Override
    public PagingDomain parent() {
        return parent;
    }

    /** The context is a bank of registers: nothing of it is cached elsewhere. */
    @Override
    public void contextChanged() {
        flushAll();
    }

    @Override
    public void invalidate(long iova, long sizeBytes, long pageBytes) {
        SmmuHardware hw = smmu.state().hardware();
        for (long done = 0; done < sizeBytes; done += pageBytes) {
            hw.cb64(bank, Registers.CB_TLBIVA, iova + done >>> 12 & 0xfffffffffffL | (long) asid << 48);
        }
        hw.syncContext(bank);
    }

    @Override
    public void flushAll() {
        smmu.state().hardware().cb(bank, Registers.CB_TLBIASID, asid);
        smmu.state().hardware().syncContext(bank);
    }

    @Override
    public String describe() {
        return "context " + bank + ", guest's stage 1, ASID " + asid + ", on context " + parent.bank() + ", VMID " + parent.vmid();
    }

    @Override
    public void close() {
        flushAll();
        smmu.state().context(bank, null);
        smmu.interrupts().disconnect(bank);
        smmu.state().freeBank(bank);
    }
}
