package org.latebind.ipmmu.internal;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.latebind.driver.Device;
import org.latebind.iommu.FaultHandler;

/**
 * One IPMMU that is bound, or about to be: its registers, and what the driver knows of them. A root owns the contexts of
 * the SoC; a leaf owns micro-TLBs; a Gen2 instance is both and its own root (IPMMU sheet, section 3; micro-TLBs: 4.4, 4.5, 6.8).
 *
 * <p>Register sequences that belong together run under {@link #lock()}, the monitor of the root. No foreign code is called
 * under it.
 */
final class Instance {

    static final int NO_CONTEXT = -1;

    private final Device device;
    private final Features features;
    private final RegisterBlock registers;
    private final Instance root;
    private final BitSet contexts;
    private final ContextUser[] users;
    private final int[] utlbContext;
    private final int[] utlbUsers;
    private Flavour flavour = Flavour.LINUX;
    private SavedRegisters saved;
    private boolean suspended;
    private boolean gone;

    /** Makes an instance; a {@code root} of null means that it is one itself. */
    Instance(Device device, Features features, Instance root) {
        this.device = device;
        this.features = features;
        this.registers = new RegisterBlock(device.registers(0), features);
        this.root = root == null ? this : root;
        this.contexts = new BitSet(features.contexts);
        this.users = new ContextUser[features.contexts];
        this.utlbContext = new int[features.utlbs];
        this.utlbUsers = new int[features.utlbs];
        Arrays.fill(utlbContext, NO_CONTEXT);
    }

    /** What holds a context. */
    interface ContextUser {

        /** Writes the context's registers again after they were lost. */
        void restore();

        /** Switches everything off because the root goes away. */
        void abandon();

        /** Serves the interrupt of the context: what to say about a status. */
        String describe();

        /** The device in whose name faults are reported. */
        Device reporter();

        /** Asks who cares for faults of the context; by default nobody does. */
        default FaultHandler.Answer fault(FaultHandler.Fault fault) {
            return FaultHandler.Answer.UNHANDLED;
        }

        /** Leaves where the context runs; a Gen2 instance is its own. */
        List<Instance> leaves();
    }

    Device device() {
        return device;
    }

    String path() {
        return device.path();
    }

    Features features() {
        return features;
    }

    RegisterBlock registers() {
        return registers;
    }

    Instance root() {
        return root;
    }

    boolean isRoot() {
        return root == this;
    }

    /** Tells whether clients can stand behind it. */
    boolean servesClients() {
        return !isRoot() || !features.cacheLeafNodes;
    }

    Object lock() {
        return root.contexts;
    }

    boolean suspended() {
        return suspended;
    }

    void suspended(boolean value) {
        suspended = value;
    }

    /** What was read before a sleep; null when nothing was. */
    SavedRegisters saved() {
        return saved;
    }

    void saved(SavedRegisters registers) {
        saved = registers;
    }

    Flavour flavour() {
        return flavour;
    }

    /** Whose sequences to follow; mainline's unless told otherwise. */
    Instance following(Flavour value) {
        flavour = value;
        return this;
    }

    /** Tells whether the driver let go of it; nothing may touch its registers any more. */
    boolean gone() {
        return gone;
    }

    void markGone() {
        gone = true;
    }

    /** Writes IMCTR = 0 for every context. */
    void resetContexts() {
        for (int c = 0; c < features.contexts; c++) {
            registers.writeContext(c, RegisterBlock.IMCTR, 0);
        }
    }

    void reserveContext(int context) {
        contexts.set(context);
    }

    /** Takes the first free context of a root for a user; {@link #NO_CONTEXT} when none is left. */
    int allocateContext(ContextUser user) {
        synchronized (lock()) {
            int free = contexts.nextClearBit(0);
            if (free >= features.contexts) {
                return NO_CONTEXT;
            }
            contexts.set(free);
            users[free] = user;
            return free;
        }
    }

    void freeContext(int context) {
        synchronized (lock()) {
            contexts.clear(context);
            users[context] = null;
        }
    }

    ContextUser user(int context) {
        return users[context];
    }

    /** Contexts handed out, without the reserved one. */
    int contextsInUse() {
        synchronized (lock()) {
            int used = 0;
            for (ContextUser user : users) {
                used += user == null ? 0 : 1;
            }
            return used;
        }
    }

    int utlbContext(int n) {
        return utlbContext[n];
    }

    int utlbUsers(int n) {
        return utlbUsers[n];
    }

    /** Micro-TLBs that are on. */
    int utlbsInUse() {
        int used = 0;
        for (int context : utlbContext) {
            used += context == NO_CONTEXT ? 0 : 1;
        }
        return used;
    }

    /** One more user of a micro-TLB; it is programmed when it is new or moves to another context. */
    void enableUtlb(int n, int context) {
        synchronized (lock()) {
            utlbUsers[n]++;
            if (utlbContext[n] != context) {
                programUtlb(n, context);
            }
        }
    }

    /** IMUASID = 0, then IMUCTR with context, FLUSH and MMUEN; the vendor kernel keeps other bits and does not flush. */
    private void programUtlb(int n, int context) {
        int value = context << RegisterBlock.TTSEL_SHIFT | RegisterBlock.IMUCTR_MMUEN;
        int control = flavour == Flavour.BSP ? registers.readUtlb(n) & ~features.ttselMask | value
                : value | RegisterBlock.IMUCTR_FLUSH;
        registers.writeUtlbAsid(n, 0);
        registers.writeUtlb(n, control);
        utlbContext[n] = context;
    }

    /** One user less; the last one switches the micro-TLB off. */
    void disableUtlb(int n) {
        synchronized (lock()) {
            if (utlbUsers[n] <= 0) {
                throw new IllegalStateException("micro-TLB " + n + " of " + path() + " has no users");
            }
            if (--utlbUsers[n] == 0) {
                registers.writeUtlb(n, 0);
                utlbContext[n] = NO_CONTEXT;
            }
        }
    }

    /**
     * Xen's way: one more user of a micro-TLB, unless the hardware says that it is another domain's. A micro-TLB in the
     * blocked context is nobody's. False when refused; nothing is changed then.
     */
    boolean shareUtlb(int n, int context) {
        synchronized (lock()) {
            int control = registers.readUtlb(n);
            int selected = (control & features.ttselMask) >>> RegisterBlock.TTSEL_SHIFT;
            boolean on = (control & RegisterBlock.IMUCTR_MMUEN) != 0;
            if (on && selected != context && selected != XenOps.BLOCKED_CONTEXT) {
                return false;
            }
            if (utlbUsers[n]++ == 0) {
                registers.writeUtlbAsid(n, 0);
                registers.writeUtlb(n, control | context << RegisterBlock.TTSEL_SHIFT | RegisterBlock.IMUCTR_MMUEN);
                utlbContext[n] = context;
            }
            return true;
        }
    }

    /** A user leaves a micro-TLB that must go on blocking: it selects another context and loses its entries. */
    void redirectUtlb(int n, int context) {
        synchronized (lock()) {
            registers.writeUtlb(n, context << RegisterBlock.TTSEL_SHIFT | RegisterBlock.IMUCTR_FLUSH
                    | RegisterBlock.IMUCTR_MMUEN);
            utlbUsers[n]--;
            utlbContext[n] = NO_CONTEXT;
        }
    }

    /** Switches micro-TLBs of a context off, whoever uses them: their root goes away. The users stay counted. */
    void cutUtlbs(int context) {
        synchronized (lock()) {
            for (int n = 0; n < utlbContext.length; n++) {
                if (utlbContext[n] == context) {
                    registers.writeUtlb(n, 0);
                    utlbContext[n] = NO_CONTEXT;
                }
            }
        }
    }

    /** After a loss of power: every micro-TLB that is in use and whose context is, as it was saved, else programmed anew. */
    void restoreUtlbs() {
        synchronized (lock()) {
            for (int n = 0; n < utlbContext.length; n++) {
                if (utlbContext[n] == NO_CONTEXT || root.users[utlbContext[n]] == null) {
                    continue;
                }
                if (saved == null || !saved.hasUtlb(n)) {
                    programUtlb(n, utlbContext[n]);
                } else {
                    saved.writeUtlb(n);
                }
            }
        }
    }
}
