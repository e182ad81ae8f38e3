package org.latebind.explorer.replay;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.probe.Board;
import org.latebind.probe.Event;
import org.latebind.probe.LogRecord;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.State;
import org.latebind.probe.Step;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/**
 * One replay: the board comes up with its built-in modules, then the schedule's events follow. Not thread safe. Drivers answer as
 * the catalogue says ({@link org.latebind.probe.CatalogueModel}).
 */
public final class ModelReplay {

    /** Key of the deferred list in {@link #standing()}. */
    public static final String DEFERRED = "deferred list";

    private final ProbeEngine engine;
    private final List<LogRecord> log = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();
    private State state;
    private long events;

    private ModelReplay(ProbeEngine engine) {
        this.engine = engine;
        this.state = engine.initial();
    }

    /**
     * Plays a schedule to its end.
     *
     * @param parameters parameters; {@code param} lines at the top of the schedule are added to them
     * @throws ReplayException when the schedule names a module or device that is not there, or
     *                         has {@code param} lines in its middle; {@code dma} lines are passed over
     */
    public static ModelReplay play(Board board, ModuleCatalogue catalogue, Policy policy, Parameters parameters,
            Schedule schedule) {
        List<Schedule.Step> steps = new ArrayList<>(schedule.steps());
        Parameters all = parameters;
        while (!steps.isEmpty() && steps.get(0).event() instanceof ScheduleEvent.Param p) {
            try {
                all = all.with(p.name(), p.value());
            } catch (IllegalArgumentException e) {
                throw new ReplayException(schedule.source() + ":" + steps.get(0).line() + ": " + e.getMessage());
            }
            steps.remove(0);
        }
        List<String> builtins = all.builtins();
        ModuleCatalogue modules = builtins == null ? catalogue : catalogue.withBuiltins(java.util.Set.copyOf(builtins));
        ModelReplay replay = start(board, modules, policy, all);
        for (Schedule.Step step : steps) {
            // A schedule that was put together from options has no lines.
            replay.play(schedule.source() + (step.line() > 0 ? ":" + step.line() : "") + ": ", step);
        }
        return replay;
    }

    /** A board that has just come up with its built-in modules; the schedule comes event by event. */
    public static ModelReplay start(Board board, ModuleCatalogue catalogue, Policy policy, Parameters parameters) {
        ModelReplay replay = new ModelReplay(new ProbeEngine(board, catalogue, policy, parameters));
        replay.send(new Event.Boot());
        return replay;
    }

    /**
     * Plays one event.
     *
     * @return why it was refused, or null
     * @throws ReplayException when the event names a module or device that is not there
     */
    public String play(ScheduleEvent event) {
        int before = refusals.size();
        play("", new Schedule.Step(1, -1, event));
        return refusals.size() == before ? null : refusals.get(before);
    }

    /** Where every present device stands: outcome, driver, group; and the deferred list under {@value #DEFERRED}. By path. */
    public Map<String, String> standing() {
        Board board = engine.board();
        Map<String, String> all = new TreeMap<>();
        for (int d = 0; d < board.deviceCount(); d++) {
            if (state.present(d)) {
                String driver = state.driver(d) < 0 ? null : engine.catalogue().driver(state.driver(d)).name();
                all.put(board.device(d).path(), standing(state.outcome(d).name(), driver,
                        state.group(d) < 0 ? null : Integer.valueOf(state.group(d))));
            }
        }
        all.put(DEFERRED, Arrays.stream(state.deferredList()).mapToObj(d -> board.device(d).path()).toList().toString());
        return all;
    }

    /** One line of {@link #standing()}; driver and group may be null. */
    public static String standing(String outcome, String driver, Integer group) {
        return outcome + (driver == null ? "" : ", driver " + driver) + (group == null ? "" : ", group " + group);
    }

    private void play(String place, Schedule.Step step) {
        if (step.atMicros() >= 0) {
            send(new Event.Advance(step.atMicros()));
        }
        if (step.event() instanceof ScheduleEvent.Dma) {
            // A transfer changes nothing the engine decides; only the live framework has somebody to do it.
            return;
        }
        Step done = send(event(place, step.event()));
        events++;
        if (done.refusal() != null) {
            refusals.add(place + Schedule.format(step) + ": refused: " + done.refusal().text());
        }
    }

    private Event event(String place, ScheduleEvent event) {
        if (event instanceof ScheduleEvent.Load e) {
            return new Event.Load(module(place, e.module()));
        } else if (event instanceof ScheduleEvent.Unload e) {
            return new Event.Unload(module(place, e.module()), false);
        } else if (event instanceof ScheduleEvent.LateInit) {
            return new Event.LateInit();
        } else if (event instanceof ScheduleEvent.Init) {
            return new Event.Init();
        } else if (event instanceof ScheduleEvent.Expire) {
            return new Event.Expire();
        } else if (event instanceof ScheduleEvent.Register) {
            return new Event.RegisterUnrelated();
        } else if (event instanceof ScheduleEvent.Advance e) {
            return new Event.Advance(Math.addExact(state.nowMicros(), e.micros()));
        } else if (event instanceof ScheduleEvent.Bind e) {
            return new Event.Bind(device(place, e.device()), e.driver() == null ? -1 : driver(place, e.driver()));
        } else if (event instanceof ScheduleEvent.Unbind e) {
            return new Event.Unbind(device(place, e.device()));
        } else if (event instanceof ScheduleEvent.DriverOverride e) {
            return new Event.DriverOverride(device(place, e.device()), e.driver() == null ? -1 : driver(place, e.driver()));
        } else if (event instanceof ScheduleEvent.Fail e) {
            return new Event.InjectFailure(driver(place, e.driver()), device(place, e.device()),
                    e.errno() == null ? 0 : e.errno().number());
        } else if (event instanceof ScheduleEvent.Suspend) {
            return new Event.Suspend();
        } else if (event instanceof ScheduleEvent.Resume) {
            return new Event.Resume();
        } else if (event instanceof ScheduleEvent.Param) {
            throw new ReplayException(place + "\"param\" lines come before all events");
        }
        throw new IllegalStateException(place + event);
    }

    private int module(String place, String name) {
        int module = engine.catalogue().moduleIndex(name);
        if (module < 0) {
            throw new ReplayException(place + "no module " + name + " in the catalogue");
        }
        return module;
    }

    private int driver(String place, String name) {
        int driver = engine.catalogue().driverIndex(name);
        if (driver < 0) {
            throw new ReplayException(place + "no driver " + name + " in the catalogue");
        }
        return driver;
    }

    private int device(String place, String name) {
        Board board = engine.board();
        for (int d = 0; d < board.deviceCount(); d++) {
            if (state.present(d) && state.deviceName(d).equals(name)) {
                return d;
            }
        }
        int device = board.deviceIndex(name);
        if (device < 0) {
            throw new ReplayException(place + "no device " + name + " on the board");
        }
        return device;
    }

    private Step send(Event event) {
        Step step = engine.run(state, event, engine.model());
        state = step.state();
        log.addAll(step.log());
        return step;
    }

    /** The engine it ran on, with board, catalogue, policy and parameters. */
    public ProbeEngine engine() {
        return engine;
    }

    /** The end state. */
    public State state() {
        return state;
    }

    /** Everything that happened, in order. */
    public List<LogRecord> log() {
        return List.copyOf(log);
    }

    /** Events that were refused, one line each with file and line. */
    public List<String> refusals() {
        return List.copyOf(refusals);
    }

    /** Number of events of the schedule that were played. */
    public long events() {
        return events;
    }
}
