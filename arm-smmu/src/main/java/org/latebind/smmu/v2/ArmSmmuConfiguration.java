package org.latebind.smmu.v2;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** Module parameters of {@code arm-smmu} by the kernel's names. */
@ObjectClassDefinition(name = "arm-smmu", description = "Arm SMMUv1 and SMMUv2 driver")
public @interface ArmSmmuConfiguration {

    /** Kernel parameter {@code arm-smmu.disable_bypass}. */
    @AttributeDefinition(name = "disable_bypass", description = "Abort the traffic of streams that nobody attached")
    boolean disable__bypass() default true;

    /** Kernel parameter {@code arm-smmu.force_stage}. */
    @AttributeDefinition(name = "force_stage", description = "Use only this stage of translation",
            options = {@Option(label = "what the hardware offers", value = "0"), @Option(label = "stage 1", value = "1"),
                @Option(label = "stage 2", value = "2")})
    int force__stage() default 0;

    /** Own parameter: how the legacy binding is served. */
    @AttributeDefinition(name = "legacy_as_linux",
            description = "Legacy mmu-masters as Linux 6: never beside the generic binding, masters not translated")
    boolean legacy__as__linux() default false;

    /** Own parameter: stall instead of terminate. */
    @AttributeDefinition(name = "stall", description = "Hold faulting transactions until the fault handler answered")
    boolean stall() default false;

    /** Own parameter: whose table formats. */
    @AttributeDefinition(name = "kernel", description = "Formats as this kernel prefers them: AArch64, long or short descriptors",
            options = {@Option(label = "64 bit", value = "64"), @Option(label = "32 bit with LPAE", value = "32-lpae"),
                @Option(label = "32 bit", value = "32")})
    String kernel() default "64";
}
