package org.latebind.ipmmu.internal;

import java.util.List;
import org.latebind.driver.Binding;
import org.latebind.driver.Device;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.Interrupts;
import org.latebind.passthrough.XenHost;

/** Probe and remove in Xen mode (IPMMU sheet, sections 6.2 and 6.3; Xen itself never removes). */
final class XenProbe {

    private static final int IPA_BITS = 40;
    private static final int PRODUCT_H3 = 0x4F00;
    private static final int PRODUCT_M3W = 0x5200;
    private static final int PRODUCT_M3N = 0x5500;
    private static final int PRODUCT_S4 = 0x5A00;
    private static final int PRODUCT_V4H = 0x5C00;
    private static final int CUT_3_0 = 0x20;
    private static final List<String> COMPATIBLE = List.of("renesas,ipmmu-r8a7795", "renesas,ipmmu-r8a77965",
            "renesas,ipmmu-r8a7796", "renesas,ipmmu-r8a77961", "renesas,ipmmu-r8a779f0", "renesas,ipmmu-r8a779g0");

    private final Instances instances;
    private XenOps ops;

    XenProbe(Instances instances) {
        this.instances = instances;
    }

    XenOps ops() {
        return ops;
    }

    ProbeResult probe(Device device, Features features, XenHost host) {
        if (device.compatible().stream().noneMatch(COMPATIBLE::contains)) {
            return ProbeResult.failed(Errno.ENODEV, "not supported in Xen mode: " + device.compatible());
        }
        if (ops == null) {
            ops = new XenOps(instances, host);
        }
        if (device.properties().has(IpmmuDriver.MAIN)) {
            return probeLeaf(device, features, host);
        }
        return probeRoot(device, features, host);
    }

    private ProbeResult probeLeaf(Device device, Features features, XenHost host) {
        Instance root = instances.root();
        if (root == null) {
            return ProbeResult.deferred(IpmmuDriver.MAIN, "no root IPMMU is up (EAGAIN)");
        }
        Instance instance = new Instance(device, features, root);
        clearSecureGroup(instance);
        instances.add(instance);
        host.setOps(ops);
        host.unitUp(device.path());
        ops.stopBlocked(root);
        return ProbeResult.bound(new XenBinding(instance, host, null));
    }

    private ProbeResult probeRoot(Device device, Features features, XenHost host) {
        SocIdentity soc = SocIdentity.read(device);
        if (!revisionSupported(soc)) {
            String text = soc.hasProduct() ? String.format("product register 0x%04x", soc.product()) : "no product register";
            device.log(Device.LogLevel.ERROR, "stage 2 translation is not supported on this revision: " + text);
            return ProbeResult.failed(Errno.ENODEV, "stage 2 translation is not supported: " + text);
        }
        host.restrictIpaBits(IPA_BITS);
        if (device.interruptCount() == 0) {
            return ProbeResult.failed(Errno.ENXIO, "a root IPMMU needs its interrupt");
        }
        Instance instance = new Instance(device, features, null);
        Interrupts.Request interrupt = device.machine().interrupts().request(device.interruptLine(0), device.path(),
                new RootInterrupt(instance));
        prepareRoot(instance, host.quarantined());
        device.log(Device.LogLevel.INFO, "IPMMU context 0 is reserved");
        instance.reserveContext(XenOps.BLOCKED_CONTEXT);
        instances.add(instance);
        host.setOps(ops);
        return ProbeResult.bound(new XenBinding(instance, host, interrupt));
    }

    /** A context that blocks devices keeps running: switching it off would let them pass untranslated. */
    private static void prepareRoot(Instance instance, boolean keepBlocked) {
        for (int c = keepBlocked ? 1 : 0; c < instance.features().contexts; c++) {
            instance.registers().writeContext(c, RegisterBlock.IMCTR, 0);
        }
        RegisterBlock registers = instance.registers();
        registers.writeAuxControl(registers.readAuxControl() | RegisterBlock.IMSAUXCTLR_S2PTE);
        clearSecureGroup(instance);
    }

    private static void clearSecureGroup(Instance instance) {
        RegisterBlock registers = instance.registers();
        registers.writeControl(registers.readControl() & ~RegisterBlock.IMSCTLR_USE_SECGRP);
    }

    /** H3 and M3-W from cut 3.0 on; M3-N, S4 and V4H at any cut; nothing else. */
    static boolean revisionSupported(SocIdentity soc) {
        if (!soc.hasProduct()) {
            return false;
        }
        int cut = soc.product() & SocIdentity.CUT_MASK;
        return switch (soc.product() & SocIdentity.PRODUCT_MASK) {
            case PRODUCT_H3, PRODUCT_M3W -> cut >= CUT_3_0;
            case PRODUCT_M3N, PRODUCT_S4, PRODUCT_V4H -> true;
            default -> false;
        };
    }

    /** A hold on an instance in Xen mode. Xen itself never lets go of one; here the bundle may leave while guests run. */
    private final class XenBinding implements Binding {
        private final Instance instance;
        private final XenHost host;
        private final Interrupts.Request interrupt;

        XenBinding(Instance instance, XenHost host, Interrupts.Request interrupt) {
            this.instance = instance;
            this.host = host;
            this.interrupt = interrupt;
        }

        @Override
        public void close() {
            if (instance.isRoot()) {
                instances.leavesOf(instance).forEach(leaf -> host.unitDown(leaf.path()));
                ops.rootGone();
                stopContexts(instance);
            } else {
                host.unitDown(instance.path());
                if (!instance.root().gone()) {
                    stopContexts(instance);
                }
            }
            instance.markGone();
            instances.remove(instance);
            if (interrupt != null) {
                interrupt.close();
            }
        }

        private void stopContexts(Instance at) {
            for (int c = host.quarantined() ? 1 : 0; c < at.features().contexts; c++) {
                at.registers().writeContext(c, RegisterBlock.IMCTR, 0);
            }
        }

        @Override
        public void suspend() {
            Sleep.suspend(instance, Sleep.Rule.WRITE_BACK_XEN);
        }

        @Override
        public void resume() {
            if (instance.isRoot()) {
                prepareRoot(instance, false);
            } else {
                clearSecureGroup(instance);
            }
            Sleep.resume(instance, instances);
        }
    }
}
