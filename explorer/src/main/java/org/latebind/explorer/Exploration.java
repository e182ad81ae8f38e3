package org.latebind.explorer;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.latebind.probe.Outcome;
import org.latebind.schedule.Schedule;

/**
 * What every order leads to.
 *
 * @param board      name of the board
 * @param policy     name of the policy
 * @param parameters parameters that were set, by name
 * @param verdict    what is proven
 * @param devices    every device, in the order of the board
 * @param findings   by device, then rule
 * @param stats      what it took
 */
public record Exploration(String board, String policy, Map<String, String> parameters, Verdict verdict,
        List<DeviceResult> devices, List<Finding> findings, Stats stats) {

    /** Copies. */
    public Exploration {
        parameters = Map.copyOf(parameters);
        devices = List.copyOf(devices);
        findings = List.copyOf(findings);
    }

    /** Returns the result of the device with this path, or null. */
    public DeviceResult device(String path) {
        for (DeviceResult result : devices) {
            if (result.path().equals(path)) {
                return result;
            }
        }
        return null;
    }

    /**
     * How one device can end: outcomes in settled states, that is with every module loaded, late-init over and the timer not
     * armed (or, where it may not fire, ignored).
     *
     * @param device   number on the board
     * @param path     path
     * @param outcomes reachable outcomes, by number of events, then by outcome
     * @param complete whether these are all; false when a limit was reached
     */
    public record DeviceResult(int device, String path, List<Reachable> outcomes, boolean complete) {
        /** Copies. */
        public DeviceResult {
            outcomes = List.copyOf(outcomes);
        }
    }

    /**
     * An outcome and a shortest schedule to it.
     *
     * @param outcome  outcome
     * @param schedule shortest schedule after the boot of the built-ins; whatever it leaves out may follow in any order
     */
    public record Reachable(Outcome outcome, Schedule schedule) { }

    /**
     * What it took.
     *
     * @param modules     modules that may be loaded
     * @param orders      orders of their loads, late-init and the expiry that the constraints allow, exactly
     * @param states      states stored, all searches together
     * @param transitions events run on the engine by the searches
     * @param bytes       bytes of stored states, with where they came from and their places in the table
     * @param millis      wall time in milliseconds
     */
    public record Stats(int modules, BigInteger orders, long states, long transitions, long bytes, long millis) {
        /** Without bytes. */
        public Stats(int modules, BigInteger orders, long states, long transitions, long millis) {
            this(modules, orders, states, transitions, 0, millis);
        }
    }
}
