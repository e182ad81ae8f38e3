package org.latebind.smmu.v3;

import org.latebind.driver.Errno;
import org.latebind.iommu.Domain;
import org.latebind.iommu.FaultHandler;
import org.latebind.iommu.IommuClient;

/** What all domains of one SMMU have in common: attaching writes stream table entries. */
abstract class StreamDomain implements Domain {

    private final Attachments attachments;

    StreamDomain(Attachments attachments) {
        this.attachments = attachments;
    }

    /** The entry that makes a stream this domain's. */
    abstract long[] streamEntry(Master master);

    /** The context descriptor the entry points to, or null when it needs none. */
    long[] contextDescriptor(Master master) {
        return null;
    }

    /** Judges a fault of one of its streams. */
    FaultHandler.Answer fault(FaultHandler.Fault fault) {
        return FaultHandler.Answer.UNHANDLED;
    }

    @Override
    public final Errno attach(IommuClient client) {
        return attachments.attach(client, this);
    }

    @Override
    public final void detach(IommuClient client) {
        attachments.detach(client, this);
    }
}
