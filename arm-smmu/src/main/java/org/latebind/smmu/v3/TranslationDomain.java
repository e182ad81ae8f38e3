package org.latebind.smmu.v3;

import org.latebind.iommu.DomainType;
import org.latebind.iommu.FaultHandler;
import org.latebind.iommu.PagingDomain;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.Registers;
import org.latebind.pagetable.TlbInvalidation;

/**
 * A translated domain: one page table, one ASID or VMID, and the TLB maintenance that goes with them. Mapping and
 * invalidation are thread safe as far as {@link PagingDomain} asks for it.
 */
final class TranslationDomain extends StreamDomain implements PagingDomain, TlbInvalidation {

    private final DomainType type;
    private final Capabilities capabilities;
    private final Identity identity;
    private final RangeInvalidation ranges;
    private final Batch batch;
    private PageTable table;
    private boolean nestingParent;
    private volatile FaultHandler handler = FaultHandler.NONE;

    /**
     * The numbers that tag the domain's translations.
     *
     * @param asid   address space, {@link IdPool#NONE} for stage 2 alone
     * @param vmid   virtual machine, 0 for stage 1 alone
     * @param outer  stage-2 registers under a nested stage 1; null otherwise
     * @param giveBack returns the numbers
     */
    record Identity(int asid, int vmid, Registers.Stage2 outer, Runnable giveBack) {

        boolean stage1() {
            return asid != IdPool.NONE;
        }
    }

    TranslationDomain(Attachments attachments, DomainType type, Capabilities capabilities, Identity identity, Batch batch) {
        super(attachments);
        this.type = type;
        this.capabilities = capabilities;
        this.identity = identity;
        this.batch = batch;
        this.ranges = new RangeInvalidation(capabilities.ranges(), identity.stage1(), identity.vmid(),
                Math.max(0, identity.asid()));
    }

    /** Gives the domain its table; once, before it is used. */
    void table(PageTable value) {
        table = value;
    }

    @Override
    public DomainType type() {
        return type;
    }

    @Override
    long[] streamEntry(Master master) {
        if (!identity.stage1()) {
            return TableEntry.stage2(identity.vmid(), stage2(), capabilities, master.stalls());
        }
        return identity.outer() == null ? TableEntry.stage1(master.context(), capabilities, master.stalls())
                : TableEntry.nested(master.context(), identity.vmid(), identity.outer(), capabilities,
                        master.stalls());
    }

    @Override
    long[] contextDescriptor(Master master) {
        return identity.stage1() ? TableEntry.context(identity.asid(), (Registers.Stage1) table.registers(), master.stalls())
                : null;
    }

    Registers.Stage2 stage2() {
        return (Registers.Stage2) table.registers();
    }

    int vmid() {
        return identity.vmid();
    }

    /** Guests' stages 1 may stand on this stage 2: entries that combine both go with those of stage 2. */
    void becomeNestingParent() {
        nestingParent = true;
    }

    boolean nestingParent() {
        return nestingParent;
    }

    @Override
    public boolean faultHandler(FaultHandler value) {
        handler = value;
        return true;
    }

    @Override
    FaultHandler.Answer fault(FaultHandler.Fault fault) {
        return handler.fault(fault);
    }

    @Override
    public String describe() {
        String tag = identity.stage1() ? "ASID " + identity.asid() : "VMID " + identity.vmid();
        return (identity.outer() != null ? "stage 1 in stage 2, VMID " + identity.vmid() + ", "
                : identity.stage1() ? "stage 1, " : "stage 2, ") + tag;
    }

    @Override
    public long pageSizes() {
        return table.config().pageSizes();
    }

    @Override
    public long apertureStart() {
        return 0;
    }

    @Override
    public long apertureEnd() {
        return (1L << table.config().ias()) - 1;
    }

    @Override
    public long map(long iova, long physicalAddress, long pageSize, long pageCount, int prot) {
        return table.mapPages(iova, physicalAddress, pageSize, pageCount, prot);
    }

    @Override
    public long unmap(long iova, long pageSize, long pageCount, Gather gather) {
        return table.unmapPages(iova, pageSize, pageCount, gather);
    }

    @Override
    public long iovaToPhys(long iova) {
        return table.iovaToPhys(iova);
    }

    @Override
    public PageTable pageTable() {
        return table;
    }

    private long granuleBytes() {
        return Long.lowestOneBit(table.config().pageSizes());
    }

    @Override
    public void sync(Gather gather) {
        if (!gather.isEmpty()) {
            invalidate(gather.start(), gather.end() - gather.start() + 1, gather.pageSizeBytes(), true);
        }
    }

    private void invalidate(long iova, long sizeBytes, long stepBytes, boolean leaf) {
        synchronized (batch) {
            ranges.append(batch, iova, sizeBytes, stepBytes, granuleBytes(), leaf);
            if (nestingParent) {
                Commands.invalidateStage1(batch, identity.vmid());
            }
            batch.submit();
        }
    }

    @Override
    public void flushAll() {
        synchronized (batch) {
            if (identity.stage1()) {
                Commands.invalidateAsid(batch, identity.vmid(), identity.asid());
            } else {
                Commands.invalidateMachine(batch, identity.vmid());
            }
            batch.submit();
        }
    }

    @Override
    public void flushWalk(long iova, long sizeBytes, long granule) {
        invalidate(iova, sizeBytes, granule, false);
    }

    @Override
    public void addPage(Gather gather, long iova, long granule) {
        if (gather.isDisjoint(iova, granule, granule)) {
            sync(gather);
            gather.reset();
        }
        gather.add(iova, granule, granule);
    }

    @Override
    public void close() {
        table.free();
        identity.giveBack().run();
    }
}
