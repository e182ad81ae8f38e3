package org.latebind.explorer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.latebind.probe.Event;
import org.latebind.probe.Outcome;
import org.latebind.probe.Slice;
import org.latebind.probe.State;

/** Shows on the whole machine what a search of a slice has found there. Deterministic; for any threads. */
final class Witnesses {

    private static final int OUTSIDE_TRIES = 64;
    private static final int MIXED_TRIES = 400;

    private final Machine machine;

    Witnesses(Machine machine) {
        this.machine = machine;
    }

    /** Whether the events are accepted and the device ends so. */
    boolean ends(List<Event> way, int device, Outcome outcome) {
        State end = machine.replay(way);
        return end != null && end.outcome(device) == outcome;
    }

    /**
     * Whether the device can end so when all modules are loaded in the end. Modules outside the way decide nothing by themselves,
     * but what binds with them makes everything deferred probe again. Before late-init that is without effect, so it can go wrong
     * only where constraints put a module behind late-init; then all are loaded as early as they may, or as late as they may.
     */
    boolean completes(List<Event> way, int device, Outcome outcome) {
        if (Arrays.stream(machine.loadable).noneMatch(m -> machine.poset.before(m).get(machine.poset.lateInit())
                || machine.poset.before(m).get(machine.poset.expire()))) {
            return true;
        }
        return ends(whole(way, true), device, outcome) || ends(whole(way, false), device, outcome);
    }

    /** The way with loads of all other modules, each as early as it may come or all of them last. */
    private List<Event> whole(List<Event> way, boolean early) {
        BitSet left = new BitSet();
        Arrays.stream(machine.loadable).forEach(left::set);
        way.stream().filter(Event.Load.class::isInstance).forEach(e -> left.clear(((Event.Load) e).module()));
        BitSet done = new BitSet();
        List<Event> events = new ArrayList<>();
        for (Event event : way) {
            if (early) {
                addReady(left, done, events);
            }
            events.add(event);
            Machine.count(event, done, machine.poset);
        }
        addReady(left, done, events);
        return events;
    }

    /** Loads what may be loaded now, and what may be loaded then. */
    private void addReady(BitSet left, BitSet done, List<Event> events) {
        for (int m = left.nextSetBit(0); m >= 0; m = left.nextSetBit(m + 1)) {
            if (machine.ready(m, done)) {
                left.clear(m);
                done.set(m);
                events.add(new Event.Load(m));
                m = -1;
            }
        }
    }

    /** Whether the last of these events leaves the device bound so, which had an IOMMU before it. */
    boolean loses(List<Event> way, int device, Outcome as) {
        State before = machine.replay(way.subList(0, way.size() - 1));
        return before != null && Expander.translated(before.outcome(device)) && ends(way, device, as);
    }

    /** The first of the ways that leads to the outcome as it stands; null when none does. */
    List<Event> plain(Slice slice, int device, Outcome outcome, List<List<Integer>> ways) {
        for (List<Integer> way : ways) {
            if (way.stream().noneMatch(slice::outside)) {
                List<Event> events = machine.withNeeded(way.stream().map(slice::event).toList());
                if (ends(events, device, outcome)) {
                    return events;
                }
            }
        }
        return null;
    }

    /** A way of the whole machine made of one of these and of loads of modules outside the slice; null when none is found. */
    List<Event> mixed(Slice slice, int device, Outcome outcome, List<List<Integer>> ways) {
        BitSet inside = new BitSet();
        Arrays.stream(slice.modules()).forEach(inside::set);
        for (List<Integer> way : ways) {
            if (way.stream().allMatch(e -> e == Slice.TRIGGER || !slice.outside(e))) {
                List<Event> events = new ArrayList<>();
                Placing placing = new Placing(slice, device, outcome, way, (BitSet) inside.clone());
                if (placing.place(0, events)) {
                    return events;
                }
            }
        }
        Random random = new Random(device * 31L + outcome.ordinal());
        for (int i = 0; i < MIXED_TRIES; i++) {
            List<Event> events = mix(slice, ways.get(i % ways.size()), inside, random);
            if (ends(events, device, outcome)) {
                return shortened(events, inside, device, outcome);
            }
        }
        return null;
    }

    /** The events of the way with loads of some outside modules in between, in an order the constraints allow. */
    private List<Event> mix(Slice slice, List<Integer> way, BitSet inside, Random random) {
        List<List<Integer>> gaps = new ArrayList<>();
        way.forEach(number -> gaps.add(new ArrayList<>()));
        int share = 1 + random.nextInt(3);
        int span = 1 + random.nextInt(way.size());
        for (int m : machine.loadable) {
            if (!inside.get(m) && random.nextInt(3) < share) {
                gaps.get(random.nextInt(span)).add(m);
            }
        }
        List<Event> events = new ArrayList<>();
        List<Integer> waiting = new ArrayList<>();
        BitSet done = new BitSet();
        for (int i = 0; i < way.size(); i++) {
            java.util.Collections.shuffle(gaps.get(i), random);
            waiting.addAll(gaps.get(i));
            for (int at = firstReady(waiting, done); at >= 0; at = firstReady(waiting, done)) {
                int m = waiting.remove(at);
                done.set(m);
                events.add(new Event.Load(m));
            }
            int number = way.get(i);
            Event event = number >= slice.lateInitTurned(0) ? new Event.LateInit() : slice.event(number);
            if (event != null) {
                events.add(event);
                Machine.count(event, done, machine.poset);
            }
        }
        return machine.withNeeded(events);
    }

    private int firstReady(List<Integer> modules, BitSet done) {
        for (int i = 0; i < modules.size(); i++) {
            if (machine.ready(modules.get(i), done)) {
                return i;
            }
        }
        return -1;
    }

    /** Leaves out every load of an outside module without which it still ends so. */
    private List<Event> shortened(List<Event> events, BitSet inside, int device, Outcome outcome) {
        List<Event> kept = new ArrayList<>(events);
        for (int i = kept.size() - 1; i >= 0; i--) {
            if (kept.get(i) instanceof Event.Load load && !inside.get(load.module())) {
                Event left = kept.remove(i);
                if (!keepsConstraints(kept) || !ends(kept, device, outcome)) {
                    kept.add(i, left);
                }
            }
        }
        return kept;
    }

    private boolean keepsConstraints(List<Event> events) {
        BitSet done = new BitSet();
        for (Event event : events) {
            if (event instanceof Event.Load load && !machine.ready(load.module(), done)) {
                return false;
            }
            Machine.count(event, done, machine.poset);
        }
        return true;
    }

    /** Puts loads of outside modules where the slice only knew that something binds. */
    private final class Placing {
        private final Slice slice;
        private final int device;
        private final Outcome outcome;
        private final List<Integer> way;
        private final BitSet used;
        private int tries = OUTSIDE_TRIES;

        Placing(Slice slice, int device, Outcome outcome, List<Integer> way, BitSet used) {
            this.slice = slice;
            this.device = device;
            this.outcome = outcome;
            this.way = way;
            this.used = used;
        }

        boolean place(int from, List<Event> events) {
            int length = events.size();
            int i = from;
            while (i < way.size() && way.get(i) != Slice.TRIGGER) {
                events.add(slice.event(way.get(i++)));
            }
            if (i == way.size()) {
                tries--;
                if (ends(events, device, outcome)) {
                    return true;
                }
            } else {
                for (int m : machine.loadable) {
                    if (!used.get(m) && tries > 0 && machine.poset.before(m).isEmpty()) {
                        used.set(m);
                        events.add(new Event.Load(m));
                        if (place(i + 1, events)) {
                            return true;
                        }
                        events.remove(events.size() - 1);
                        used.clear(m);
                    }
                }
            }
            while (events.size() > length) {
                events.remove(events.size() - 1);
            }
            return false;
        }
    }
}
