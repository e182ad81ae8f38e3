package org.latebind.smmu.v2;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.latebind.driver.Errno;
import org.latebind.iommu.Translation;
import org.latebind.passthrough.XenDevice;
import org.latebind.passthrough.XenDomain;
import org.latebind.passthrough.XenIommuOps;

/** Xen mode: stage 2 only, the domain's P2M as it is, one context for each domain and SMMU. */
final class XenOps implements XenIommuOps {

    private final Map<String, XenUnit> units = new TreeMap<>();
    private final Map<XenDomain, Map<XenUnit, XenContext>> contexts = new IdentityHashMap<>();
    private final Map<XenDevice, XenDomain> owners = new IdentityHashMap<>();

    @Override
    public String driver() {
        return "arm-smmu";
    }

    void add(XenUnit unit) {
        units.put(unit.path(), unit);
    }

    /** The unit goes; what is left of it in the domains ends. */
    void unitGone(XenUnit unit) {
        units.remove(unit.path());
        for (Map<XenUnit, XenContext> ofDomain : contexts.values()) {
            XenContext context = ofDomain.remove(unit);
            if (context != null) {
                context.stop();
            }
        }
    }

    @Override
    public Errno initDomain(XenDomain domain) {
        contexts.putIfAbsent(domain, new LinkedHashMap<>());
        return null;
    }

    @Override
    public void teardownDomain(XenDomain domain) {
        Map<XenUnit, XenContext> held = contexts.remove(domain);
        if (held != null && !held.isEmpty()) {
            throw new IllegalStateException("domain " + domain.id() + " still has devices behind " + held.keySet().stream()
                    .map(XenUnit::path).toList());
        }
    }

    @Override
    public Translation translate(XenDevice device, String path, int[] cells) {
        XenUnit unit = units.get(path);
        if (unit == null) {
            return new Translation.Refused(Errno.ENODEV, path + " is not up");
        }
        return SmmuDevice.translate(cells, SmmuDevice.matchMask(unit.device()));
    }

    @Override
    public Errno addDevice(XenDevice device) {
        XenUnit unit = unitOf(device);
        if (unit == null) {
            return Errno.ENODEV;
        }
        return device.isProtected() ? Errno.EBUSY : unit.register(device);
    }

    @Override
    public Errno assign(XenDomain domain, XenDevice device) {
        Map<XenUnit, XenContext> held = contexts.get(domain);
        XenUnit unit = unitOf(device);
        if (held == null || unit == null) {
            return unit == null ? Errno.ENXIO : Errno.ENODEV;
        }
        if (owners.containsKey(device)) {
            return Errno.EEXIST;
        }
        Errno error = unit.register(device);
        if (error != null) {
            return error;
        }
        XenContext context = held.get(unit);
        if (context == null) {
            context = XenContext.start(unit, domain);
            if (context == null) {
                return XenContext.exhausted();
            }
            held.put(unit, context);
        }
        context.added();
        owners.put(device, domain);
        unit.translate(device, context.bank());
        return null;
    }

    @Override
    public Errno reassign(XenDomain source, XenDomain target, XenDevice device) {
        if (target != null && !target.hardwareDomain()) {
            return Errno.EPERM;
        }
        if (owners.get(device) != source) {
            return Errno.ESRCH;
        }
        if (source == target) {
            return null;
        }
        take(source, device);
        return target == null ? null : assign(target, device);
    }

    /** The stream faults before its context may go. */
    private void take(XenDomain domain, XenDevice device) {
        XenUnit unit = unitOf(device);
        unit.fault(device);
        owners.remove(device);
        XenContext context = contexts.get(domain).get(unit);
        if (context.removed()) {
            context.stop();
            contexts.get(domain).remove(unit);
        }
    }

    @Override
    public void flush(XenDomain domain) {
        Map<XenUnit, XenContext> held = contexts.get(domain);
        if (held != null) {
            held.values().forEach(XenContext::flush);
        }
    }

    /** A stream entry that faults needs neither table nor driver. */
    @Override
    public void quarantine(XenDomain domain, XenDevice device) {
        if (owners.get(device) == domain && unitOf(device) != null) {
            take(domain, device);
        }
    }

    private XenUnit unitOf(XenDevice device) {
        return device.iommuPath() == null ? null : units.get(device.iommuPath());
    }

    @Override
    public String describe(XenDomain domain) {
        Map<XenUnit, XenContext> held = contexts.get(domain);
        return held == null || held.isEmpty() ? "no context"
                : held.values().stream().map(XenContext::describe).collect(Collectors.joining(", "));
    }
}
