package org.latebind.ipmmu.internal;

import org.latebind.driver.Device;
import org.latebind.driver.Driver;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.Interrupts;

/**
 * The driver proper. A node without {@code renesas,ipmmu-main} is a root; a leaf waits for a bound root. The target of that
 * property is never looked at, only whether it is there (IPMMU sheet, sections 3 and 4.1).
 */
final class IpmmuDriver implements Driver {

    static final long DMA_MASK = (1L << 40) - 1;
    static final String MAIN = "renesas,ipmmu-main";

    private final Instances instances = new Instances();
    private final XenProbe xen = new XenProbe(instances);
    private final AllowRule rule;
    private final Flavour flavour;

    IpmmuDriver(AllowRule rule, Flavour flavour) {
        this.rule = rule;
        this.flavour = flavour;
    }

    Instances instances() {
        return instances;
    }

    /** The table of operations in Xen mode; null before the first probe. */
    XenOps xenOps() {
        return xen.ops();
    }

    @Override
    public ProbeResult probe(Device device) {
        Features features = Features.of(device.compatible());
        if (features == null) {
            return ProbeResult.failed(Errno.ENODEV, "no feature set for " + device.compatible());
        }
        if (!device.dma().setMask(DMA_MASK)) {
            return ProbeResult.failed(Errno.EIO, "tables beyond 32 bits cannot be reached: no 40-bit DMA mask");
        }
        if (device.registerCount() == 0) {
            return ProbeResult.failed(Errno.EINVAL, "no register window");
        }
        if (device.xen().isPresent()) {
            return xen.probe(device, features, device.xen().get());
        }
        boolean leaf = features.cacheLeafNodes && device.properties().has(MAIN);
        return leaf ? probeLeaf(device, features) : probeRoot(device, features);
    }

    private ProbeResult probeLeaf(Device device, Features features) {
        Instance root = instances.root();
        if (root == null) {
            return ProbeResult.deferred(MAIN, "no root IPMMU is bound");
        }
        SocIdentity soc = SocIdentity.read(device);
        if (rule == AllowRule.BSP && !VendorBitmaps.known(soc.soc())) {
            return ProbeResult.failed(Errno.EPERM, "the vendor list has no table for this SoC");
        }
        Instance instance = new Instance(device, features, root).following(flavour);
        instances.add(instance);
        return ProbeResult.bound(new InstanceBinding(instance, instances, null))
                .withIommu(new UnitOps(instance, instances, rule, soc));
    }

    private ProbeResult probeRoot(Device device, Features features) {
        if (device.interruptCount() == 0) {
            return ProbeResult.failed(Errno.ENXIO, "a root IPMMU needs its interrupt");
        }
        Instance instance = new Instance(device, features, null).following(flavour);
        Interrupts.Request interrupt = device.machine().interrupts().request(device.interruptLine(0), device.path(),
                new RootInterrupt(instance));
        try {
            instance.resetContexts();
        } catch (RuntimeException e) {
            interrupt.close();
            throw e;
        }
        if (features.reservedContext) {
            device.log(Device.LogLevel.INFO, "IPMMU context 0 is reserved");
            instance.reserveContext(0);
        }
        instances.add(instance);
        InstanceBinding binding = new InstanceBinding(instance, instances, interrupt);
        return instance.servesClients()
                ? ProbeResult.bound(binding).withIommu(new UnitOps(instance, instances, rule, SocIdentity.read(device)))
                : ProbeResult.bound(binding);
    }
}
