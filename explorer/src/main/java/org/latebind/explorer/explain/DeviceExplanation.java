package org.latebind.explorer.explain;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.latebind.explorer.replay.ModelReplay;
import org.latebind.probe.Board;
import org.latebind.probe.BoardDevice;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.Reason;
import org.latebind.schedule.Schedule;

/**
 * Why a device ends where it ends, and what cures it.
 *
 * @param path      path of the device
 * @param before    outcome after the given events
 * @param reason    why, as a tree; null when it is translated
 * @param steps     commands that cure it, in the order in which they are to be given, each with what it leads to; empty when
 *                  nothing known does
 * @param after     outcome after the steps
 * @param remaining why it is not translated even then; null when it is
 * @param nearMiss  a driver that would nearly match the first thing nobody drives
 */
public record DeviceExplanation(String path, Outcome before, Reason reason, List<CureStep> steps, Outcome after,
        Reason remaining, Optional<NearMiss> nearMiss) {

    /** Copies. */
    public DeviceExplanation {
        steps = List.copyOf(steps);
    }

    /**
     * Explains a device.
     *
     * @param events what happens first; modules not loaded by it are what may cure the device
     * @param device number of the device on the board
     */
    public static DeviceExplanation of(Board board, ModuleCatalogue catalogue, Policy policy, Parameters parameters,
            Schedule events, int device) {
        ModelReplay now = ModelReplay.play(board, catalogue, policy, parameters, events);
        Outcome before = now.state().outcome(device);
        Reason reason = before == Outcome.BOUND_TRANSLATED ? null : now.state().explain(device);
        List<CureStep> steps = before == Outcome.BOUND_TRANSLATED ? List.of()
                : new CureSearch(board, catalogue, policy, parameters, events, device).steps();
        CureStep last = steps.isEmpty() ? new CureStep("", before, reason) : steps.get(steps.size() - 1);
        return new DeviceExplanation(board.device(device).path(), before, reason, steps, last.outcome(), last.reason(),
                miss(board, catalogue, last.reason(), device));
    }

    /** The commands alone, as the schedule language writes them. */
    public List<String> cures() {
        return steps.stream().map(CureStep::command).toList();
    }

    private static Optional<NearMiss> miss(Board board, ModuleCatalogue catalogue, Reason reason, int device) {
        Set<String> strings = new LinkedHashSet<>();
        if (reason != null) {
            nobody(reason, strings);
        }
        BoardDevice own = board.device(device);
        if (own.compatible().stream().noneMatch(string -> driven(catalogue, string))) {
            strings.addAll(own.compatible());
        }
        return NearMiss.find(strings, catalogue);
    }

    private static boolean driven(ModuleCatalogue catalogue, String compatible) {
        return catalogue.drivers().stream().map(DriverDescription::compatible).anyMatch(all -> all.contains(compatible));
    }

    private static void nobody(Reason reason, Set<String> strings) {
        if (reason.kind() == Reason.Kind.NOTHING && !reason.subject().isEmpty()) {
            strings.add(reason.subject());
        }
        new ArrayList<>(reason.causes()).forEach(cause -> nobody(cause, strings));
    }
}
