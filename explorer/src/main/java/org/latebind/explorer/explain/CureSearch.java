package org.latebind.explorer.explain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.latebind.explorer.replay.ModelReplay;
import org.latebind.probe.Board;
import org.latebind.probe.BoardDevice;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.State;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/**
 * Looks for the commands that cure a device: loads of modules that were not loaded, and, where loads alone do not help, what a
 * person would try next - probing the device again, or its driver. Every answer was played on the model.
 */
final class CureSearch {

    private final Board board;
    private final ModuleCatalogue catalogue;
    private final Policy policy;
    private final Parameters parameters;
    private final Schedule events;
    private final int device;

    CureSearch(Board board, ModuleCatalogue catalogue, Policy policy, Parameters parameters, Schedule events, int device) {
        this.board = board;
        this.catalogue = catalogue;
        this.policy = policy;
        this.parameters = parameters;
        this.events = events;
        this.device = device;
    }

    /** The commands with what each leads to; empty when nothing known makes the device better than it is. */
    List<CureStep> steps() {
        State now = play(List.of());
        List<ScheduleEvent> loads = missing(now);
        List<ScheduleEvent> last = List.of();
        Outcome wanted = play(loads).outcome(device);
        for (List<ScheduleEvent> more : wanted == Outcome.BOUND_TRANSLATED ? List.<List<ScheduleEvent>>of() : secondTries(now)) {
            List<ScheduleEvent> all = new ArrayList<>(loads);
            all.addAll(more);
            if (play(all).outcome(device) == Outcome.BOUND_TRANSLATED) {
                wanted = Outcome.BOUND_TRANSLATED;
                last = more;
                break;
            }
        }
        if (rank(wanted) <= rank(now.outcome(device))) {
            return List.of();
        }
        List<ScheduleEvent> needed = arranged(least(loads, last, wanted), last, wanted);
        List<CureStep> steps = new ArrayList<>();
        for (int i = 1; i <= needed.size(); i++) {
            State then = play(needed.subList(0, i));
            Outcome outcome = then.outcome(device);
            steps.add(new CureStep(Schedule.format(new Schedule.Step(0, -1, needed.get(i - 1))), outcome,
                    outcome == Outcome.BOUND_TRANSLATED ? null : then.explain(device)));
        }
        return steps;
    }

    /** How good an outcome is for somebody who wants the device translated. */
    private static int rank(Outcome outcome) {
        return switch (outcome) {
            case NO_DRIVER, FORCED_OFF -> 0;
            case PENDING, FAILED, GROUPED_UNBOUND -> 1;
            case BOUND_BLOCKED, BOUND_DIRECT, BOUND_IDENTITY -> 2;
            case BOUND_TRANSLATED -> 3;
        };
    }

    private State play(List<ScheduleEvent> more) {
        List<Schedule.Step> steps = new ArrayList<>(events.steps());
        more.forEach(event -> steps.add(new Schedule.Step(0, -1, event)));
        return ModelReplay.play(board, catalogue, policy, parameters, new Schedule(events.source(), steps)).state();
    }

    private List<ScheduleEvent> missing(State now) {
        List<ScheduleEvent> missing = new ArrayList<>();
        for (int m = 0; m < catalogue.modules().size(); m++) {
            KernelModule module = catalogue.module(m);
            if (!module.builtin() && !now.loaded(m)) {
                missing.add(new ScheduleEvent.Load(module.name()));
            }
        }
        return missing;
    }

    /** What to try when every module is there: the device again, its driver again, then the end of the waiting time. */
    private List<List<ScheduleEvent>> secondTries(State now) {
        String path = board.device(device).path();
        List<List<ScheduleEvent>> tries = new ArrayList<>();
        tries.add(List.of(new ScheduleEvent.Bind(path, null)));
        tries.add(List.of(new ScheduleEvent.Unbind(path), new ScheduleEvent.Bind(path, null)));
        if (now.bound(device) && !catalogue.module(catalogue.moduleOf(now.driver(device))).builtin()) {
            String module = catalogue.module(catalogue.moduleOf(now.driver(device))).name();
            tries.add(List.of(new ScheduleEvent.Unload(module), new ScheduleEvent.Load(module)));
        }
        tries.add(List.of(new ScheduleEvent.LateInit()));
        tries.add(List.of(new ScheduleEvent.Expire()));
        return tries;
    }

    /** A smallest set of the loads after which, with the rest, the device ends as wanted. */
    private List<ScheduleEvent> least(List<ScheduleEvent> loads, List<ScheduleEvent> last, Outcome wanted) {
        List<ScheduleEvent> needed = new ArrayList<>(loads);
        for (ScheduleEvent load : loads) {
            List<ScheduleEvent> without = new ArrayList<>(needed);
            without.remove(load);
            if (play(joined(without, last)).outcome(device) == wanted) {
                needed = without;
            }
        }
        return needed;
    }

    /** The device's own driver first, when that works too: then every step tells what the next one is for. */
    private List<ScheduleEvent> arranged(List<ScheduleEvent> loads, List<ScheduleEvent> last, Outcome wanted) {
        List<ScheduleEvent> ownFirst = new ArrayList<>(loads);
        ownFirst.sort(Comparator.comparing(load -> !drives(((ScheduleEvent.Load) load).module())));
        List<ScheduleEvent> told = joined(ownFirst, last);
        return play(told).outcome(device) == wanted ? told : joined(loads, last);
    }

    private boolean drives(String module) {
        BoardDevice own = board.device(device);
        return catalogue.module(catalogue.moduleIndex(module)).drivers().stream()
                .anyMatch(driver -> driver.compatible().stream().anyMatch(own.compatible()::contains));
    }

    private static List<ScheduleEvent> joined(List<ScheduleEvent> first, List<ScheduleEvent> then) {
        List<ScheduleEvent> all = new ArrayList<>(first);
        all.addAll(then);
        return all;
    }
}
