package org.latebind.driver;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;

/**
 * Writes the driver's capability into the bundle's manifest: the modalias of this system. The same capability
 * answers "which bundle would bind this device?" for a bundle that was never started.
 *
 * <p>The attributes are annotation members on purpose: every compatible string holds a comma, and only member
 * attributes are escaped in the header.
 */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
@Capability(namespace = DriverCapability.NAMESPACE, version = "1.0.0")
public @interface DriverCapability {

    /** The capability's namespace. */
    String NAMESPACE = "latebind.driver";

    /** The driver's name, unique among all bundles, for example {@code ipmmu-vmsa}. */
    @Attribute("latebind.driver") String name();

    /** Compatible strings it drives; order does not matter. */
    @Attribute("compatible") String[] compatible();

    /** Whether a bound device is an IOMMU. */
    @Attribute("iommu") boolean iommu() default false;

    /** Extra supplier properties the driver waits for by itself, for example {@code renesas,ipmmu-main}. */
    @Attribute("suppliers") String[] suppliers() default {};

    /** What the bound IOMMU does with a stream nobody attached: {@code bypass} or {@code abort}. */
    @Attribute("unattached") String unattached() default "bypass";

    /**
     * Who shares a group: {@code device} (nobody), {@code instance} (all clients of a unit), {@code stream} (equal ids) or
     * {@code exclusive} (nobody, and a client with the stream of another is refused).
     */
    @Attribute("grouping") String grouping() default "device";

    /** Whether each attached client depends on the unit's driver, so that its going takes them down (Linux: device links). */
    @Attribute("links") boolean clientLinks() default false;

    /** Whether the hardware goes on filtering after the driver let go of it. */
    @Attribute("persistent") boolean enabledAfterRemove() default false;
}
