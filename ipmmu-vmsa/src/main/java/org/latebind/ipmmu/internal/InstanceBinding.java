package org.latebind.ipmmu.internal;

import java.util.List;
import org.latebind.driver.Binding;
import org.latebind.driver.Device;
import org.latebind.hardware.Interrupts;

/** The driver's hold on one instance in Linux mode (IPMMU sheet, section 4.10; more is switched off than there: section 10, 18 and 19). */
final class InstanceBinding implements Binding {

    private final Instance instance;
    private final Instances instances;
    private final Interrupts.Request interrupt;

    /** {@code interrupt} is null for a leaf. */
    InstanceBinding(Instance instance, Instances instances, Interrupts.Request interrupt) {
        this.instance = instance;
        this.instances = instances;
        this.interrupt = interrupt;
    }

    /**
     * Contexts of this instance off. A root that goes before its leaves first stops what still runs, leaf before root, so
     * that no micro-TLB is left on a dead context.
     */
    @Override
    public void close() {
        if (instance.isRoot()) {
            List<Instance> leaves = instances.leavesOf(instance);
            if (!leaves.isEmpty()) {
                instance.device().log(Device.LogLevel.WARNING, "removed before its leaves: " + leaves.stream().map(Instance::path)
                        .toList());
            }
            for (int c = 0; c < instance.features().contexts; c++) {
                if (instance.user(c) != null) {
                    instance.user(c).abandon();
                }
            }
        }
        if (!instance.isRoot() && instance.root().gone()) {
            // The root took this leaf's contexts down with it; its own IMCTR are off since then.
            finish();
            return;
        }
        instance.resetContexts();
        finish();
    }

    private void finish() {
        instance.markGone();
        instances.remove(instance);
        if (interrupt != null) {
            interrupt.close();
        }
    }

    @Override
    public void suspend() {
        Sleep.suspend(instance, Sleep.Rule.of(instance.flavour()));
    }

    @Override
    public void resume() {
        if (instance.isRoot() && instance.saved() == null) {
            instance.resetContexts();
        }
        Sleep.resume(instance, instances);
    }
}
