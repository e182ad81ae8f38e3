package org.latebind.explorer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.latebind.probe.Event;
import org.latebind.probe.Slice;

/** Cuts the machine into cones, searches each shape once, and confirms what was found on the whole machine. */
final class Cones {

    /** A module set up to this size is searched in one piece when a slice alone cannot decide. */
    private static final int WHOLE_MODULES_MAX = 10;
    /** Searches up to this size run beside each other, one thread each; larger ones one after the other, on all threads. */
    private static final int SMALL = 50_000;

    private final Machine machine;
    private final Limits limits;
    private final KnownCones known;
    private final AtomicLong stored = new AtomicLong();
    private long states;
    private long transitions;
    private long bytes;

    Cones(Machine machine, Limits limits, KnownCones known) {
        this.machine = machine;
        this.limits = limits;
        this.known = known;
    }

    /** States of all searches that this answer stands on; those that were known before are counted too. */
    long states() {
        return states;
    }

    long transitions() {
        return transitions;
    }

    long bytes() {
        return bytes;
    }

    /** One target in its slice. */
    record Member(Slice slice, int position, int device) { }

    /** Targets whose slices have one shape. */
    static final class Group {
        final Slice slice;
        final boolean whole;
        final boolean ordered;
        final String shape;
        final List<Member> members = new ArrayList<>();
        private int[] watched;

        Group(Slice slice, boolean whole, boolean ordered, String shape) {
            this.slice = slice;
            this.whole = whole;
            this.ordered = ordered;
            this.shape = shape;
        }

        private int[] watched() {
            if (watched == null) {
                TreeSet<Integer> positions = new TreeSet<>();
                members.forEach(m -> positions.add(m.position()));
                watched = positions.stream().mapToInt(Integer::intValue).toArray();
            }
            return watched;
        }
    }

    /**
     * Finds how the targets can end.
     *
     * @return by device; devices whose end nothing can change are not searched
     */
    Map<Integer, Ways> solve(int[] targets) {
        List<Integer> open = new ArrayList<>();
        Map<Integer, Ways> found = new LinkedHashMap<>();
        for (int d : targets) {
            if (limits.sliced() && machine.influence.constant(d)) {
                found.put(d, Ways.constant(d, machine.booted.outcome(d), List.of(new Event.LateInit())));
            } else {
                open.add(d);
            }
        }
        List<Group> groups = groups(open);
        if (limits.threads() == 1) {
            solve(groups, null, found);
        } else if (!groups.isEmpty()) {
            ExecutorService pool = pool(limits.threads());
            try {
                solve(groups, pool, found);
            } finally {
                pool.shutdownNow();
            }
        }
        return found;
    }

    static ExecutorService pool(int threads) {
        return Executors.newFixedThreadPool(threads, work -> {
            Thread thread = new Thread(work, "explorer");
            thread.setDaemon(true);
            return thread;
        });
    }

    private void solve(List<Group> groups, ExecutorService pool, Map<Integer, Ways> found) {
        AtomicInteger done = new AtomicInteger();
        List<KnownCones.Solution> solutions = new ArrayList<>(each(groups, group -> {
            KnownCones.Solution solution = small(group, groups.size(), done);
            progress(solution == null ? done.get() : done.incrementAndGet(), groups.size());
            return solution;
        }, pool));
        for (int i = 0; i < groups.size(); i++) {
            if (solutions.get(i) == null) {
                solutions.set(i, search(groups.get(i), limits.states(), pool, groups.size(), done));
                progress(done.incrementAndGet(), groups.size());
            }
            states += solutions.get(i).states();
            transitions += solutions.get(i).transitions();
            bytes += solutions.get(i).bytes();
        }
        Confirmation confirmation = new Confirmation(machine);
        List<Member> undecided = new ArrayList<>();
        List<Integer> numbers = IntStream.range(0, groups.size()).boxed().toList();
        List<List<Ways>> ways = each(numbers, i -> confirmation.of(groups.get(i), solutions.get(i), groups.get(i).watched()), pool);
        for (int i = 0; i < groups.size(); i++) {
            for (int m = 0; m < groups.get(i).members.size(); m++) {
                Ways one = ways.get(i).get(m);
                found.put(one.device(), one);
                if (!one.complete() && solutions.get(i).plainComplete() && !groups.get(i).whole) {
                    undecided.add(groups.get(i).members.get(m));
                }
            }
        }
        if (!undecided.isEmpty() && machine.loadable.length <= WHOLE_MODULES_MAX) {
            inOnePiece(undecided, confirmation, pool, found);
        }
    }

    private void progress(int done, int of) {
        synchronized (limits.progress()) {
            limits.progress().report(done, of, stored.get());
        }
    }

    /** Applies the function to each, on the pool if there is one; results in order. */
    private static <T, R> List<R> each(List<T> all, Function<T, R> function, ExecutorService pool) {
        if (pool == null || all.size() == 1) {
            List<R> results = new ArrayList<>();
            all.forEach(one -> results.add(function.apply(one)));
            return results;
        }
        List<Future<R>> running = new ArrayList<>();
        all.forEach(one -> running.add(pool.submit(() -> function.apply(one))));
        List<R> results = new ArrayList<>();
        for (Future<R> future : running) {
            results.add(result(future));
        }
        return results;
    }

    private static <R> R result(Future<R> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
        }
    }

    /** The shape of the device's cone with the device's place in it; equal shapes end in equal ways. */
    String shape(int device) {
        int[] cone = machine.influence.cone(device);
        return Arrays.binarySearch(cone, device) + " " + group(cone, false).shape;
    }

    // ---- cutting

    List<Group> groups(List<Integer> targets) {
        if (targets.isEmpty()) {
            return List.of();
        }
        if (!limits.sliced()) {
            return List.of(whole(targets));
        }
        Map<String, Group> groups = new LinkedHashMap<>();
        Map<String, Group> byDevices = new LinkedHashMap<>();
        for (int d : targets) {
            int[] cone = machine.influence.cone(d);
            Group own = byDevices.computeIfAbsent(Arrays.toString(cone),
                k -> group(cone, cone.length == machine.engine.board().deviceCount()));
            Group shaped = groups.computeIfAbsent(own.shape, k -> own);
            shaped.members.add(new Member(own.slice, Arrays.binarySearch(cone, d), d));
        }
        return new ArrayList<>(groups.values());
    }

    /** All devices in one piece. */
    Group whole(List<Integer> targets) {
        int[] all = IntStream.range(0, machine.engine.board().deviceCount()).toArray();
        Group group = group(all, true);
        targets.forEach(d -> group.members.add(new Member(group.slice, d, d)));
        return group;
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

    // ---- searching

    /** The solution if it is known or takes a small search; otherwise null. */
    private KnownCones.Solution small(Group group, int groups, AtomicInteger done) {
        String key = KnownCones.key(group.shape + group.whole + Arrays.toString(group.watched()) + machine.input.policy().name()
            + machine.input.parameters() + machine.input.events() + machine.userSpace + limits.reduced()
            + (group.ordered && !group.whole && machine.turnsEarly(group.slice.devices())));
        KnownCones.Solution solution = known.get(key);
        if (solution == null) {
            solution = search(group, Math.min(limits.states(), SMALL), null, groups, done);
            if (solution.complete()) {
                known.put(key, solution);
            } else {
                stored.addAndGet(-solution.states());
                return null;
            }
        }
        return solution;
    }

    private KnownCones.Solution search(Group group, long most, ExecutorService pool, int groups, AtomicInteger done) {
        Search plain = run(group, false, most, pool, groups, done);
        boolean loose = !group.whole && (group.ordered || plain.triggerMatters());
        int alternatives = loose ? Search.ALTERNATIVES_MAX : 1;
        Search.Found[] found = found(plain, group, alternatives);
        long perState = StateStore.bytesPerState(group.slice.words());
        if (!plain.complete() || !loose) {
            return new KnownCones.Solution(found, null, plain.complete(), plain.states(), plain.transitions(),
                plain.states() * perState);
        }
        long plainStates = plain.states();
        long plainTransitions = plain.transitions();
        plain = null;
        Search wide = run(group, true, most, pool, groups, done);
        long all = plainStates + wide.states();
        return new KnownCones.Solution(found, found(wide, group, alternatives), true, all,
            plainTransitions + wide.transitions(), all * perState);
    }

    private static Search.Found[] found(Search search, Group group, int alternatives) {
        return IntStream.range(0, group.watched().length).mapToObj(i -> search.found(i, alternatives))
            .toArray(Search.Found[]::new);
    }

    private Search run(Group group, boolean rotates, long most, ExecutorService pool, int groups, AtomicInteger done) {
        long perState = StateStore.bytesPerState(group.slice.words());
        long room = Math.max(1, Math.min(most, limits.bytes() / perState / (pool == null ? limits.threads() : 1)));
        AllowedEvents events = machine.input.events();
        boolean reducible = limits.reduced() && !rotates && events.unloads() + events.failures() + events.binds() == 0;
        Moves moves = new Moves(group.slice, machine, group.watched(), !group.whole, rotates,
            reducible ? Commuting.of(group.slice, group.ordered) : null);
        int[] last = new int[1];
        Search search = new Search(moves, room, size -> {
            stored.addAndGet(size - last[0]);
            last[0] = size;
            progress(done.get(), groups);
        });
        return pool == null ? search.run() : search.run(pool, limits.threads());
    }

    /** What slices cannot decide is searched in one piece, when that is small enough; otherwise it stays open. */
    private void inOnePiece(List<Member> undecided, Confirmation confirmation, ExecutorService pool, Map<Integer, Ways> found) {
        Group group = whole(undecided.stream().map(Member::device).toList());
        KnownCones.Solution solution = search(group, limits.states(), pool, 1, new AtomicInteger());
        states += solution.states();
        transitions += solution.transitions();
        bytes += solution.bytes();
        confirmation.of(group, solution, group.watched()).forEach(ways -> found.put(ways.device(), ways));
    }
}
