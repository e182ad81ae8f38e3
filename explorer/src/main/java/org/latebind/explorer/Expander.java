package org.latebind.explorer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.latebind.probe.Outcome;
import org.latebind.probe.Slice;
import org.latebind.probe.Walker;

/**
 * One thread's share of a search: runs every allowed event on given states and keeps what is new, in order, until the search
 * takes it over. Reads the store and never writes it.
 */
final class Expander {

    private final Moves moves;
    private final Slice slice;
    private final Walker walker;
    private final StateStore store;
    private final int words;
    private final boolean[] chosen;

    // What came out, in order of parents.
    private long[] found;
    private int[] origins = new int[128];
    private int count;
    private final List<Settled> settled = new ArrayList<>();
    private final List<Loss> losses = new ArrayList<>();
    private int first;
    private long[] transitionsBefore = new long[16];
    private long transitions;
    private boolean triggerMatters;

    /** A settled state and what has become of the watched devices there. */
    record Settled(int state, Search.Kind kind, Outcome[] outcomes) { }

    /** An unload that leaves a watched device bound without its IOMMU. */
    record Loss(int watch, int state, int event, Outcome as) { }

    Expander(Moves moves, StateStore store) {
        this.moves = moves;
        this.store = store;
        slice = moves.slice;
        walker = slice.walker();
        words = slice.words();
        found = new long[64 * words];
        chosen = new boolean[moves.loadable.length];
    }

    /** Expands the states from {@code from} up to but without {@code to}; what was found before is forgotten. */
    void expand(int from, int to) {
        count = 0;
        first = from;
        transitions = 0;
        if (transitionsBefore.length < to - from) {
            transitionsBefore = new long[to - from];
        }
        settled.clear();
        losses.clear();
        for (int s = from; s < to; s++) {
            transitionsBefore[s - from] = transitions;
            walker.open(store.words(s), store.at(s));
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
        boolean late = walker.lateInit();
        boolean init = !moves.userSpace || walker.running();
        boolean fires = moves.allowed.expire() && walker.armed();
        boolean all = modules(s, late && init && !fires);
        if (!late && moves.ready(walker, moves.lateInit())) {
            go(s, Slice.LATE_INIT);
            for (int turns = 1; moves.turnsEarly && turns <= walker.turns(); turns++) {
                go(s, slice.lateInitTurned(turns));
            }
        }
        if (late && !init) {
            go(s, Slice.INIT);
        }
        if (fires && moves.ready(walker, moves.expiry())) {
            go(s, Slice.EXPIRE);
        }
        outside(s);
        forced(s);
        if (all && late && init && !fires) {
            settle(s);
        }
    }

    /**
     * Loads and unloads; tells whether nothing is left to load.
     *
     * @param onlyLoads whether nothing but loads is left to happen
     */
    private boolean modules(int s, boolean onlyLoads) {
        boolean all = true;
        if (onlyLoads && moves.commuting != null) {
            moves.commuting.choose(walker, moves, chosen);
        } else {
            Arrays.fill(chosen, true);
        }
        for (int i = 0; i < moves.loadable.length && moves.allowed.load(); i++) {
            int m = moves.loadable[i];
            if (!walker.loaded(m)) {
                all = false;
                if (chosen[i] && moves.ready(walker, i)) {
                    go(s, slice.load(m));
                }
            } else if (walker.count(0) < moves.allowed.unloads()) {
                if (go(s, slice.unload(m))) {
                    watchLoss(s, slice.unload(m));
                }
            }
        }
        return all;
    }

    private void outside(int s) {
        if (!moves.outside || !walker.lateInit()) {
            return;
        }
        if (moves.rotates) {
            go(s, Slice.TRIGGER);
            if (moves.turnsEarly || !walker.armed()) {
                go(s, Slice.ROTATE);
            }
        } else if (!triggerMatters) {
            if (walker.run(Slice.TRIGGER)) {
                makeRoom();
                walker.pack(found, count * words);
                triggerMatters = !Arrays.equals(found, count * words, (count + 1) * words, store.words(s), store.at(s),
                    store.at(s) + words);
            }
        }
    }

    private void forced(int s) {
        if (moves.allowed.failures() + moves.allowed.binds() == 0) {
            return;
        }
        for (int d = 0; d < slice.devices().length; d++) {
            if (walker.fixed(d)) {
                continue;
            }
            if (walker.count(1) < moves.allowed.failures() && walker.injectable(d)) {
                for (int i = 0; i < walker.driversOf(d); i++) {
                    go(s, slice.fail(d, i));
                }
            }
            if (walker.count(2) < moves.allowed.binds() && walker.present(d)) {
                go(s, walker.outcome(d).isBound() ? slice.unbind(d) : slice.bind(d));
            }
        }
    }

    private boolean go(int s, int event) {
        transitions++;
        if (!walker.run(event)) {
            return false;
        }
        makeRoom();
        walker.pack(found, count * words);
        if (!store.contains(found, count * words)) {
            origins[2 * count] = s;
            origins[2 * count + 1] = event;
            count++;
        }
        return true;
    }

    private void makeRoom() {
        if ((count + 1) * words > found.length) {
            found = Arrays.copyOf(found, 2 * found.length);
        }
        if (2 * count + 1 >= origins.length) {
            origins = Arrays.copyOf(origins, 2 * origins.length);
        }
    }

    private void watchLoss(int s, int event) {
        for (int i = 0; i < moves.watched.length; i++) {
            Outcome after = walker.outcomeAfter(moves.watched[i]);
            if (translated(walker.outcome(moves.watched[i])) && !translated(after) && after.isBound()) {
                losses.add(new Loss(i, s, event, after));
            }
        }
    }

    static boolean translated(Outcome outcome) {
        return outcome == Outcome.BOUND_TRANSLATED || outcome == Outcome.BOUND_IDENTITY;
    }

    private void settle(int s) {
        Outcome[] outcomes = new Outcome[moves.watched.length];
        for (int i = 0; i < outcomes.length; i++) {
            outcomes[i] = walker.outcome(moves.watched[i]);
        }
        settled.add(new Settled(s, walker.count(1) + walker.count(2) > 0 ? Search.Kind.FORCED
            : walker.count(0) > 0 ? Search.Kind.UNLOADS : Search.Kind.PLAIN, outcomes));
    }

    // ---- what came out

    /**
     * Adds the new states to the store.
     *
     * @return the state one of whose followers had no room, or -1 when all are in
     */
    int handOver(StateStore to) {
        for (int i = 0; i < count; i++) {
            if (!to.add(found, i * words, origins[2 * i], origins[2 * i + 1])) {
                return origins[2 * i];
            }
        }
        return -1;
    }

    List<Settled> settled() {
        return settled;
    }

    List<Loss> losses() {
        return losses;
    }

    long transitions() {
        return transitions;
    }

    /** Transitions of the states before this one. */
    long transitionsBefore(int state) {
        return transitionsBefore[state - first];
    }

    /** Whether a bind outside the slice changed a state of it, ever. */
    boolean triggerMatters() {
        return triggerMatters;
    }
}
