package org.latebind.ipmmu.internal;

import org.latebind.driver.Device;
import org.latebind.driver.Driver;
import org.latebind.driver.DriverCapability;
import org.latebind.driver.ProbeResult;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** The driver as a service. A change of its parameters makes a new one: its devices are unbound and bound again. */
@DriverCapability(name = "ipmmu-vmsa", iommu = true, suppliers = {"renesas,ipmmu-main"},
    grouping = "instance", compatible = {
    "renesas,ipmmu-vmsa", "renesas,ipmmu-r8a774a1", "renesas,ipmmu-r8a774b1", "renesas,ipmmu-r8a774c0",
    "renesas,ipmmu-r8a774e1", "renesas,ipmmu-r8a7795", "renesas,ipmmu-r8a7796", "renesas,ipmmu-r8a77961",
    "renesas,ipmmu-r8a77965", "renesas,ipmmu-r8a77970", "renesas,ipmmu-r8a77980", "renesas,ipmmu-r8a77990",
    "renesas,ipmmu-r8a77995", "renesas,ipmmu-r8a779a0", "renesas,rcar-gen4-ipmmu-vmsa"})
@Component(service = Driver.class, property = Driver.NAME + "=ipmmu-vmsa",
    configurationPid = "ipmmu-vmsa")
@Designate(ocd = IpmmuComponent.Parameters.class)
public final class IpmmuComponent implements Driver {

    private final Driver driver;

    /** Makes the driver with its parameters. */
    @Activate
    public IpmmuComponent(Parameters parameters) {
        AllowRule rule = AllowRule.of(parameters.allow());
        if (rule == null) {
            throw new IllegalArgumentException("ipmmu-vmsa: allow=" + parameters.allow() + ": must be one of " + AllowRule.choices());
        }
        Flavour flavour = Flavour.of(parameters.sequences());
        if (flavour == null) {
            throw new IllegalArgumentException("ipmmu-vmsa: sequences=" + parameters.sequences() + ": must be linux or bsp");
        }
        driver = new IpmmuDriver(rule, flavour);
    }

    @Override
    public ProbeResult probe(Device device) {
        return driver.probe(device);
    }

    /** Module parameters. */
    @ObjectClassDefinition(name = "Renesas IPMMU-VMSA")
    public @interface Parameters {

        /** Which devices are translated. */
        @AttributeDefinition(name = "allow", description = "linux: the devices mainline Linux translates; v4.14 to v5.19: as"
            + " mainline did from that version on; bsp: those of the vendor kernel; all: every device whose tree says so",
            options = {
                @Option(label = "linux", value = "linux"), @Option(label = "v4.14", value = "v4.14"),
                @Option(label = "v4.15", value = "v4.15"), @Option(label = "v4.19", value = "v4.19"),
                @Option(label = "v5.12", value = "v5.12"), @Option(label = "v5.19", value = "v5.19"),
                @Option(label = "bsp", value = "bsp"), @Option(label = "all", value = "all")})
        String allow() default "linux";

        /** Whose register sequences are followed. */
        @AttributeDefinition(name = "sequences", description = "linux: mainline's; bsp: the vendor kernel's, which saves"
            + " registers over a sleep, writes micro-TLBs without FLUSH and invalidates after a fault", options = {
                @Option(label = "linux", value = "linux"), @Option(label = "bsp", value = "bsp")})
        String sequences() default "linux";
    }
}
