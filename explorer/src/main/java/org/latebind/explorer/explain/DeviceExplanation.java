package org.latebind.explorer.explain;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.latebind.explorer.replay.ModelReplay;
import org.latebind.probe.Board;
import org.latebind.probe.BoardDevice;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.Reason;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/**
 * Why a device ends where it ends.
 *
 * @param path      path of the device
 * @param before    outcome after the given events
 * @param reason    why, as a tree; null when it is translated
 * @param after     outcome when every module is loaded as well
 * @param remaining why it is not translated even then; null when it is
 * @param cures     commands that cure it, in the order in which they are to be given; empty when nothing known does
 * @param nearMiss  a driver that would nearly match the first thing nobody drives
 */
public record DeviceExplanation(String path, Outcome before, Reason reason, Outcome after, Reason remaining, List<String> cures,
        Optional<NearMiss> nearMiss) {

    /**
     * Explains a device.
     *
     * @param events what happens first; modules not loaded by it are what may cure the device
     * @param device number of the device on the board
     */
    public static DeviceExplanation of(Board board, ModuleCatalogue catalogue, Policy policy, Parameters parameters,
            Schedule events, int device) {
        ModelReplay now = ModelReplay.play(board, catalogue, policy, parameters, events);
        List<Schedule.Step> steps = new ArrayList<>(events.steps());
        List<String> missing = missing(catalogue, now);
        missing.forEach(module -> steps.add(new Schedule.Step(0, -1, new ScheduleEvent.Load(module))));
        ModelReplay all = ModelReplay.play(board, catalogue, policy, parameters, new Schedule(events.source(), steps));
        Outcome before = now.state().outcome(device);
        Outcome after = all.state().outcome(device);
        Reason reason = before == Outcome.BOUND_TRANSLATED ? null : now.state().explain(device);
        Reason remaining = after == Outcome.BOUND_TRANSLATED ? null : all.state().explain(device);
        return new DeviceExplanation(board.device(device).path(), before, reason, after, remaining,
                cures(board, catalogue, policy, parameters, events, device, missing, after),
                miss(board, catalogue, reason, device));
    }

    private static List<String> missing(ModuleCatalogue catalogue, ModelReplay replay) {
        List<String> missing = new ArrayList<>();
        for (int m = 0; m < catalogue.modules().size(); m++) {
            KernelModule module = catalogue.module(m);
            if (!module.builtin() && !replay.state().loaded(m)) {
                missing.add(module.name());
            }
        }
        return missing;
    }

    /** A smallest set of loads, in catalogue order, after which the device ends as with all of them. */
    private static List<String> cures(Board board, ModuleCatalogue catalogue, Policy policy, Parameters parameters,
            Schedule events, int device, List<String> missing, Outcome wanted) {
        List<String> needed = new ArrayList<>(missing);
        for (String module : missing) {
            List<String> without = new ArrayList<>(needed);
            without.remove(module);
            List<Schedule.Step> steps = new ArrayList<>(events.steps());
            without.forEach(name -> steps.add(new Schedule.Step(0, -1, new ScheduleEvent.Load(name))));
            ModelReplay replay = ModelReplay.play(board, catalogue, policy, parameters, new Schedule(events.source(), steps));
            if (replay.state().outcome(device) == wanted) {
                needed = without;
            }
        }
        return needed.stream().map(name -> "load " + name).toList();
    }

    private static Optional<NearMiss> miss(Board board, ModuleCatalogue catalogue, Reason reason, int device) {
        Set<String> strings = new LinkedHashSet<>();
        if (reason != null) {
            nobody(reason, strings);
        }
        BoardDevice own = board.device(device);
        strings.addAll(own.compatible());
        return NearMiss.find(strings, catalogue);
    }

    private static void nobody(Reason reason, Set<String> strings) {
        if (reason.kind() == Reason.Kind.NOTHING && !reason.subject().isEmpty()) {
            strings.add(reason.subject());
        }
        reason.causes().forEach(cause -> nobody(cause, strings));
    }
}
