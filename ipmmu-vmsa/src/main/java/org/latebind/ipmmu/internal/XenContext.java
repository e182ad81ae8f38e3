package org.latebind.ipmmu.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.driver.Device;
import org.latebind.driver.Errno;
import org.latebind.passthrough.XenDevice;
import org.latebind.passthrough.XenDomain;

/**
 * One Xen domain in the hardware: one context of the root, taken at the first assignment and kept until teardown, and for
 * each leaf with a device of the domain a cache domain, counted by devices. All leaves use the context's number. IPMMU sheet,
 * sections 5.2, 6.4, 6.8, 6.9 and 6.12.
 */
final class XenContext implements Instance.ContextUser {

    private static final int TSZ0_TOTAL = 64;

    private final XenDomain domain;
    private final Map<Instance, Integer> caches = new LinkedHashMap<>();
    private Instance root;
    private Sequences sequences;
    private int context = Instance.NO_CONTEXT;

    XenContext(XenDomain domain) {
        this.domain = domain;
    }

    XenDomain domain() {
        return domain;
    }

    boolean started() {
        return context != Instance.NO_CONTEXT;
    }

    /** Takes a context of the root and starts it in the root alone. */
    Errno start(Instance onRoot) {
        int free = onRoot.allocateContext(this);
        if (free == Instance.NO_CONTEXT) {
            return Errno.EBUSY;
        }
        root = onRoot;
        context = free;
        sequences = new Sequences(root);
        synchronized (root.lock()) {
            program();
        }
        root.device().log(Device.LogLevel.INFO, "domain " + domain.id() + ": using IPMMU context " + context);
        return null;
    }

    private void program() {
        writeTable(root.registers(), context, domain.p2mRoot(), domain.ipaBits());
        root.registers().writeContext(context, RegisterBlock.IMCTR, RegisterBlock.IMCTR_VA64 | RegisterBlock.IMCTR_INTEN
                | RegisterBlock.IMCTR_FLUSH | RegisterBlock.IMCTR_MMUEN);
    }

    /** Base and format of a stage 2 table; stage 1 is bypassed. */
    static void writeTable(RegisterBlock registers, int context, long table, int ipaBits) {
        registers.writeContext(context, RegisterBlock.IMTTLBR0, (int) table & 0xFFFF_F000);
        registers.writeContext(context, RegisterBlock.IMTTUBR0, (int) (table >>> 32) & 0xFF);
        registers.writeContext(context, RegisterBlock.IMTTBCR, RegisterBlock.IMTTBCR_EAE | RegisterBlock.IMTTBCR_PMB
                | RegisterBlock.IMTTBCR_SL0_LEVEL1_STAGE2 | TSZ0_TOTAL - ipaBits);
        registers.writeContext(context, RegisterBlock.IMSTR, registers.readContext(context, RegisterBlock.IMSTR));
    }

    /** Puts a device's micro-TLBs of a leaf on this context; all or none. */
    Errno attach(Instance leaf, XenDevice device) {
        synchronized (root.lock()) {
            if (!caches.containsKey(leaf)) {
                leaf.registers().writeContext(context, RegisterBlock.IMCTR,
                        (root.registers().readContext(context, RegisterBlock.IMCTR) | RegisterBlock.IMCTR_FLUSH)
                                & RegisterBlock.IMCTR_COMMON);
                caches.put(leaf, 0);
            }
            for (int i = 0; i < device.idCount(); i++) {
                if (!leaf.shareUtlb(device.id(i), context)) {
                    for (int undone = i - 1; undone >= 0; undone--) {
                        leaf.disableUtlb(device.id(undone));
                    }
                    dropUnused(leaf);
                    return Errno.EINVAL;
                }
            }
            caches.merge(leaf, 1, Integer::sum);
            return null;
        }
    }

    void detach(Instance leaf, XenDevice device) {
        synchronized (root.lock()) {
            for (int i = 0; i < device.idCount(); i++) {
                leaf.disableUtlb(device.id(i));
            }
            caches.merge(leaf, -1, Integer::sum);
            dropUnused(leaf);
        }
    }

    /** As {@link #detach}, but the micro-TLBs go on, to a context where every access faults. */
    void detachTo(int blockedContext, Instance leaf, XenDevice device) {
        synchronized (root.lock()) {
            for (int i = 0; i < device.idCount(); i++) {
                leaf.redirectUtlb(device.id(i), blockedContext);
            }
            caches.merge(leaf, -1, Integer::sum);
            dropUnused(leaf);
        }
    }

    /** The leaf's part of the context stops with its last device; nobody waits for that invalidation. */
    private void dropUnused(Instance leaf) {
        if (caches.get(leaf) == 0) {
            leaf.registers().writeContext(context, RegisterBlock.IMCTR, RegisterBlock.IMCTR_FLUSH);
            caches.remove(leaf);
        }
    }

    void flush() {
        if (started()) {
            synchronized (root.lock()) {
                sequences.flush(context, leaves(), root.device());
            }
        }
    }

    /** Stops the context in the root, waits, and gives the number back. No leaf uses it any more. */
    void teardown() {
        if (!started()) {
            return;
        }
        if (!caches.isEmpty()) {
            throw new IllegalStateException("domain " + domain.id() + " still has devices behind " + caches.keySet().stream()
                    .map(Instance::path).toList());
        }
        abandon();
    }

    @Override
    public void abandon() {
        synchronized (root.lock()) {
            sequences.stop(context, leaves(), root.device());
        }
        caches.clear();
        root.freeContext(context);
        context = Instance.NO_CONTEXT;
    }

    @Override
    public void restore() {
        synchronized (root.lock()) {
            program();
            for (Instance leaf : caches.keySet()) {
                leaf.registers().writeContext(context, RegisterBlock.IMCTR,
                        root.registers().readContext(context, RegisterBlock.IMCTR) & RegisterBlock.IMCTR_COMMON);
            }
        }
    }

    @Override
    public String describe() {
        if (!started()) {
            return "no context";
        }
        List<String> leaves = new ArrayList<>();
        caches.forEach((leaf, devices) -> leaves.add(leaf.path() + " (" + devices + ")"));
        return "domain " + domain.id() + ", context " + context
                + (leaves.isEmpty() ? "" : ", leaves " + String.join(", ", leaves));
    }

    @Override
    public Device reporter() {
        return root.device();
    }

    @Override
    public List<Instance> leaves() {
        return List.copyOf(caches.keySet());
    }
}
