package org.latebind.explorer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.latebind.probe.Outcome;
import org.latebind.probe.Slice;
import org.latebind.probe.Walker;

/** Breadth-first search over one slice. Keeps, for watched devices, the first settled state of each outcome. */
final class Search {

    /** What a path to a settled state contains. */
    enum Kind {
        /** Loads, late-init, expiry. */ PLAIN,
        /** Unloads too. */ UNLOADS,
        /** Failures or binds by hand too. */ FORCED
    }

    private final Slice slice;
    private final Walker walker;
    private final AllowedEvents allowed;
    private final boolean userSpace;
    private final int[] watched;
    private final StateStore store;
    private final boolean outside;
    private final boolean rotates;
    private final int[] loadable;
    /** Loadable modules of the slice that must come before, by loadable; then late-init, expiry. */
    private final int[][] needs;
    private final boolean[] needsLateInit;
    private final boolean[] needsExpire;
    private final List<Map<Outcome, int[]>> settled = new ArrayList<>();
    private final int[] lost;
    private final Outcome[] lostAs;
    private final long[] scratch;
    private long transitions;
    private boolean complete = true;
    private boolean triggerMatters;

    /**
     * Prepares a search.
     *
     * @param watched devices of the slice
     * @param outside whether devices outside the slice may bind at any time
     */
    Search(Slice slice, AllowedEvents allowed, Poset poset, boolean userSpace, int[] watched, boolean outside, boolean rotates,
            long most) {
        this.slice = slice;
        this.walker = slice.walker();
        this.allowed = allowed;
        this.userSpace = userSpace;
        this.watched = watched;
        this.outside = outside;
        this.rotates = rotates;
        store = new StateStore(slice.words(), most);
        int[] modules = slice.modules();
        loadable = java.util.stream.IntStream.range(0, modules.length).filter(m -> !slice.builtin(m)).toArray();
        needs = new int[loadable.length + 2][];
        needsLateInit = new boolean[loadable.length + 2];
        needsExpire = new boolean[loadable.length + 2];
        for (int i = 0; i < needs.length; i++) {
            int element = i < loadable.length ? modules[loadable[i]] : i == loadable.length ? poset.lateInit() : poset.expire();
            BitSet before = poset.before(element);
            needs[i] = java.util.Arrays.stream(loadable).filter(m -> before.get(modules[m])).toArray();
            needsLateInit[i] = before.get(poset.lateInit());
            needsExpire[i] = before.get(poset.expire());
        }
        for (int i = 0; i < watched.length; i++) {
            settled.add(new EnumMap<>(Outcome.class));
        }
        lost = new int[2 * watched.length];
        lostAs = new Outcome[watched.length];
        java.util.Arrays.fill(lost, -1);
        scratch = new long[slice.words()];
    }

    /** Runs to the end, or to the limit. */
    void run() {
        store.add(slice.initial(), 0, -1, -1);
        for (int s = 0; s < store.size() && complete; s++) {
            walker.open(store.words(), store.at(s));
            expand(s);
        }
    }

    private void expand(int s) {
        if (walker.asyncWaits()) {
            for (int d = 0; d < slice.devices().length; d++) {
                if (walker.asyncWaits(d)) {
                    go(s, slice.runAsync(d));
                }
            }
            outside(s);
            return;
        }
        boolean all = modules(s);
        boolean late = walker.lateInit();
        if (!late && ready(loadable.length)) {
            go(s, Slice.LATE_INIT);
            for (int turns = 1; rotates && turns <= walker.turns(); turns++) {
                go(s, slice.lateInitTurned(turns));
            }
        }
        boolean init = !userSpace || walker.running();
        if (late && !init) {
            go(s, Slice.INIT);
        }
        boolean fires = allowed.expire() && walker.armed();
        if (fires && ready(loadable.length + 1)) {
            go(s, Slice.EXPIRE);
        }
        outside(s);
        forced(s);
        if (all && late && init && !fires) {
            settle(s);
        }
    }

    /** Loads and unloads; tells whether nothing is left to load. */
    private boolean modules(int s) {
        boolean all = true;
        for (int i = 0; i < loadable.length && allowed.load(); i++) {
            int m = loadable[i];
            if (!walker.loaded(m)) {
                all = false;
                if (ready(i)) {
                    go(s, slice.load(m));
                }
            } else if (walker.count(0) < allowed.unloads()) {
                if (go(s, slice.unload(m))) {
                    watchLoss(s, slice.unload(m));
                }
            }
        }
        return all;
    }

    private boolean ready(int i) {
        for (int m : needs[i]) {
            if (allowed.load() && !walker.everLoaded(m)) {
                return false;
            }
        }
        boolean late = walker.lateInit();
        return (!needsLateInit[i] || late) && (!needsExpire[i] || late && !(walker.armed() && allowed.expire()));
    }

    private void outside(int s) {
        if (!outside || !walker.lateInit()) {
            return;
        }
        if (rotates) {
            go(s, Slice.TRIGGER);
            go(s, Slice.ROTATE);
        } else if (!triggerMatters) {
            transitions++;
            if (walker.run(Slice.TRIGGER)) {
                walker.pack(scratch, 0);
                triggerMatters = !java.util.Arrays.equals(scratch, 0, scratch.length, store.words(), store.at(s),
                    store.at(s) + scratch.length);
            }
        }
    }

    private void forced(int s) {
        for (int d = 0; d < slice.devices().length; d++) {
            if (walker.fixed(d)) {
                continue;
            }
            if (walker.count(1) < allowed.failures() && walker.injectable(d)) {
                for (int i = 0; i < walker.driversOf(d); i++) {
                    go(s, slice.fail(d, i));
                }
            }
            if (walker.count(2) < allowed.binds() && walker.present(d)) {
                go(s, walker.outcome(d).isBound() ? slice.unbind(d) : slice.bind(d));
            }
        }
    }

    private boolean go(int s, int event) {
        transitions++;
        if (!walker.run(event)) {
            return false;
        }
        walker.pack(scratch, 0);
        if (!store.add(scratch, 0, s, event)) {
            complete = false;
        }
        return true;
    }

    private void watchLoss(int s, int event) {
        for (int i = 0; i < watched.length; i++) {
            if (lostAs[i] == null && translated(walker.outcome(watched[i])) && !translated(walker.outcomeAfter(watched[i]))
                    && walker.outcomeAfter(watched[i]).isBound()) {
                lost[2 * i] = s;
                lost[2 * i + 1] = event;
                lostAs[i] = walker.outcomeAfter(watched[i]);
            }
        }
    }

    static boolean translated(Outcome outcome) {
        return outcome == Outcome.BOUND_TRANSLATED || outcome == Outcome.BOUND_IDENTITY;
    }

    private void settle(int s) {
        Kind kind = walker.count(1) + walker.count(2) > 0 ? Kind.FORCED : walker.count(0) > 0 ? Kind.UNLOADS : Kind.PLAIN;
        for (int i = 0; i < watched.length; i++) {
            int[] first = settled.get(i).computeIfAbsent(walker.outcome(watched[i]), o -> new int[] {-1, -1, -1});
            if (first[kind.ordinal()] < 0) {
                first[kind.ordinal()] = s;
            }
        }
    }

    // ---- results

    boolean complete() {
        return complete;
    }

    /** Whether a bind outside the slice could change a state of it. */
    boolean triggerMatters() {
        return triggerMatters;
    }

    long transitions() {
        return transitions;
    }

    int states() {
        return store.size();
    }

    /** What was found of watched device {@code i}; numbers of events are those of the slice. */
    Found found(int i) {
        Map<Outcome, List<List<Integer>>> ways = new EnumMap<>(Outcome.class);
        settled.get(i).forEach((outcome, first) -> {
            List<List<Integer>> byKind = new ArrayList<>();
            for (int s : first) {
                byKind.add(s < 0 ? null : path(s));
            }
            ways.put(outcome, byKind);
        });
        List<Integer> loss = null;
        if (lostAs[i] != null) {
            loss = new ArrayList<>(path(lost[2 * i]));
            loss.add(lost[2 * i + 1]);
        }
        return new Found(ways, lostAs[i], loss, complete);
    }

    private List<Integer> path(int state) {
        List<Integer> events = new ArrayList<>();
        for (int s = state; store.parent(s) >= 0; s = store.parent(s)) {
            events.add(store.event(s));
        }
        Collections.reverse(events);
        return events;
    }

    /**
     * What a search found of one device.
     *
     * @param ways     by outcome, then by {@link Kind}: events of a shortest way, or null
     * @param lostAs   bound without IOMMU right after an unload, or null
     * @param loss     events to that, or null
     * @param complete whether the search ended by itself
     */
    record Found(Map<Outcome, List<List<Integer>>> ways, Outcome lostAs, List<Integer> loss, boolean complete) { }
}
