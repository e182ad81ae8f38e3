package org.latebind.smmu.v3;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Module parameters, by the kernel's names where the kernel has them. In a method name a double underscore stands for one
 * in the property (OSGi Compendium, section 112.8.2.1).
 */
@ObjectClassDefinition(id = SmmuV3Driver.PID, name = "Arm SMMUv3 driver")
public @interface Parameters {

    /** Streams nobody attached are aborted; otherwise they pass untranslated. */
    @AttributeDefinition(name = "disable_bypass",
            description = "Abort the transactions of streams that no domain is attached to (1) or let them pass (0).")
    boolean disable__bypass() default true;

    /** CMD_SYNC is not awaited through a message written to memory. */
    @AttributeDefinition(name = "disable_msipolling",
            description = "Do not await CMD_SYNC by its message in memory, even where the hardware can write one.")
    boolean disable__msipolling() default false;

    /** CMD_SYNC raises the {@code cmdq-sync} line when it is done. */
    @AttributeDefinition(name = "sync_irq",
            description = "Complete CMD_SYNC by the wired cmdq-sync interrupt instead of polling CMDQ_CONS.")
    boolean sync__irq() default false;

    /** Stage used for translated domains: 0 the driver's choice, 1, 2, or 3 for both nested. */
    @AttributeDefinition(name = "force_stage",
            description = "Stage of translation: 0 automatic, 1 or 2 only that stage, 3 stage 1 nested in an identity stage 2.")
    int force__stage() default 0;

    /** Page size of translation tables in KiB: 4, 16 or 64; 0 leaves the choice to the table. */
    @AttributeDefinition(name = "granule", description = "Page size of translation tables in KiB (4, 16, 64), 0 automatic.")
    int granule() default 0;

    /** Bits of input addresses, 32 to 48. */
    @AttributeDefinition(name = "va_bits", description = "Size of the input address space of a domain in bits, 32 to 48.")
    int va__bits() default 48;

    /** Log2 of the largest event queue, 7 to 19; the hardware may have less. The default takes 1 MiB. */
    @AttributeDefinition(name = "event_queue_bits", description = "Log2 of the entries of the event queue, 7 to 19.")
    int event__queue__bits() default 15;
}
