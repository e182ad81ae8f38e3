package org.latebind.smmu.v2;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** Module parameters of {@code arm-smmu} by the kernel's names. */
@ObjectClassDefinition(name = "arm-smmu", description = "Arm SMMUv1 and SMMUv2 driver")
@interface ArmSmmuConfiguration {

    /** Kernel parameter {@code arm-smmu.disable_bypass}. */
    @AttributeDefinition(name = "disable_bypass", description = "Abort the traffic of streams that nobody attached")
    boolean disable__bypass() default true;

    /** Kernel parameter {@code arm-smmu.force_stage}. */
    @AttributeDefinition(name = "force_stage", description = "Use only this stage of translation",
            options = {@Option(label = "what the hardware offers", value = "0"), @Option(label = "stage 1", value = "1"),
                @Option(label = "stage 2", value = "2")})
    int force__stage() default 0;

    /** Own parameter: what the legacy binding gives its masters. */
    @AttributeDefinition(name = "legacy_identity",
            description = "Give masters of the legacy mmu-masters binding identity domains, as Linux 6.x does")
    boolean legacy__identity() default false;

    /** Own parameter: stall instead of terminate. */
    @AttributeDefinition(name = "stall", description = "Hold faulting transactions until the fault handler answered")
    boolean stall() default false;
}
