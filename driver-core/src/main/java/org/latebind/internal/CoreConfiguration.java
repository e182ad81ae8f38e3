package org.latebind.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of the core: the kernel parameters by their names, and the bounds of the shell. */
@ObjectClassDefinition(name = "Latebind driver core",
        description = "Kernel parameters by their names; empty means the default of the policy")
public @interface CoreConfiguration {

    /** The PID. */
    String PID = "org.latebind.core";

    /** Longest wait for one answer of a driver, in milliseconds. */
    @AttributeDefinition(description = "Longest wait for one answer of a driver, in milliseconds", min = "1")
    long call_limit_millis() default 5_000;

    /** Longest wait for the release of all devices of a driver, in milliseconds. */
    @AttributeDefinition(description = "Longest wait for the devices of a leaving driver, in milliseconds", min = "1")
    long departure_limit_millis() default 30_000;

    /** Kernel parameter {@code deferred_probe_timeout}. */
    @AttributeDefinition(description = "Seconds after late-init until optional suppliers are given up; negative: never")
    String deferred__probe__timeout() default "";

    /** Kernel parameter {@code fw_devlink}. */
    @AttributeDefinition(description = "off, permissive, on or rpm")
    String fw__devlink() default "";

    /** Kernel parameter {@code fw_devlink.strict}. */
    @AttributeDefinition(description = "1: IOMMUs and DMA controllers hold their consumers back, too")
    String fw__devlink_strict() default "";

    /** Kernel parameter {@code iommu.passthrough}. */
    @AttributeDefinition(description = "1: default domains are identity")
    String iommu_passthrough() default "";

    /** Kernel parameter {@code iommu.strict}. */
    @AttributeDefinition(description = "0: invalidate lazily")
    String iommu_strict() default "";

    /** Kernel parameter {@code fw_devlink.sync_state}. */
    @AttributeDefinition(description = "strict or timeout: whether the end of the timer also ends waiting for consumers")
    String fw__devlink_sync__state() default "";

    /** Kernel parameter {@code arm-smmu.disable_bypass}. */
    @AttributeDefinition(description = "0: SMMUv1 and SMMUv2 let streams pass that nobody attached")
    String arm$_$smmu_disable__bypass() default "";

    /** Kernel parameter {@code driver_async_probe}. */
    @AttributeDefinition(description = "Drivers that probe asynchronously, comma separated; with * all but the named")
    String driver__async__probe() default "";

    /** Modules that are loaded with the module option {@code async_probe}. */
    @AttributeDefinition(description = "Modules loaded with the option async_probe, comma separated: their drivers probe asynchronously")
    String async__probe() default "";

    /** Whether the kernel of the policy can load modules. */
    @AttributeDefinition(description = "y or n: whether the kernel can load modules")
    String modules() default "";

    /** The built-in set. */
    @AttributeDefinition(description = "Modules that count as built in, comma separated")
    String builtin() default "";

    /** Whether the core plays Xen; read when the board comes up. */
    @AttributeDefinition(description = "1: plays Xen under any policy, IOMMU drivers serve guests")
    String xen() default "";

    /** Whether Xen builds the hardware domain; read at late-init. */
    @AttributeDefinition(description = "1: Xen builds the hardware domain when its boot is over")
    String dom0() default "";
}
