package org.latebind.xengrant;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.driver.Errno;
import org.latebind.iommu.Translation;
import org.latebind.passthrough.XenDevice;
import org.latebind.passthrough.XenDomain;
import org.latebind.passthrough.XenIommuOps;

/** The hypervisor's driver of a unit with contexts: the lowest free one from 1 on for each domain with a device. */
final class Contexts implements XenIommuOps {
    private final BitSet used = new BitSet();
    final Map<Integer, Integer> byDomain = new HashMap<>();

    /** Where devices that were taken from a domain went; null for nobody. */
    final List<XenDomain> targets = new ArrayList<>();

    /** What assign and reassign answer; null for success. */
    Errno refusal;

    @Override
    public String driver() {
        return "contexts";
    }

    @Override
    public Errno initDomain(XenDomain domain) {
        return null;
    }

    @Override
    public void teardownDomain(XenDomain domain) {
        Integer context = byDomain.remove(domain.id());
        if (context != null) {
            used.clear(context);
        }
    }

    @Override
    public Translation translate(XenDevice device, String unit, int[] cells) {
        return new Translation.Ids(cells[0]);
    }

    @Override
    public Errno addDevice(XenDevice device) {
        return null;
    }

    @Override
    public Errno assign(XenDomain domain, XenDevice device) {
        if (refusal != null) {
            return refusal;
        }
        byDomain.computeIfAbsent(domain.id(), id -> {
            int context = used.nextClearBit(1);
            used.set(context);
            return context;
        });
        return null;
    }

    @Override
    public Errno reassign(XenDomain source, XenDomain target, XenDevice device) {
        targets.add(target);
        return refusal;
    }

    @Override
    public void flush(XenDomain domain) {
        // Nothing is cached.
    }

    @Override
    public void quarantine(XenDomain domain, XenDevice device) {
        throw new UnsupportedOperationException("the unit never goes");
    }
}
