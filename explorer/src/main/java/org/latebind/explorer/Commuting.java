package org.latebind.explorer;

import org.latebind.probe.LoadCommutation;
import org.latebind.probe.Slice;
import org.latebind.probe.Walker;

/**
 * Partial-order reduction: where nothing but loads is left to happen, a stubborn set of them is enough. The set starts with one
 * load that may happen; with every load it takes in those that do not commute with it, and for one that may not happen yet, all
 * that must come before it. Every settled state is still reached, in the same number of events: all ways from here to a settled
 * state hold the same loads. Source: Valmari, stubborn sets (deadlock-preserving form). Immutable.
 */
final class Commuting {

    private final LoadCommutation commutation;

    private Commuting(LoadCommutation commutation) {
        this.commutation = commutation;
    }

    /** Null when no loads of the slice commute. */
    static Commuting of(Slice slice, boolean ordered) {
        LoadCommutation commutation = new LoadCommutation(slice, ordered);
        return commutation.any() ? new Commuting(commutation) : null;
    }

    /** Marks, by loadable module, the smallest of the stubborn sets that start with each load that may happen. */
    void choose(Walker walker, Moves moves, boolean[] chosen) {
        int n = moves.loadable.length;
        boolean[] open = new boolean[n];
        boolean[] ready = new boolean[n];
        for (int i = 0; i < n; i++) {
            open[i] = !walker.loaded(moves.loadable[i]);
            ready[i] = open[i] && moves.ready(walker, i);
        }
        java.util.Arrays.fill(chosen, true);
        int best = Integer.MAX_VALUE;
        boolean[] set = new boolean[n];
        int[] todo = new int[n];
        for (int seed = 0; seed < n && best > 1; seed++) {
            if (!ready[seed]) {
                continue;
            }
            int size = close(seed, moves, open, ready, set, todo);
            if (size < best) {
                best = size;
                System.arraycopy(set, 0, chosen, 0, n);
            }
        }
    }

    private int close(int seed, Moves moves, boolean[] open, boolean[] ready, boolean[] set, int[] todo) {
        java.util.Arrays.fill(set, false);
        int count = 1;
        int enabled = 0;
        set[seed] = true;
        todo[0] = seed;
        for (int at = 0; at < count; at++) {
            int i = todo[at];
            enabled += ready[i] ? 1 : 0;
            for (int j = 0; j < set.length; j++) {
                boolean needed = ready[i] ? !commutation.commute(moves.loadable[i], moves.loadable[j])
                    : moves.needs(i, moves.loadable[j]);
                if (!set[j] && open[j] && i != j && needed) {
                    set[j] = true;
                    todo[count++] = j;
                }
            }
        }
        return enabled;
    }
}
