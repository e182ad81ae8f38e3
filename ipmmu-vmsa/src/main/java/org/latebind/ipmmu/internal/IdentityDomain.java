package org.latebind.ipmmu.internal;

import org.latebind.driver.Errno;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;

/** Everything passes untranslated: exactly the state of a micro-TLB that is off, which is where clients come from. */
final class IdentityDomain implements Domain {

    private final Instances instances;

    IdentityDomain(Instances instances) {
        this.instances = instances;
    }

    @Override
    public DomainType type() {
        return DomainType.IDENTITY;
    }

    @Override
    public Errno attach(IommuClient client) {
        IpmmuDomain previous = instances.attachment(client);
        if (previous != null) {
            previous.detach(client);
        }
        return null;
    }

    @Override
    public void detach(IommuClient client) {
        // The micro-TLBs are off already.
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
