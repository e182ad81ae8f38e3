package org.latebind.smmu.v2;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.driver.Binding;
import org.latebind.driver.Device;
import org.latebind.driver.Errno;
import org.latebind.hardware.Interrupts;
import org.latebind.passthrough.XenDevice;
import org.latebind.passthrough.XenHost;

/** One SMMU in Xen mode: its stream entries by device. Streams that no domain has fault, always. */
final class XenUnit implements Binding {

    private final Device device;
    private final SmmuState state;
    private final ContextInterrupts interrupts;
    private final XenOps ops;
    private final XenHost host;
    private final List<Interrupts.Request> globals = new ArrayList<>();
    private final Map<XenDevice, int[]> streams = new IdentityHashMap<>();

    XenUnit(Device device, SmmuState state, ContextInterrupts interrupts, XenOps ops, XenHost host) {
        this.device = device;
        this.state = state;
        this.interrupts = interrupts;
        this.ops = ops;
        this.host = host;
    }

    String path() {
        return device.path();
    }

    SmmuState state() {
        return state;
    }

    ContextInterrupts interrupts() {
        return interrupts;
    }

    Device device() {
        return device;
    }

    void keep(Interrupts.Request request) {
        globals.add(request);
    }

    /** Takes the stream entries of a device, unless it has them; they fault until a domain gets it. */
    Errno register(XenDevice master) {
        if (streams.containsKey(master)) {
            return null;
        }
        int[] ids = new int[master.idCount()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = master.id(i);
            if (!state.features().streamMatching() && (ids[i] & 0xffff) >= state.features().groups()) {
                return Errno.ERANGE;
            }
            if ((ids[i] & 0xffff & ~state.streamIdMask()) != 0 || (ids[i] >>> 16 & ~state.smrMask()) != 0) {
                return Errno.EINVAL;
            }
        }
        int[] entries = new int[ids.length];
        Errno error = state.streams().allocate(ids, entries);
        if (error == null) {
            for (int entry : entries) {
                state.writeStreamEntry(entry);
            }
            streams.put(master, entries);
        }
        return error;
    }

    /** Leads the device's streams to a bank. */
    void translate(XenDevice master, int bank) {
        point(master, StreamMapTable.Type.TRANSLATE, bank);
    }

    /** Makes the device's streams fault. */
    void fault(XenDevice master) {
        point(master, StreamMapTable.Type.FAULT, 0);
    }

    private void point(XenDevice master, StreamMapTable.Type type, int bank) {
        for (int n : streams.get(master)) {
            state.streams().entry(n).type = type;
            state.streams().entry(n).bank = bank;
            state.writeS2cr(n);
        }
    }

    @Override
    public void resume() {
        state.reset();
    }

    @Override
    public void shutdown() {
        state.disable();
    }

    /**
     * Guests that live on must not see their devices pass: with quarantined devices the SMMU is left with every stream
     * faulting and no interrupt, else in the state after a reset.
     */
    @Override
    public void close() {
        host.unitDown(path());
        ops.unitGone(this);
        for (int[] entries : streams.values()) {
            for (int n : entries) {
                if (state.streams().release(n)) {
                    state.writeStreamEntry(n);
                }
            }
        }
        streams.clear();
        if (host.quarantined()) {
            SmmuHardware hw = state.hardware();
            hw.gr0(Registers.SCR0, hw.gr0(Registers.SCR0) & ~(Registers.SCR0_GFIE | Registers.SCR0_GCFGFIE));
        } else {
            state.disable();
        }
        closeInterrupts();
    }

    void closeInterrupts() {
        interrupts.close();
        for (int i = globals.size() - 1; i >= 0; i--) {
            globals.get(i).close();
        }
        globals.clear();
    }
}
