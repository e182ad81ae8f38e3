package org.latebind.explorer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.latebind.driver.Errno;
import org.latebind.probe.Event;
import org.latebind.probe.Influence;
import org.latebind.probe.ListTurns;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.State;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/** The whole machine of an input, booted: what slices are cut from and what schedules are replayed on. For any threads. */
final class Machine {

    final ExplorerInput input;
    final ProbeEngine engine;
    final State booted;
    final Poset poset;
    final Influence influence;
    final boolean userSpace;
    /** Modules that may be loaded. */
    final int[] loadable;
    private final ListTurns turns;

    /** The same machine under other constraints. */
    Machine(Machine base, ExplorerInput input) {
        if (input.board() != base.input.board() || input.catalogue() != base.input.catalogue()
                || input.policy() != base.input.policy() || input.parameters() != base.input.parameters()
                || !input.events().equals(base.input.events())) {
            throw new IllegalArgumentException("more than the constraints changed");
        }
        this.input = input;
        engine = base.engine;
        poset = new Poset(engine.catalogue(), input.constraints());
        booted = base.booted;
        influence = input.events().unloads() == 0 ? base.influence : new Influence(engine, booted, true,
            input.events().binds() > 0, poset.related());
        userSpace = base.userSpace;
        loadable = base.loadable;
        turns = base.turns;
    }

    Machine(ExplorerInput input) {
        this.input = input;
        engine = new ProbeEngine(input.board(), input.catalogue(), input.policy(), input.parameters());
        poset = new Poset(engine.catalogue(), input.constraints());
        booted = engine.runner(engine.model()).run(engine.initial(), new Event.Boot());
        AllowedEvents events = input.events();
        influence = new Influence(engine, booted, events.unloads() > 0, events.binds() > 0, poset.related());
        userSpace = influence.userSpaceMatters();
        loadable = !events.load() ? new int[0] : java.util.stream.IntStream.range(0, engine.catalogue().modules().size())
            .filter(m -> !engine.catalogue().module(m).builtin()).toArray();
        turns = new ListTurns(engine, booted, influence);
    }

    /** Whether devices outside may turn the order of these in the deferred list before the timer fires. */
    boolean turnsEarly(int[] devices) {
        AllowedEvents events = input.events();
        return !timer() || events.unloads() + events.failures() + events.binds() > 0 || turns.early(devices);
    }

    /** Elements whose orders are counted. */
    BitSet elements() {
        BitSet elements = new BitSet();
        for (int m : loadable) {
            elements.set(m);
        }
        elements.set(poset.lateInit());
        return elements;
    }

    /** Whether the timer can fire at all. */
    boolean timer() {
        return input.events().expire() && engine.policy().couplings(engine.parameters()).timer();
    }

    /** Runs the events from the booted machine; null when one is refused. */
    State replay(List<Event> events) {
        ProbeEngine.Runner runner = engine.runner(engine.model());
        State s = booted;
        for (Event event : events) {
            s = runner.run(s, event);
            if (runner.refusal() != null && !(event instanceof Event.Bind)) {
                return null;
            }
        }
        return s;
    }

    /** The states the events lead through, the booted machine first; the events are known to be accepted. */
    List<State> states(List<Event> events) {
        ProbeEngine.Runner runner = engine.runner(engine.model());
        List<State> states = new ArrayList<>(List.of(booted));
        for (Event event : events) {
            states.add(runner.run(states.get(states.size() - 1), event));
        }
        return states;
    }

    /** The events with what the constraints want before each load and is not there yet. */
    List<Event> withNeeded(List<Event> events) {
        List<Event> all = new ArrayList<>();
        BitSet done = new BitSet();
        for (Event event : events) {
            if (event instanceof Event.Load load) {
                need(load.module(), all, done);
            }
            all.add(event);
            count(event, done, poset);
        }
        return all;
    }

    private void need(int module, List<Event> all, BitSet done) {
        BitSet missing = (BitSet) poset.before(module).clone();
        missing.andNot(done);
        List<Integer> order = new ArrayList<>();
        for (int m : loadable) {
            if (missing.get(m)) {
                order.add(m);
            }
        }
        // What has fewer before it comes earlier; so nothing comes before what it needs.
        order.sort(java.util.Comparator.comparingInt((Integer m) -> poset.before(m).cardinality()).thenComparing(m -> m));
        for (int m : order) {
            all.add(new Event.Load(m));
            done.set(m);
        }
    }

    /** Marks the element an event brings. */
    static void count(Event event, BitSet done, Poset poset) {
        if (event instanceof Event.Load load) {
            done.set(load.module());
        } else if (event instanceof Event.LateInit) {
            done.set(poset.lateInit());
        } else if (event instanceof Event.Expire) {
            done.set(poset.expire());
        }
    }

    /** Whether everything is done that must come before this element. */
    boolean ready(int element, BitSet done) {
        for (int m : loadable) {
            if (poset.before(element).get(m) && !done.get(m)) {
                return false;
            }
        }
        return (!poset.before(element).get(poset.lateInit()) || done.get(poset.lateInit()))
            && (!poset.before(element).get(poset.expire()) || done.get(poset.expire()) || !timer());
    }

    /** The events in the schedule language. */
    Schedule schedule(List<Event> events) {
        List<Schedule.Step> steps = new ArrayList<>();
        for (Event event : events) {
            steps.add(new Schedule.Step(steps.size() + 1, -1, name(event)));
        }
        return new Schedule("explorer", steps);
    }

    private ScheduleEvent name(Event event) {
        if (event instanceof Event.Load e) {
            return new ScheduleEvent.Load(engine.catalogue().module(e.module()).name());
        } else if (event instanceof Event.Unload e) {
            return new ScheduleEvent.Unload(engine.catalogue().module(e.module()).name());
        } else if (event instanceof Event.LateInit) {
            return new ScheduleEvent.LateInit();
        } else if (event instanceof Event.Init) {
            return new ScheduleEvent.Init();
        } else if (event instanceof Event.Expire) {
            return new ScheduleEvent.Expire();
        } else if (event instanceof Event.InjectFailure e) {
            return new ScheduleEvent.Fail(engine.catalogue().driver(e.driver()).name(), path(e.device()), Errno.EIO);
        } else if (event instanceof Event.Unbind e) {
            return new ScheduleEvent.Unbind(path(e.device()));
        } else if (event instanceof Event.Bind e) {
            return new ScheduleEvent.Bind(path(e.device()), null);
        }
        throw new IllegalArgumentException("no word for " + event);
    }

    private String path(int device) {
        return engine.board().device(device).path();
    }
}
