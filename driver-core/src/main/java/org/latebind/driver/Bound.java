package org.latebind.driver;

import java.util.Objects;
import org.latebind.iommu.IommuOps;

/**
 * A successful probe.
 *
 * @param binding the hold on the device; not null
 * @param iommu   the IOMMU this device turned out to be, registered by the core before the device counts as bound
 *                (Linux: {@code iommu_device_register} at the end of probe); null when the device is no IOMMU, or one that
 *                serves no clients itself (an IPMMU root)
 */
public record Bound(Binding binding, IommuOps iommu) implements ProbeResult {

    /** Checks the arguments. */
    public Bound {
        Objects.requireNonNull(binding, "binding");
    }

    /** The same result with an IOMMU to register. */
    public Bound withIommu(IommuOps ops) {
        return new Bound(binding, Objects.requireNonNull(ops, "ops"));
    }
}
