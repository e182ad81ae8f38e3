package org.latebind.smmu.v2;

import org.latebind.driver.Device;
import org.latebind.driver.Driver;
import org.latebind.driver.DriverCapability;
import org.latebind.driver.ProbeResult;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;

/** The driver {@code arm-smmu}: SMMUv1 and SMMUv2. */
@Component(name = "arm-smmu", configurationPid = "arm-smmu", property = Driver.NAME + "=arm-smmu")
@Designate(ocd = ArmSmmuConfiguration.class)
@DriverCapability(name = "arm-smmu", iommu = true, unattached = "abort",
    grouping = "stream", clientLinks = true, compatible = {"arm,smmu-v1", "arm,smmu-v2",
    "arm,mmu-400", "arm,mmu-401", "arm,mmu-500", "cavium,smmu-v2", "nvidia,smmu-500", "qcom,smmu-v2"})
public final class ArmSmmuDriver implements Driver {

    private final Parameters parameters;
    private final SmmuProbe.FamilyState family = new SmmuProbe.FamilyState();
    private final XenProbe xen = new XenProbe();

    /** Makes the driver with module parameters from Configuration Admin. */
    @Activate
    public ArmSmmuDriver(ArmSmmuConfiguration configuration) {
        this(new Parameters(configuration.disable__bypass(), configuration.force__stage(), configuration.legacy__as__linux(),
                configuration.stall(), ContextPlan.Kernel.of(configuration.kernel())));
    }

    ArmSmmuDriver(Parameters parameters) {
        this.parameters = parameters;
    }

    @Override
    public ProbeResult probe(Device device) {
        return device.xen().map(host -> xen.probe(device, host))
                .orElseGet(() -> new SmmuProbe(device, parameters, family).run());
    }
}
