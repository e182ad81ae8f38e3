package org.latebind.explorer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.latebind.probe.Event;
import org.latebind.probe.Outcome;
import org.latebind.probe.Slice;
import org.latebind.probe.State;

/** Cuts the machine into cones, searches each shape once, and confirms what was found on the whole machine. */
final class Cones {

    /** A module set up to this size is searched in one piece when a slice alone cannot decide. */
    private static final int WHOLE_MODULES_MAX = 10;
    private static final int OUTSIDE_TRIES = 64;

    private final Machine machine;
    private final Limits limits;
    private long states;
    private long transitions;

    Cones(Machine machine, Limits limits) {
        this.machine = machine;
        this.limits = limits;
    }

    long states() {
        return states;
    }

    long transitions() {
        return transitions;
    }

    /** One target in its slice. */
    private record Member(Slice slice, int position, int device) { }

    /** Targets whose slices have one shape. */
    private static final class Group {
        private final Slice slice;
        private final boolean whole;
        private final boolean ordered;
        private final String key;
        private final List<Member> members = new ArrayList<>();
        private Search plain;
        private Search wide;
        private int[] watched;

        Group(Slice slice, boolean whole, boolean ordered, String key) {
            this.slice = slice;
            this.whole = whole;
            this.ordered = ordered;
            this.key = key;
        }
    }

    /**
     * Finds how the targets can end.
     *
     * @return by device; devices whose end nothing can change are not searched
     */
    Map<Integer, Ways> solve(int[] targets) {
        Map<Integer, Ways> result = new LinkedHashMap<>();
        List<Integer> open = new ArrayList<>();
        for (int d : targets) {
            if (limits.sliced() && machine.influence.constant(d)) {
                result.put(d, Ways.constant(d, machine.booted.outcome(d), restful(d)));
            } else {
                open.add(d);
            }
        }
        List<Group> groups = groups(open);
        run(groups);
        List<Integer> undecided = new ArrayList<>();
        for (Group group : groups) {
            take(group, result, undecided);
        }
        if (!undecided.isEmpty()) {
            widen(undecided, result);
        }
        return result;
    }

    /** The shape of the device's cone with the device's place in it; equal shapes end in equal ways. */
    String shape(int device) {
        int[] cone = machine.influence.cone(device);
        return Arrays.binarySearch(cone, device) + " " + group(cone, false).key;
    }

    private List<Event> restful(int device) {
        return List.of(new Event.LateInit());
    }

    private List<Group> groups(List<Integer> targets) {
        Map<String, Group> groups = new LinkedHashMap<>();
        if (targets.isEmpty()) {
            return List.of();
        }
        if (!limits.sliced()) {
            int[] all = java.util.stream.IntStream.range(0, machine.engine.board().deviceCount()).toArray();
            Group group = group(all, true);
            for (int d : targets) {
                group.members.add(new Member(group.slice, d, d));
            }
            return List.of(group);
        }
        Map<String, Group> byDevices = new LinkedHashMap<>();
        for (int d : targets) {
            int[] cone = machine.influence.cone(d);
            String devices = Arrays.toString(cone);
            Group own = byDevices.get(devices);
            if (own == null) {
                own = group(cone, cone.length == machine.engine.board().deviceCount());
                byDevices.put(devices, own);
            }
            Group shaped = groups.computeIfAbsent(own.key, k -> byDevices.get(devices));
            shaped.members.add(new Member(own.slice, Arrays.binarySearch(cone, d), d));
        }
        return new ArrayList<>(groups.values());
    }

    private Group group(int[] devices, boolean whole) {
        boolean ordered = machine.influence.listOrderMatters(devices);
        AllowedEvents events = machine.input.events();
        Slice slice = new Slice(machine.influence, devices, new Slice.Options(events.unloads(), events.failures(),
            events.binds(), ordered));
        StringBuilder key = new StringBuilder(slice.shape()).append(ordered);
        int[] modules = slice.modules();
        for (int m = 0; m < modules.length + 2; m++) {
            int element = m < modules.length ? modules[m] : machine.poset.lateInit() + m - modules.length;
            BitSet before = machine.poset.before(element);
            key.append('/');
            for (int i = 0; i < modules.length; i++) {
                key.append(before.get(modules[i]) ? '1' : '0');
            }
            key.append(before.get(machine.poset.lateInit())).append(before.get(machine.poset.expire()));
        }
        return new Group(slice, whole, ordered, key.toString());
    }

    private void run(List<Group> groups) {
        if (groups.size() == 1 || limits.threads() == 1) {
            for (int i = 0; i < groups.size(); i++) {
                search(groups.get(i));
                limits.progress().report(i + 1, groups.size(), states);
            }
            return;
        }
        ExecutorService pool = Executors.newFixedThreadPool(Math.min(limits.threads(), groups.size()), work -> {
            Thread thread = new Thread(work, "explorer");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Group group : groups) {
                running.add(pool.submit(() -> search(group)));
            }
            for (int i = 0; i < running.size(); i++) {
                running.get(i).get();
                limits.progress().report(i + 1, groups.size(), states);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException r) {
                throw r;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private void search(Group group) {
        TreeSet<Integer> positions = new TreeSet<>();
        group.members.forEach(m -> positions.add(m.position()));
        group.watched = positions.stream().mapToInt(Integer::intValue).toArray();
        group.plain = search(group, false);
        if (group.plain.complete() && !group.whole && (group.ordered || group.plain.triggerMatters())) {
            group.wide = search(group, true);
        }
    }

    private Search search(Group group, boolean rotates) {
        long perState = StateStore.bytesPerState(group.slice.words());
        long share = Math.max(1, Math.min(limits.states(), limits.bytes() / perState) / Math.max(1, limits.threads()));
        long most = limits.sliced() ? share : Math.min(limits.states(), limits.bytes() / perState);
        Search search = new Search(group.slice, machine.input.events(), machine.poset, machine.userSpace, group.watched,
            !group.whole, rotates, most);
        search.run();
        synchronized (this) {
            states += search.states();
            transitions += search.transitions();
        }
        return search;
    }

    private void take(Group group, Map<Integer, Ways> result, List<Integer> undecided) {
        for (Member member : group.members) {
            int watch = Arrays.binarySearch(group.watched, member.position());
            Search.Found found = group.plain.found(watch);
            Ways ways = Ways.of(member.device(), found, member.slice());
            if (group.wide == null) {
                result.put(member.device(), confirmed(ways, group.plain.complete()));
                continue;
            }
            Search.Found wide = group.wide.found(watch);
            if (!wide.complete()) {
                result.put(member.device(), confirmed(ways, false));
                continue;
            }
            Ways sure = confirmed(ways, true);
            boolean decided = sure.complete();
            for (Map.Entry<Outcome, List<List<Integer>>> e : wide.ways().entrySet()) {
                for (Search.Kind kind : Search.Kind.values()) {
                    List<Integer> way = e.getValue().get(kind.ordinal());
                    if (way != null && sure.way(e.getKey(), kind) == null) {
                        List<Event> concrete = concrete(member, way, e.getKey());
                        decided &= concrete != null;
                        sure = concrete == null ? sure : sure.with(e.getKey(), kind, concrete);
                    }
                }
            }
            decided &= wide.lostAs() == null || sure.lostAs() != null;
            result.put(member.device(), sure.complete(decided));
            if (!decided) {
                undecided.add(member.device());
            }
        }
    }

    /** Replays every way on the whole machine; what does not end so there is dropped and the rest is not complete. */
    private Ways confirmed(Ways ways, boolean complete) {
        Map<Outcome, List<List<Event>>> kept = new EnumMap<>(Outcome.class);
        boolean all = complete;
        for (Map.Entry<Outcome, List<List<Event>>> e : ways.ways().entrySet()) {
            List<List<Event>> byKind = new ArrayList<>();
            for (List<Event> way : e.getValue()) {
                boolean good = way != null && ends(way, ways.device(), e.getKey());
                all &= way == null || good;
                byKind.add(good ? way : null);
            }
            if (byKind.stream().anyMatch(java.util.Objects::nonNull)) {
                kept.put(e.getKey(), byKind);
            }
        }
        return new Ways(ways.device(), kept, ways.lostAs(), ways.loss(), all);
    }

    private boolean ends(List<Event> way, int device, Outcome outcome) {
        State end = machine.replay(way);
        return end != null && end.outcome(device) == outcome;
    }

    /** Puts loads of outside modules where the slice only knew that something binds; null when that leads elsewhere. */
    private List<Event> concrete(Member member, List<Integer> way, Outcome outcome) {
        if (way.stream().anyMatch(e -> e != Slice.TRIGGER && member.slice().outside(e))) {
            return null;
        }
        BitSet inside = new BitSet();
        Arrays.stream(member.slice().modules()).forEach(inside::set);
        List<Event> events = new ArrayList<>();
        return place(member, way, 0, events, inside, outcome, new int[] {OUTSIDE_TRIES}) ? events : null;
    }

    private boolean place(Member member, List<Integer> way, int from, List<Event> events, BitSet used, Outcome outcome,
            int[] tries) {
        int length = events.size();
        int i = from;
        while (i < way.size() && way.get(i) != Slice.TRIGGER) {
            events.add(member.slice().event(way.get(i++)));
        }
        if (i == way.size()) {
            tries[0]--;
            if (ends(events, member.device(), outcome)) {
                return true;
            }
        } else {
            for (int m : machine.loadable) {
                if (!used.get(m) && tries[0] > 0 && machine.poset.before(m).isEmpty()) {
                    used.set(m);
                    events.add(new Event.Load(m));
                    if (place(member, way, i + 1, events, used, outcome, tries)) {
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

    /** What slices cannot decide is searched in one piece, when that is small enough; otherwise it stays open. */
    private void widen(List<Integer> undecided, Map<Integer, Ways> result) {
        if (machine.loadable.length > WHOLE_MODULES_MAX) {
            return;
        }
        int[] all = java.util.stream.IntStream.range(0, machine.engine.board().deviceCount()).toArray();
        boolean ordered = machine.influence.listOrderMatters(all);
        AllowedEvents events = machine.input.events();
        Group group = new Group(new Slice(machine.influence, all, new Slice.Options(events.unloads(), events.failures(),
            events.binds(), ordered)), true, ordered, "");
        for (int d : undecided) {
            group.members.add(new Member(group.slice, d, d));
        }
        search(group);
        for (Member member : group.members) {
            Search.Found found = group.plain.found(Arrays.binarySearch(group.watched, member.position()));
            result.put(member.device(), confirmed(Ways.of(member.device(), found, group.slice), found.complete()));
        }
    }
}
