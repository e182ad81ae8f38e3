package org.latebind.explorer.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.latebind.probe.Outcome;
import org.latebind.probe.Slice;
import org.latebind.probe.Walker;

/** One cone of a certificate: that its states are closed under every allowed event, and what they say of its devices. */
final class CheckedCone {

    final Slice slice;
    final boolean ordered;
    final boolean wide;
    private final CheckedMachine machine;
    private final int[] devices;
    private final boolean whole;
    private final boolean turnsEarly;
    private final StateSet states = new StateSet();
    private final Walker walker;
    /** Settled outcomes by device of the slice; with failures and binds by hand, and without. */
    private final Map<Integer, Set<Outcome>> all = new TreeMap<>();
    private final Map<Integer, Set<Outcome>> plain = new TreeMap<>();
    private long transitions;

    CheckedCone(CheckedMachine machine, int[] devices, boolean ordered, boolean wide) {
        this.machine = machine;
        this.devices = devices;
        this.ordered = ordered;
        this.wide = wide;
        whole = devices.length == machine.engine.board().deviceCount();
        Refusal.unless(ordered || !machine.influence.listOrderMatters(devices),
            "the order of the deferred list can matter and is left out");
        Refusal.unless(wide || whole || !ordered, "binds outside can turn the deferred list and are left out");
        slice = new Slice(machine.influence, devices, new Slice.Options(machine.unloads, machine.failures, machine.binds, ordered));
        turnsEarly = wide && machine.turnsEarly(devices);
        walker = slice.walker();
    }

    void add(long[] packed) {
        Refusal.unless(packed.length % slice.words() == 0, "states of " + slice.words() + " words do not fit");
        for (int at = 0; at < packed.length; at += slice.words()) {
            Refusal.unless(states.add(Arrays.copyOfRange(packed, at, at + slice.words())),
                "state " + (states.states().size() - 1) + " is there twice");
        }
    }

    int size() {
        return states.states().size();
    }

    long transitions() {
        return transitions;
    }

    /** Settled outcomes of the device at this place. */
    Set<Outcome> outcomes(int position, boolean forced) {
        return (forced ? all : plain).getOrDefault(position, Set.of());
    }

    // ---- closed under every event

    void check() {
        Refusal.unless(states.contains(slice.initial()), "the first state is missing");
        for (int s = 0; s < states.states().size(); s++) {
            walker.open(states.states().get(s), 0);
            check(s);
        }
    }

    private void check(int s) {
        boolean late = walker.lateInit();
        if (walker.asyncWaits()) {
            for (int d = 0; d < devices.length; d++) {
                if (walker.asyncWaits(d)) {
                    closed(s, slice.runAsync(d));
                }
            }
            outside(s, late);
            return;
        }
        boolean rest = true;
        int[] modules = slice.modules();
        for (int m = 0; machine.load && m < modules.length; m++) {
            if (slice.builtin(m)) {
                continue;
            }
            rest &= walker.loaded(m);
            if (!walker.loaded(m) && comes(modules[m])) {
                closed(s, slice.load(m));
            } else if (walker.loaded(m) && walker.count(0) < machine.unloads) {
                closed(s, slice.unload(m));
            }
        }
        if (!late && comes(machine.orders.lateInit())) {
            closed(s, Slice.LATE_INIT);
            for (int turns = 1; turnsEarly && turns <= walker.turns(); turns++) {
                closed(s, slice.lateInitTurned(turns));
            }
        }
        boolean running = !machine.influence.userSpaceMatters() || walker.running();
        if (late && !running) {
            closed(s, Slice.INIT);
        }
        boolean fires = machine.expire && walker.armed();
        if (fires && comes(machine.orders.expiry())) {
            closed(s, Slice.EXPIRE);
        }
        outside(s, late);
        forced(s);
        if (rest && late && running && !fires) {
            settled();
        }
    }

    /** Whether everything the constraints put before this element has come. */
    private boolean comes(int element) {
        int[] modules = slice.modules();
        boolean late = walker.lateInit();
        IntPredicate first = x -> machine.orders.before(x, element);
        for (int m = 0; machine.load && m < modules.length; m++) {
            if (!slice.builtin(m) && first.test(modules[m]) && !walker.everLoaded(m)) {
                return false;
            }
        }
        return (!first.test(machine.orders.lateInit()) || late)
            && (!first.test(machine.orders.expiry()) || late && !(walker.armed() && machine.expire));
    }

    private void outside(int s, boolean late) {
        if (whole || !late) {
            return;
        }
        if (wide) {
            closed(s, Slice.TRIGGER);
            if (turnsEarly || !walker.armed()) {
                closed(s, Slice.ROTATE);
            }
        } else if (walker.run(Slice.TRIGGER)) {
            long[] after = new long[slice.words()];
            walker.pack(after, 0);
            Refusal.unless(Arrays.equals(after, states.states().get(s)),
                "state " + s + ": a bind outside changes it, which is left out");
        }
    }

    private void forced(int s) {
        for (int d = 0; d < devices.length; d++) {
            if (walker.fixed(d)) {
                continue;
            }
            for (int i = 0; walker.count(1) < machine.failures && walker.injectable(d) && i < walker.driversOf(d); i++) {
                closed(s, slice.fail(d, i));
            }
            if (walker.count(2) < machine.binds && walker.present(d)) {
                closed(s, walker.outcome(d).isBound() ? slice.unbind(d) : slice.bind(d));
            }
        }
    }

    private void closed(int s, int event) {
        transitions++;
        if (walker.run(event)) {
            long[] after = new long[slice.words()];
            walker.pack(after, 0);
            Refusal.unless(states.contains(after), "state " + s + ": " + slice.describe(event)
                + " leads to a state that is not in the certificate");
        }
    }

    private void settled() {
        for (int d = 0; d < devices.length; d++) {
            all.computeIfAbsent(d, x -> EnumSet.noneOf(Outcome.class)).add(walker.outcome(d));
            if (walker.count(1) + walker.count(2) == 0) {
                plain.computeIfAbsent(d, x -> EnumSet.noneOf(Outcome.class)).add(walker.outcome(d));
            }
        }
    }

    /** Everything that decides in this cone, constraints too, without names: equal texts end in equal ways. */
    String shape() {
        StringBuilder text = new StringBuilder(slice.shape()).append(ordered).append(wide).append(turnsEarly).append(whole);
        List<Integer> elements = new ArrayList<>();
        Arrays.stream(slice.modules()).forEach(elements::add);
        elements.add(machine.orders.lateInit());
        elements.add(machine.orders.expiry());
        for (int second : elements) {
            text.append('/');
            elements.forEach(first -> text.append(machine.orders.before(first, second) ? '1' : '0'));
        }
        return text.toString();
    }
}
