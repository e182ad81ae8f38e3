package org.latebind.explorer;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.latebind.probe.Board;
import org.latebind.probe.Outcome;
import org.latebind.probe.Reason;
import org.latebind.probe.State;

/**
 * What a finding's schedule does step by step to the device and to the devices in its reason tree.
 *
 * @param devices  paths, the finding's device first
 * @param outcomes a row for the booted machine and one after each event; outcomes in the order of {@code devices}
 */
public record Trail(List<String> devices, List<List<Outcome>> outcomes) {

    /** Nobody looked. */
    public static final Trail NONE = new Trail(List.of(), List.of());

    /** Copies. */
    public Trail {
        devices = List.copyOf(devices);
        outcomes = outcomes.stream().map(List::copyOf).toList();
    }

    /** Looks at the states that the events lead through. */
    static Trail of(Board board, Reason reason, List<State> states) {
        Set<Integer> numbers = new LinkedHashSet<>();
        collect(board, reason, numbers);
        List<List<Outcome>> rows = new ArrayList<>();
        for (State state : states) {
            rows.add(numbers.stream().map(state::outcome).toList());
        }
        return new Trail(numbers.stream().map(d -> board.device(d).path()).toList(), rows);
    }

    private static void collect(Board board, Reason reason, Set<Integer> numbers) {
        int device = board.deviceIndex(reason.subject());
        if (device >= 0) {
            numbers.add(device);
        }
        reason.causes().forEach(cause -> collect(board, cause, numbers));
    }
}
