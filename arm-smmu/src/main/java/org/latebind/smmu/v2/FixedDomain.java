package org.latebind.smmu.v2;

import org.latebind.driver.Errno;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;

/** The domains without a table: identity and blocked. */
record FixedDomain(SmmuDevice smmu, DomainType type) implements Domain {

    @Override
    public Errno attach(IommuClient client) {
        return smmu.point(client, type == DomainType.IDENTITY ? StreamMapTable.Type.BYPASS : StreamMapTable.Type.FAULT, 0);
    }

    @Override
    public void detach(IommuClient client) {
        smmu.unpoint(client);
    }

    @Override
    public String describe() {
        return type == DomainType.IDENTITY ? "S2CR bypass" : "S2CR fault";
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
