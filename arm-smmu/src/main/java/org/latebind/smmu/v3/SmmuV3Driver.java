package org.latebind.smmu.v3;

import org.latebind.driver.Device;
import org.latebind.driver.Driver;
import org.latebind.driver.DriverCapability;
import org.latebind.driver.ProbeResult;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Driver of Arm SMMUv3 units, in order of Arm IHI 0070. Address space identifiers are shared by all units it drives, as
 * in Linux. Stateless otherwise; one thread at a time.
 */
@Component(service = Driver.class, name = SmmuV3Driver.PID, configurationPolicy = ConfigurationPolicy.OPTIONAL,
        property = Driver.NAME + "=" + SmmuV3Driver.DRIVER_NAME)
@DriverCapability(name = SmmuV3Driver.DRIVER_NAME, compatible = "arm,smmu-v3", iommu = true, unattached = "abort",
    enabledAfterRemove = true, grouping = "exclusive")
@Designate(ocd = Parameters.class)
public final class SmmuV3Driver implements Driver {

    /** Name of the driver and of its capability. */
    public static final String DRIVER_NAME = "arm-smmu-v3";
    /** Name of the component and of its configuration. */
    public static final String PID = "arm-smmu-v3";

    private final Settings settings;
    private final IdPool asids = new IdPool();

    /** Makes the driver with its module parameters. */
    @Activate
    public SmmuV3Driver(Parameters parameters) {
        this(Settings.of(parameters));
    }

    SmmuV3Driver(Settings settings) {
        this.settings = settings;
    }

    @Override
    public ProbeResult probe(Device device) {
        return new Probe(device, settings, asids).run();
    }

    /** Address space identifiers in use, for leak checks. */
    int asidsInUse() {
        return asids.taken();
    }
}
