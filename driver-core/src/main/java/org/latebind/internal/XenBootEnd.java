package org.latebind.internal;

import java.util.function.Consumer;
import org.latebind.driver.Errno;
import org.latebind.passthrough.PassthroughResult;
import org.latebind.passthrough.core.PassthroughCore;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.StateView;

/**
 * The end of Xen's boot: tells the hypervisor how the set-up of the IOMMUs went, and has it build the hardware domain when
 * that is wanted. After a panic nothing is built.
 */
final class XenBootEnd {

    private final PassthroughCore hypervisor;
    private final Consumer<String> log;
    private final boolean fixpoint;

    /** {@code fixpoint}: whether the policy is Xen's own; under others IOMMU drivers may come at any time. */
    XenBootEnd(PassthroughCore hypervisor, Policy policy, Consumer<String> log) {
        this.hypervisor = hypervisor;
        this.log = log;
        this.fixpoint = policy == Policy.XEN;
    }

    /** Late-init came, once, and this is the state after it. */
    void lateInit(StateView state, Parameters parameters) {
        if (fixpoint) {
            hypervisor.setupFinished(state.panicked() ? Errno.EAGAIN : state.withoutIommu() ? Errno.ENODEV : null);
        }
        if (parameters.hardwareDomain() && !state.panicked()) {
            PassthroughResult result = hypervisor.createHardwareDomain();
            log.accept(result.text());
        }
    }
}
