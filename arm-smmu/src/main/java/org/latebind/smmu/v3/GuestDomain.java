package org.latebind.smmu.v3;

import org.latebind.iommu.FaultHandler;
import org.latebind.iommu.NestedDomain;
import org.latebind.iommu.PagingDomain;

/**
 * A guest's stage 1 on a stage 2 of ours: the stream table entry points to the guest's own context descriptor, which the hardware
 * reaches through stage 2 as it does the guest's tables. Translations carry the parent's VMID and whatever ASIDs the guest chose.
 */
final class GuestDomain extends StreamDomain implements NestedDomain {

    private final Attachments attachments;
    private final TranslationDomain parent;
    private final long descriptor;
    private final Capabilities capabilities;
    private final Batch batch;

    GuestDomain(Attachments attachments, TranslationDomain parent, long descriptor, Capabilities capabilities, Batch batch) {
        super(attachments);
        this.attachments = attachments;
        this.parent = parent;
        this.descriptor = descriptor;
        this.capabilities = capabilities;
        this.batch = batch;
    }

    @Override
    long[] streamEntry(Master master) {
        return TableEntry.nested(descriptor, parent.vmid(), parent.stage2(), capabilities, master.stalls());
    }

    /** Who owns the stage 2 also hears of the guest's faults; it is the one who can pass them on. */
    @Override
    FaultHandler.Answer fault(FaultHandler.Fault fault) {
        return parent.fault(fault);
    }

    @Override
    public PagingDomain parent() {
        return parent;
    }

    @Override
    public void contextChanged() {
        attachments.contextChanged(this);
    }

    @Override
    public void invalidate(long iova, long sizeBytes, long pageBytes) {
        for (long done = 0; done < sizeBytes; done += pageBytes) {
            Commands.invalidateAllAsids(batch, parent.vmid(), iova + done);
        }
        batch.submit();
    }

    @Override
    public void flushAll() {
        Commands.invalidateStage1(batch, parent.vmid());
        batch.submit();
    }

    @Override
    public String describe() {
        return "guest's stage 1, context descriptor at 0x" + Long.toHexString(descriptor) + ", in stage 2, VMID " + parent.vmid();
    }

    /** The parent lives on and so does its VMID: what this guest's stage 1 left in the TLB goes now. */
    @Override
    public void close() {
        flushAll();
    }
}
