package org.latebind.smmu.v2;

import org.latebind.driver.Device;
import org.latebind.driver.Errno;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.FaultHandler;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.PagingDomain;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;

/**
 * A translated domain: one context bank, one page table. It is finalised when it is made, so that page sizes and aperture
 * are known before the first attach; a domain that could not be finalised says why when somebody attaches to it.
 */
final class SmmuDomain implements PagingDomain {

    private static final int ATS_TIMEOUT_MICROS = 50;

    private final SmmuDevice smmu;
    private final DomainType type;
    private Errno failure;
    private boolean nestingParent;
    private int bank = -1;
    private int asidOrVmid;
    private ContextPlan plan;
    private ContextTable table;
    private TlbMaintenance tlb;

    private SmmuDomain(SmmuDevice smmu, DomainType type) {
        this.smmu = smmu;
        this.type = type;
    }

    static SmmuDomain allocate(SmmuDevice smmu, DomainType type, IommuClient first) {
        return allocate(smmu, type, first, ContextPlan.Request.STAGE1);
    }

    /** A stage 2 for guests' stages 1 to stand on, or null when the hardware has not both or nothing is left. */
    static SmmuDomain allocateNestingParent(SmmuDevice smmu, IommuClient first) {
        if (!smmu.state().features().nested()) {
            return null;
        }
        SmmuDomain domain = allocate(smmu, DomainType.UNMANAGED, first, ContextPlan.Request.NESTED);
        if (domain.failure != null) {
            return null;
        }
        domain.tlb.becomeNestingParent();
        domain.nestingParent = true;
        return domain;
    }

    private static SmmuDomain allocate(SmmuDevice smmu, DomainType type, IommuClient first, ContextPlan.Request request) {
        SmmuDomain domain = new SmmuDomain(smmu, type);
        domain.failure = domain.finalise(first, request);
        if (domain.failure != null) {
            smmu.device().log(Device.LogLevel.ERROR, "no context for " + first.path() + ": " + domain.failure);
        }
        return domain;
    }

    private Errno finalise(IommuClient first, ContextPlan.Request request) {
        SmmuState state = smmu.state();
        HardwareFeatures features = state.features();
        plan = ContextPlan.negotiate(features, request, state.parameters().kernel());
        if (plan == null) {
            return Errno.EINVAL;
        }
        bank = state.takeBank(state.implementation().firstBank(first, plan.firstBank()));
        if (bank < 0) {
            return Errno.ENOSPC;
        }
        asidOrVmid = state.implementation().idBase() + (plan.stage() == 1 ? bank : bank + 1);
        tlb = new TlbMaintenance(state, bank, plan, asidOrVmid);
        table = LibraryTable.allocate(plan, features.pageSizes(), smmu.device().properties().has("dma-coherent"),
                smmu.device().machine(), tlb);
        if (table == null) {
            state.freeBank(bank);
            bank = -1;
            return Errno.ENOMEM;
        }
        int interrupt = smmu.interrupts().indexFor(bank);
        state.context(bank, withStall(ContextRegisters.of(features, plan, table.values(), interrupt, asidOrVmid, false)));
        smmu.interrupts().connect(bank, interrupt);
        return null;
    }

    private ContextRegisters withStall(ContextRegisters registers) {
        return smmu.state().parameters().stall() ? registers.withSctlr(registers.sctlr() | Registers.SCTLR_CFCFG) : registers;
    }

    @Override
    public boolean faultHandler(FaultHandler handler) {
        if (bank >= 0) {
            smmu.faults().handler(bank, handler);
        }
        return bank >= 0;
    }

    int bank() {
        return bank;
    }

    int vmid() {
        return asidOrVmid;
    }

    boolean nestingParent() {
        return nestingParent;
    }

    @Override
    public DomainType type() {
        return type;
    }

    @Override
    public Errno attach(IommuClient client) {
        return failure != null ? failure : smmu.point(client, StreamMapTable.Type.TRANSLATE, bank);
    }

    @Override
    public void detach(IommuClient client) {
        smmu.unpoint(client);
    }

    @Override
    public String describe() {
        return failure != null ? "not finalised: " + failure
                : "context " + bank + ", " + (plan.stage() == 1 ? "stage 1, ASID " : "stage 2, VMID ") + asidOrVmid + ", "
                        + plan.format();
    }

    @Override
    public long pageSizes() {
        return failure != null ? smmu.state().features().pageSizes() : table.pageSizes();
    }

    @Override
    public long apertureStart() {
        return 0;
    }

    @Override
    public long apertureEnd() {
        return (1L << (failure != null ? 32 : table.inputBits())) - 1;
    }

    @Override
    public PageTable pageTable() {
        return table instanceof LibraryTable library ? library.table() : null;
    }

    @Override
    public long map(long iova, long physicalAddress, long pageSize, long pageCount, int prot) {
        return table == null ? -Errno.ENODEV.number() : table.map(iova, physicalAddress, pageSize, pageCount, prot);
    }

    @Override
    public long unmap(long iova, long pageSize, long pageCount, Gather gather) {
        return table == null ? 0 : table.unmap(iova, pageSize, pageCount, gather);
    }

    @Override
    public long iovaToPhys(long iova) {
        if (table == null) {
            return 0;
        }
        return smmu.state().features().addressOps() && plan.stage() == 1 ? hardwareIovaToPhys(iova) : table.iovaToPhys(iova);
    }

    private synchronized long hardwareIovaToPhys(long iova) {
        SmmuHardware hw = smmu.state().hardware();
        if (plan.format() == ContextPlan.Format.AARCH64) {
            hw.cb64(bank, Registers.CB_ATS1PR, iova & ~0xfffL);
        } else {
            hw.cb(bank, Registers.CB_ATS1PR, (int) (iova & ~0xfffL));
        }
        if (!hw.awaitClear(bank, Registers.CB_ATSR, 1, ATS_TIMEOUT_MICROS)) {
            hw.log(Device.LogLevel.ERROR, String.format("iova to phys timed out on 0x%x, walking in software", iova));
            return table.iovaToPhys(iova);
        }
        long par = hw.cb64(bank, Registers.CB_PAR);
        return (par & 1) != 0 ? 0 : par & 0xfffffff000L | iova & 0xfff;
    }

    @Override
    public void sync(Gather gather) {
        if (tlb != null) {
            tlb.sync();
        }
    }

    @Override
    public void flushAll() {
        if (tlb != null) {
            tlb.flushAll();
        }
    }

    @Override
    public void close() {
        if (table == null) {
            return;
        }
        smmu.state().context(bank, null);
        smmu.interrupts().disconnect(bank);
        smmu.faults().handler(bank, null);
        table.close();
        table = null;
        smmu.state().freeBank(bank);
    }
}
