package org.latebind.explorer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.latebind.probe.Slice;
import org.latebind.probe.Walker;

/** Which events a search over one slice may do, and what it watches. Immutable, for any threads. */
final class Moves {

    final Slice slice;
    final AllowedEvents allowed;
    final boolean userSpace;
    /** Devices of the slice whose outcomes are kept. */
    final int[] watched;
    /** Whether devices outside the slice may bind at any time. */
    final boolean outside;
    /** Whether such binds are followed up, and turn the deferred list. */
    final boolean rotates;
    /** Whether the outside may turn the deferred list before the timer has fired. */
    final boolean turnsEarly;
    /** Modules of the slice that may be loaded. */
    final int[] loadable;
    /** Which loads commute, or null to try all orders. */
    final Commuting commuting;
    /** Loadable modules of the slice that must come before, by loadable; then late-init, expiry. */
    private final int[][] needs;
    private final boolean[] needsLateInit;
    private final boolean[] needsExpire;

    Moves(Slice slice, Machine machine, int[] watched, boolean outside, boolean rotates, Commuting commuting) {
        this.slice = slice;
        this.allowed = machine.input.events();
        this.userSpace = machine.userSpace;
        this.watched = watched;
        this.outside = outside;
        this.rotates = rotates;
        this.commuting = commuting;
        this.turnsEarly = rotates && machine.turnsEarly(slice.devices());
        Poset poset = machine.poset;
        int[] modules = slice.modules();
        loadable = IntStream.range(0, modules.length).filter(m -> !slice.builtin(m)).toArray();
        needs = new int[loadable.length + 2][];
        needsLateInit = new boolean[loadable.length + 2];
        needsExpire = new boolean[loadable.length + 2];
        for (int i = 0; i < needs.length; i++) {
            int element = i < loadable.length ? modules[loadable[i]] : i == loadable.length ? poset.lateInit() : poset.expire();
            BitSet before = poset.before(element);
            needs[i] = Arrays.stream(loadable).filter(m -> before.get(modules[m])).toArray();
            needsLateInit[i] = before.get(poset.lateInit());
            needsExpire[i] = before.get(poset.expire());
        }
    }

    /** Number that stands for late-init in {@link #ready}. */
    int lateInit() {
        return loadable.length;
    }

    /** Number that stands for the expiry in {@link #ready}. */
    int expiry() {
        return loadable.length + 1;
    }

    /** Whether everything that must come before the {@code i}-th loadable module, late-init or the expiry has come. */
    boolean ready(Walker walker, int i) {
        for (int m : needs[i]) {
            if (allowed.load() && !walker.everLoaded(m)) {
                return false;
            }
        }
        boolean late = walker.lateInit();
        return (!needsLateInit[i] || late) && (!needsExpire[i] || late && !(walker.armed() && allowed.expire()));
    }

    /** Whether module {@code m} must come before the {@code i}-th loadable module. */
    boolean needs(int i, int m) {
        return Arrays.stream(needs[i]).anyMatch(x -> x == m);
    }
}
