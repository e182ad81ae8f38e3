package org.latebind.explorer;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.latebind.probe.Event;
import org.latebind.probe.State;

/**
 * Looks for an event that makes a device probe without end: breadth-first over states of the whole machine, with the events of
 * the device's cone. Searches of slices look at settled states and keep no causes, so they cannot tell; only few drivers can do
 * it ({@link org.latebind.probe.DriverDescription#createsFirst}), and what they do shows after few events. Unloads count as
 * events; injected failures and binds by hand do not.
 */
final class Livelocks {

    /** States looked at for one device; beyond, nothing is said. */
    private static final int STATES_MAX = 20_000;
    /** Up to so many modules, all of them are tried when those of the cone show nothing: any bind makes a device probe again. */
    private static final int WHOLE_MODULES_MAX = 10;

    private final Machine machine;
    private final int device;
    private final ArrayDeque<Place> todo = new ArrayDeque<>();
    private final Set<List<Object>> seen = new HashSet<>();

    /** A state with the events that led to it. */
    private record Place(State state, List<Event> way, BitSet done, int unloads) { }

    private Livelocks(Machine machine, int device) {
        this.machine = machine;
        this.device = device;
    }

    /** A shortest way after whose last event the device probes without end; null when there is none. */
    static List<Event> shortest(Machine machine, int device) {
        boolean possible = Arrays.stream(machine.influence.driversOf(device)).mapToObj(machine.engine.catalogue()::driver)
            .anyMatch(driver -> driver.createsFirst() && driver.createsDevices() != null);
        if (!possible) {
            return null;
        }
        int[] cone = modules(machine, device);
        List<Event> way = new Livelocks(machine, device).search(cone);
        boolean more = cone.length < machine.loadable.length && machine.loadable.length <= WHOLE_MODULES_MAX;
        return way == null && more ? new Livelocks(machine, device).search(machine.loadable) : way;
    }

    private List<Event> search(int[] modules) {
        todo.add(new Place(machine.booted, List.of(), new BitSet(), 0));
        while (!todo.isEmpty() && seen.size() < STATES_MAX) {
            Place place = todo.remove();
            for (Event event : events(place, modules)) {
                Place next = after(place, event);
                if (next != null && next.state().reprobes(device)) {
                    return next.way();
                }
                if (next != null && seen.add(List.of(ByteBuffer.wrap(next.state().key()), next.done(), next.unloads()))) {
                    todo.add(next);
                }
            }
        }
        return null;
    }

    /** Modules of the cone, and what the constraints want before them or before late-init. */
    private static int[] modules(Machine machine, int device) {
        BitSet wanted = new BitSet();
        Arrays.stream(machine.influence.modules(machine.influence.cone(device))).forEach(wanted::set);
        BitSet before = (BitSet) machine.poset.before(machine.poset.lateInit()).clone();
        before.or(machine.poset.before(machine.poset.expire()));
        wanted.stream().forEach(m -> before.or(machine.poset.before(m)));
        wanted.or(before);
        return Arrays.stream(machine.loadable).filter(wanted::get).toArray();
    }

    private List<Event> events(Place place, int[] modules) {
        List<Event> events = new ArrayList<>();
        for (int m : modules) {
            if (!place.state().loaded(m)) {
                if (machine.ready(m, place.done())) {
                    events.add(new Event.Load(m));
                }
            } else if (place.unloads() < machine.input.events().unloads()) {
                events.add(new Event.Unload(m, false));
            }
        }
        boolean late = place.done().get(machine.poset.lateInit());
        if (!late && machine.ready(machine.poset.lateInit(), place.done())) {
            events.add(new Event.LateInit());
        }
        if (late && machine.userSpace) {
            events.add(new Event.Init());
        }
        if (machine.timer() && place.state().timerDueMicros() >= 0 && machine.ready(machine.poset.expire(), place.done())) {
            events.add(new Event.Expire());
        }
        return events;
    }

    private Place after(Place place, Event event) {
        var runner = machine.engine.runner(machine.engine.model());
        State state = runner.run(place.state(), event);
        if (runner.refusal() != null) {
            return null;
        }
        List<Event> way = new ArrayList<>(place.way());
        way.add(event);
        BitSet done = (BitSet) place.done().clone();
        Machine.count(event, done, machine.poset);
        return new Place(state, way, done, place.unloads() + (event instanceof Event.Unload ? 1 : 0));
    }
}
