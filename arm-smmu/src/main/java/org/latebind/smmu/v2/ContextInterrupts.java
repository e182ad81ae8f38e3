package org.latebind.smmu.v2;

import org.latebind.driver.Device;
import org.latebind.hardware.Interrupts;

/** Which interrupt a context bank uses, and its handler. */
final class ContextInterrupts {

    private final Device device;
    private final int[] lines;
    private final Version version;
    private final boolean shared;
    private final FaultReports faults;
    private final Interrupts.Request[] requests;
    private int next = -1;

    /**
     * Makes the assignment.
     *
     * @param lines  context interrupt lines in the order of the tree
     * @param shared handlers look at every bank (NVIDIA)
     */
    ContextInterrupts(Device device, int[] lines, HardwareFeatures features, boolean shared, FaultReports faults) {
        this.device = device;
        this.lines = lines.clone();
        this.version = features.version();
        this.shared = shared;
        this.faults = faults;
        requests = new Interrupts.Request[features.banks()];
    }

    /** Interrupt index of a bank: its own on version 2, the next in turn before. */
    int indexFor(int bank) {
        if (version == Version.V2) {
            return bank;
        }
        next = (next + 1) % lines.length;
        return next;
    }

    void connect(int bank, int index) {
        requests[bank] = device.machine().interrupts().request(lines[index], device.path() + " context " + bank,
                () -> shared ? faults.allContexts() : faults.context(bank));
    }

    void disconnect(int bank) {
        if (requests[bank] != null) {
            requests[bank].close();
            requests[bank] = null;
        }
    }

    void close() {
        for (int bank = 0; bank < requests.length; bank++) {
            disconnect(bank);
        }
    }
}
