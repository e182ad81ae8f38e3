package org.latebind.explorer.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.latebind.probe.Board;
import org.latebind.probe.Event;
import org.latebind.probe.Influence;
import org.latebind.probe.ListTurns;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.State;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/** The whole board of a certificate, booted. */
final class CheckedMachine {

    final ProbeEngine engine;
    final State booted;
    final Influence influence;
    final Orders orders;
    final boolean load;
    final int unloads;
    final boolean expire;
    final int failures;
    final int binds;
    private final ListTurns turns;

    CheckedMachine(Board board, ModuleCatalogue catalogue, JsonNode header) {
        Parameters parameters = Parameters.DEFAULTS;
        for (Map.Entry<String, JsonNode> e : header.path("parameters").properties()) {
            parameters = parameters.with(e.getKey(), e.getValue().asText());
        }
        engine = new ProbeEngine(board, catalogue, Policy.named(header.path("policy").asText()), parameters);
        orders = new Orders(engine.catalogue(), header.path("constraints"));
        JsonNode events = header.path("events");
        load = events.path("load").asBoolean();
        unloads = events.path("unloads").asInt();
        expire = events.path("expire").asBoolean();
        failures = events.path("failures").asInt();
        binds = events.path("binds").asInt();
        booted = engine.runner(engine.model()).run(engine.initial(), new Event.Boot());
        influence = new Influence(engine, booted, unloads > 0, binds > 0, orders.related(engine.catalogue()));
        turns = new ListTurns(engine, booted, influence);
    }

    /** Whether devices outside may turn the order of these in the deferred list before the timer fires. */
    boolean turnsEarly(int[] devices) {
        boolean timer = expire && engine.policy().couplings(engine.parameters()).timer();
        return !timer || unloads + failures + binds > 0 || turns.early(devices);
    }

    int device(String path) {
        int device = engine.board().deviceIndex(path);
        Refusal.unless(device >= 0, "no device " + path + " on the board");
        return device;
    }

    /** How a device ends after a schedule of the whole board; refuses a schedule that the engine refuses. */
    Outcome replay(JsonNode lines, int device) {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line.asText()).append('\n'));
        ProbeEngine.Runner runner = engine.runner(engine.model());
        State s = booted;
        for (Schedule.Step step : Schedule.parse("schedule", text.toString()).steps()) {
            s = runner.run(s, event(step.event()));
            Refusal.unless(runner.refusal() == null || step.event() instanceof ScheduleEvent.Bind,
                Schedule.format(step) + " is refused by the engine");
        }
        return s.outcome(device);
    }

    private Event event(ScheduleEvent event) {
        if (event instanceof ScheduleEvent.Load e) {
            return new Event.Load(module(e.module()));
        } else if (event instanceof ScheduleEvent.Unload e) {
            return new Event.Unload(module(e.module()), false);
        } else if (event instanceof ScheduleEvent.LateInit) {
            return new Event.LateInit();
        } else if (event instanceof ScheduleEvent.Init) {
            return new Event.Init();
        } else if (event instanceof ScheduleEvent.Expire) {
            return new Event.Expire();
        } else if (event instanceof ScheduleEvent.Fail e) {
            int driver = engine.catalogue().driverIndex(e.driver());
            Refusal.unless(driver >= 0, "no driver " + e.driver() + " in the catalogue");
            return new Event.InjectFailure(driver, device(e.device()), e.errno().number());
        } else if (event instanceof ScheduleEvent.Unbind e) {
            return new Event.Unbind(device(e.device()));
        } else if (event instanceof ScheduleEvent.Bind e) {
            return new Event.Bind(device(e.device()), -1);
        }
        throw new Refusal("a schedule of a certificate has no " + Schedule.format(event));
    }

    private int module(String name) {
        int module = engine.catalogue().moduleIndex(name);
        Refusal.unless(module >= 0, "no module " + name + " in the catalogue");
        return module;
    }
}
