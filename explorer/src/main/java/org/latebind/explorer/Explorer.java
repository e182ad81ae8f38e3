package org.latebind.explorer;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.latebind.probe.Outcome;

/**
 * The explorer: what every allowed order of events leads to, exactly. Pure but for the threads it uses and the clock of
 * {@link Exploration.Stats#millis}.
 *
 * <pre>
 * Exploration result = Explorer.explore(ExplorerInput.of(board, modules, Policy.TIMEOUT_MULTI));
 * </pre>
 *
 * <p>The board is cut into cones of influence, cones of one shape are searched once, breadth-first on packed states of the
 * probe engine, and every way that is reported has been replayed on the engine of the whole board.
 */
public final class Explorer {

    private static final long NANOS_PER_MILLI = 1_000_000;

    private Explorer() {
    }

    /**
     * Explores.
     *
     * @throws ContradictionException when the constraints contradict each other
     */
    public static Exploration explore(ExplorerInput input) {
        return explore(input, new KnownCones());
    }

    /**
     * Explores, and uses what searches for other boards, policies or events have found; the result is the same.
     *
     * @throws ContradictionException when the constraints contradict each other
     */
    public static Exploration explore(ExplorerInput input, KnownCones known) {
        long start = System.nanoTime();
        Machine machine = new Machine(input);
        Cones cones = new Cones(machine, input.limits(), known);
        int devices = input.board().deviceCount();
        Map<Integer, Ways> ways = cones.solve(java.util.stream.IntStream.range(0, devices).toArray());
        List<Exploration.DeviceResult> results = new ArrayList<>();
        boolean complete = true;
        boolean dependent = false;
        for (int d = 0; d < devices; d++) {
            Ways w = ways.get(d);
            results.add(result(machine, w));
            complete &= w.complete();
            dependent |= w.outcomes(Search.Kind.UNLOADS).size() > 1;
        }
        List<Finding> findings = new Findings(machine).of(ways.values());
        if (input.limits().repairs()) {
            findings = new Repairs(input, machine, known).of(findings);
        }
        Verdict verdict = dependent ? Verdict.ORDER_DEPENDENT : complete ? Verdict.ORDER_INDEPENDENT : Verdict.LIMIT;
        if (!complete && dependent) {
            verdict = Verdict.LIMIT;
        }
        long millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
        return new Exploration(input.board().name(), input.policy().name(), input.parameters().values(), verdict, results,
            findings, new Exploration.Stats(machine.loadable.length, orders(machine), cones.states(), cones.transitions(),
            cones.bytes(), millis));
    }

    private static BigInteger orders(Machine machine) {
        BitSet elements = machine.elements();
        if (machine.timer()) {
            machine.poset.before(machine.poset.expire()).set(machine.poset.lateInit());
            machine.poset.before(machine.poset.expire()).or(machine.poset.before(machine.poset.lateInit()));
            elements.set(machine.poset.expire());
        }
        return machine.poset.orders(elements);
    }

    private static Exploration.DeviceResult result(Machine machine, Ways ways) {
        List<Exploration.Reachable> reachable = new ArrayList<>();
        for (Outcome outcome : ways.ways().keySet()) {
            reachable.add(new Exploration.Reachable(outcome, machine.schedule(ways.shortest(outcome))));
        }
        reachable.sort(Comparator.comparingInt((Exploration.Reachable r) -> r.schedule().steps().size())
            .thenComparing(Exploration.Reachable::outcome));
        return new Exploration.DeviceResult(ways.device(), machine.engine.board().device(ways.device()).path(), reachable,
            ways.complete());
    }
}
