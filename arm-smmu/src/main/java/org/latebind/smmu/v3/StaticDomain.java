package org.latebind.smmu.v3;

import org.latebind.iommu.DomainType;

/** The identity or the blocked domain: no table, no identifier. */
final class StaticDomain extends StreamDomain {

    private final DomainType type;
    private final long[] entry;

    StaticDomain(Attachments attachments, DomainType type, long[] entry) {
        super(attachments);
        this.type = type;
        this.entry = entry;
    }

    @Override
    public DomainType type() {
        return type;
    }

    @Override
    long[] streamEntry(Master master) {
        return entry.clone();
    }

    @Override
    public String describe() {
        return type == DomainType.IDENTITY ? "STE bypass" : "STE abort";
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
