package org.latebind.ipmmu.internal;

import org.latebind.driver.Errno;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.Translation;

/** Linux mode of one instance that serves clients (IPMMU sheet, sections 3 and 4.11). */
final class UnitOps implements IommuOps {

    private final Instance instance;
    private final Instances instances;
    private final AllowRule rule;
    private final SocIdentity soc;

    UnitOps(Instance instance, Instances instances, AllowRule rule, SocIdentity soc) {
        this.instance = instance;
        this.instances = instances;
        this.rule = rule;
        this.soc = soc;
    }

    @Override
    public String path() {
        return instance.path();
    }

    @Override
    public Translation translate(IommuClient client, int[] cells) {
        if (cells.length != 1) {
            return new Translation.Refused(Errno.EINVAL, instance.path() + " takes one cell, not " + cells.length);
        }
        String refusal = rule.refusal(soc, instance.device().name(), client, cells[0]);
        if (refusal != null) {
            return new Translation.Refused(Errno.ENODEV, "by policy: " + refusal);
        }
        int utlbs = instance.features().utlbs;
        if (cells[0] < 0 || cells[0] >= utlbs) {
            return new Translation.Refused(Errno.EINVAL, client.path() + " names micro-TLB " + Integer.toUnsignedString(cells[0])
                    + " of " + instance.path() + ", which has " + utlbs);
        }
        if (client.iommuPath() != null && !client.iommuPath().equals(path())) {
            return new Translation.Refused(Errno.EINVAL, client.path() + " names two IPMMUs, " + client.iommuPath() + " and "
                    + path());
        }
        return new Translation.Ids(cells[0]);
    }

    /** One group for each leaf: its clients share a context. */
    @Override
    public Object groupKey(IommuClient client) {
        return instance;
    }

    @Override
    public Domain allocate(DomainType type, IommuClient first) {
        return switch (type) {
            case IDENTITY -> new IdentityDomain(instances);
            case DMA, DMA_FQ, UNMANAGED -> new IpmmuDomain(type, instances, instance.features());
            case BLOCKED, NESTED -> null;
        };
    }

    @Override
    public Unattached unattached() {
        return Unattached.BYPASS;
    }
}
