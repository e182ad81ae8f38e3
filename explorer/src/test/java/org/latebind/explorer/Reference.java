package org.latebind.explorer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.latebind.probe.Event;
import org.latebind.probe.Outcome;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.State;

/**
 * The plainest possible search: the engine's own states, keys and event entry, one queue, one set, no slices and no packing. What
 * the explorer finds must be what this finds.
 */
final class Reference {

    private record Node(State state, BitSet ever, int unloads, int failures, int binds) { }

    private record Key(java.nio.ByteBuffer key, BitSet ever, int unloads, int failures, int binds) { }

    private final Machine machine;
    private final AllowedEvents allowed;
    private final Set<Key> seen = new HashSet<>();
    private final ArrayDeque<Node> queue = new ArrayDeque<>();
    private final ProbeEngine.Runner runner;
    private final int most;
    final List<Set<Outcome>> outcomes = new ArrayList<>();
    final List<Set<Outcome>> plain = new ArrayList<>();
    /** Devices that some event without failures and binds by hand made probe without end. */
    final BitSet reprobed = new BitSet();
    boolean complete = true;

    Reference(Machine machine, int most) {
        this.machine = machine;
        this.allowed = machine.input.events();
        this.runner = machine.engine.runner(machine.engine.model());
        this.most = most;
        for (int d = 0; d < machine.engine.board().deviceCount(); d++) {
            outcomes.add(EnumSet.noneOf(Outcome.class));
            plain.add(EnumSet.noneOf(Outcome.class));
        }
        visit(new Node(machine.booted, new BitSet(), 0, 0, 0));
        while (!queue.isEmpty() && complete) {
            expand(queue.remove());
        }
    }

    int states() {
        return seen.size();
    }

    private void visit(Node n) {
        java.nio.ByteBuffer key = java.nio.ByteBuffer.wrap(n.state.key());
        if (seen.add(new Key(key, n.ever, n.unloads, n.failures, n.binds))) {
            queue.add(n);
            complete = seen.size() < most;
        }
    }

    private boolean go(Node n, Event event, int unloads, int failures, int binds) {
        State next = runner.run(n.state, event);
        if (runner.refusal() != null && !(event instanceof Event.Bind)) {
            return false;
        }
        for (int d = 0; d < outcomes.size() && n.failures + failures + n.binds + binds == 0; d++) {
            reprobed.set(d, reprobed.get(d) || next.reprobes(d));
        }
        BitSet ever = n.ever;
        if (event instanceof Event.Load e) {
            ever = (BitSet) ever.clone();
            ever.set(e.module());
        }
        visit(new Node(next, ever, n.unloads + unloads, n.failures + failures, n.binds + binds));
        return true;
    }

    private boolean ready(Node n, int element) {
        BitSet before = machine.poset.before(element);
        for (int m : machine.loadable) {
            if (before.get(m) && !n.ever.get(m)) {
                return false;
            }
        }
        boolean late = n.state.key() != null && lateInit(n.state);
        boolean fired = late && !(n.state.timerDueMicros() >= 0 && allowed.expire());
        return (!before.get(machine.poset.lateInit()) || late) && (!before.get(machine.poset.expire()) || fired);
    }

    private boolean lateInit(State s) {
        runner.run(s, new Event.LateInit());
        return runner.refusal() != null;
    }

    private void expand(Node n) {
        State s = n.state;
        boolean all = true;
        for (int m : machine.loadable) {
            if (!s.loaded(m)) {
                all = false;
                if (ready(n, m)) {
                    go(n, new Event.Load(m), 0, 0, 0);
                }
            } else if (n.unloads < allowed.unloads()) {
                go(n, new Event.Unload(m, false), 1, 0, 0);
            }
        }
        boolean late = lateInit(s);
        if (!late && ready(n, machine.poset.lateInit())) {
            go(n, new Event.LateInit(), 0, 0, 0);
        }
        boolean init = !machine.userSpace || runner.run(s, new Event.Init()).equals(s);
        if (late && !init) {
            go(n, new Event.Init(), 0, 0, 0);
        }
        boolean fires = allowed.expire() && s.timerDueMicros() >= 0;
        if (fires && ready(n, machine.poset.expire())) {
            go(n, new Event.Expire(), 0, 0, 0);
        }
        forced(n);
        if (all && late && init && !fires) {
            for (int d = 0; d < outcomes.size(); d++) {
                outcomes.get(d).add(s.outcome(d));
                if (n.unloads + n.failures + n.binds == 0) {
                    plain.get(d).add(s.outcome(d));
                }
            }
        }
    }

    private void forced(Node n) {
        for (int d = 0; d < outcomes.size(); d++) {
            if (n.failures < allowed.failures()) {
                for (int r : machine.influence.driversOf(d)) {
                    go(n, new Event.InjectFailure(r, d, 5), 0, 1, 0);
                }
            }
            if (n.binds < allowed.binds() && n.state.present(d)) {
                go(n, n.state.bound(d) ? new Event.Unbind(d) : new Event.Bind(d, -1), 0, 0, 1);
            }
        }
    }
}
