package org.latebind.ipmmu.internal;

import java.util.IdentityHashMap;
import java.util.Map;
import org.latebind.driver.Errno;
import org.latebind.iommu.Translation;
import org.latebind.passthrough.XenDevice;
import org.latebind.passthrough.XenDomain;
import org.latebind.passthrough.XenHost;
import org.latebind.passthrough.XenIommuOps;

/** Xen mode: stage 2 only, the domain's P2M as it is, one context for each domain (IPMMU sheet, sections 6.5 to 6.10). */
final class XenOps implements XenIommuOps {

    /** The reserved context, used for nothing but devices whose driver is gone. */
    static final int BLOCKED_CONTEXT = 0;

    private static final int UTLBS_MAX = 64;

    private final Instances instances;
    private final XenHost host;
    private final Map<XenDomain, XenContext> contexts = new IdentityHashMap<>();
    private final Map<XenDevice, XenContext> attached = new IdentityHashMap<>();

    XenOps(Instances instances, XenHost host) {
        this.instances = instances;
        this.host = host;
    }

    @Override
    public String driver() {
        return "ipmmu-vmsa";
    }

    @Override
    public Errno initDomain(XenDomain domain) {
        contexts.put(domain, new XenContext(domain));
        return null;
    }

    @Override
    public void teardownDomain(XenDomain domain) {
        XenContext context = contexts.remove(domain);
        if (context != null) {
            context.teardown();
        }
    }

    @Override
    public Translation translate(XenDevice device, String unit, int[] cells) {
        Instance leaf = instances.find(unit);
        if (cells.length != 1) {
            return new Translation.Refused(Errno.EINVAL, unit + " takes one cell, not " + cells.length);
        }
        int limit = leaf == null ? UTLBS_MAX : leaf.features().utlbs;
        if (cells[0] < 0 || cells[0] >= limit) {
            return new Translation.Refused(Errno.EINVAL, "micro-TLB " + Integer.toUnsignedString(cells[0]) + " of " + unit);
        }
        if (leaf == null) {
            return new Translation.Refused(Errno.ENODEV, unit + " is not up");
        }
        return new Translation.Ids(cells[0]);
    }

    @Override
    public Errno addDevice(XenDevice device) {
        if (device.iommuPath() == null) {
            return Errno.ENODEV;
        }
        return device.isProtected() ? Errno.EEXIST : null;
    }

    @Override
    public Errno assign(XenDomain domain, XenDevice device) {
        XenContext context = contexts.get(domain);
        if (context == null) {
            return Errno.EINVAL;
        }
        Instance leaf = device.iommuPath() == null ? null : instances.find(device.iommuPath());
        if (leaf == null) {
            return Errno.ENODEV;
        }
        if (!context.started()) {
            Instance root = instances.root();
            Errno error = root == null ? Errno.ENODEV : context.start(root);
            if (error != null) {
                return error;
            }
        }
        if (attached.containsKey(device)) {
            return Errno.EEXIST;
        }
        Errno error = context.attach(leaf, device);
        if (error == null) {
            attached.put(device, context);
        }
        return error;
    }

    @Override
    public Errno reassign(XenDomain source, XenDomain target, XenDevice device) {
        if (target != null && !target.hardwareDomain()) {
            return Errno.EPERM;
        }
        if (source == target) {
            return null;
        }
        XenContext context = contexts.get(source);
        if (context == null || attached.get(device) != context) {
            return Errno.ESRCH;
        }
        context.detach(instances.find(device.iommuPath()), device);
        attached.remove(device);
        return target == null ? null : assign(target, device);
    }

    @Override
    public void flush(XenDomain domain) {
        XenContext context = contexts.get(domain);
        if (context != null) {
            context.flush();
        }
    }

    /** The leaf runs the blocked context from now on; the device's micro-TLBs move over without a gap. */
    @Override
    public void quarantine(XenDomain domain, XenDevice device) {
        XenContext context = attached.remove(device);
        if (context == null) {
            return;
        }
        Instance leaf = instances.find(device.iommuPath());
        startBlocked(leaf);
        context.detachTo(BLOCKED_CONTEXT, leaf, device);
    }

    private void startBlocked(Instance leaf) {
        Instance root = leaf.root();
        int control = RegisterBlock.IMCTR_MMUEN | RegisterBlock.IMCTR_FLUSH;
        synchronized (root.lock()) {
            RegisterBlock registers = root.registers();
            if ((registers.readContext(BLOCKED_CONTEXT, RegisterBlock.IMCTR) & RegisterBlock.IMCTR_MMUEN) == 0) {
                XenContext.writeTable(registers, BLOCKED_CONTEXT, host.blockedTable(), Long.SIZE - 24);
                // No INTEN: nobody is there to serve it.
                registers.writeContext(BLOCKED_CONTEXT, RegisterBlock.IMCTR, RegisterBlock.IMCTR_VA64 | control);
            }
            leaf.registers().writeContext(BLOCKED_CONTEXT, RegisterBlock.IMCTR, control);
        }
    }

    /** Stops the blocked context, leaves first, once nobody needs it. */
    void stopBlocked(Instance root) {
        synchronized (root.lock()) {
            if (host.quarantined()
                    || (root.registers().readContext(BLOCKED_CONTEXT, RegisterBlock.IMCTR) & RegisterBlock.IMCTR_MMUEN) == 0) {
                return;
            }
            new Sequences(root).stop(BLOCKED_CONTEXT, instances.leavesOf(root), root.device());
        }
    }

    @Override
    public String describe(XenDomain domain) {
        XenContext context = contexts.get(domain);
        return context == null ? "no context" : context.describe();
    }

    /** The root goes: domains keep their data, their contexts end. */
    void rootGone() {
        contexts.values().stream().filter(XenContext::started).forEach(XenContext::abandon);
    }
}
