package org.latebind.explorer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.latebind.probe.Event;
import org.latebind.probe.Outcome;
import org.latebind.probe.Reason;
import org.latebind.probe.State;

/** Turns ways into findings. */
final class Findings {

    private static final Set<Outcome> UNBOUND = EnumSet.of(Outcome.PENDING, Outcome.FORCED_OFF, Outcome.GROUPED_UNBOUND,
        Outcome.NO_DRIVER);

    private final Machine machine;

    Findings(Machine machine) {
        this.machine = machine;
    }

    List<Finding> of(Collection<Ways> all) {
        List<Finding> findings = new ArrayList<>();
        for (Ways ways : all) {
            of(ways, findings);
        }
        return findings;
    }

    private void of(Ways ways, List<Finding> findings) {
        int device = ways.device();
        if (machine.influence.driverless(device)) {
            return;
        }
        List<Outcome> plain = ways.outcomes(Search.Kind.PLAIN);
        List<Outcome> all = ways.outcomes(Search.Kind.FORCED);
        if (ways.complete() && !all.isEmpty() && all.stream().noneMatch(Outcome::isBound)
                && !(all.size() == 1 && all.get(0) == Outcome.NO_DRIVER)) {
            findings.add(finding(Rule.NEVER_BOUND, ways, all.get(0), ways.shortest(all.get(0))));
        }
        for (Outcome outcome : all) {
            List<Event> way = ways.shortest(outcome);
            if (outcome == Outcome.BOUND_DIRECT && passedBy(way, device)) {
                findings.add(finding(Rule.BOUND_UNTRANSLATED, ways, outcome, way));
            } else if (outcome == Outcome.BOUND_BLOCKED) {
                findings.add(finding(Rule.BOUND_THEN_BLOCKED, ways, outcome, way));
            }
            if (UNBOUND.contains(outcome) && !plain.contains(outcome) && ways.way(outcome, Search.Kind.UNLOADS) != null
                    && plain.stream().anyMatch(Outcome::isBound)) {
                findings.add(finding(Rule.STRANDED_AFTER_UNLOAD, ways, outcome, ways.way(outcome, Search.Kind.UNLOADS)));
            }
        }
        if (plain.size() > 1) {
            Outcome worst = worst(plain);
            findings.add(finding(Rule.ORDER_DEPENDENT, ways, worst, ways.way(worst, Search.Kind.PLAIN)));
        }
        if (ways.lostAs() != null) {
            findings.add(finding(Rule.LOST_IOMMU_AFTER_SUPPLIER_UNLOAD, ways, ways.lostAs(), ways.loss()));
        }
        List<Event> livelock = Livelocks.shortest(machine, device);
        if (livelock != null) {
            List<State> states = machine.states(livelock);
            findings.add(finding(Rule.REPROBE_LIVELOCK, ways, states.get(states.size() - 1).outcome(device), livelock));
        }
        initramfs(ways, findings);
    }

    /** The outcome a user wants least. */
    static Outcome worst(List<Outcome> outcomes) {
        List<Outcome> order = List.of(Outcome.BOUND_BLOCKED, Outcome.FAILED, Outcome.FORCED_OFF, Outcome.PENDING,
            Outcome.NO_DRIVER, Outcome.GROUPED_UNBOUND, Outcome.BOUND_DIRECT, Outcome.BOUND_IDENTITY,
            Outcome.BOUND_TRANSLATED);
        return order.stream().filter(outcomes::contains).findFirst().orElseThrow();
    }

    private boolean passedBy(List<Event> way, int device) {
        State end = machine.replay(way);
        return end != null && end.passedBy(device);
    }

    private Finding finding(Rule rule, Ways ways, Outcome outcome, List<Event> way) {
        List<State> states = machine.states(way);
        Reason reason = states.get(states.size() - 1).explain(ways.device());
        String sentence = new CauseInWords(machine, way).sentence(rule, outcome, ways.outcomes(Search.Kind.PLAIN), reason);
        return new Finding(rule, machine.engine.board().device(ways.device()).path(), outcome, machine.schedule(way), reason,
            sentence, List.of(), false, Trail.of(machine.engine.board(), reason, states));
    }

    /** Somebody is there early and ends badly for want of a module that is not in the initramfs. */
    private void initramfs(Ways ways, List<Finding> findings) {
        Set<String> early = machine.input.constraints().initramfs();
        if (early.isEmpty() || findings.isEmpty()) {
            return;
        }
        Finding last = findings.get(findings.size() - 1);
        String path = machine.engine.board().device(ways.device()).path();
        if (!last.device().equals(path) || !earlyDriver(ways.device(), early)) {
            return;
        }
        Set<String> needed = new LinkedHashSet<>(Suppliers.modules(machine, last.cause()));
        needed.addAll(Suppliers.late(machine, ways.device(), last.schedule()));
        for (String module : needed) {
            if (!early.contains(module)) {
                findings.add(new Finding(Rule.SUPPLIER_NOT_IN_INITRAMFS, path, last.outcome(), last.schedule(), last.cause(),
                    "Its driver is there early, module " + module + " that it needs is not in the initramfs"
                    + last.sentence().substring(last.sentence().indexOf(": ")), List.of(), false, last.trail()));
                return;
            }
        }
    }

    private boolean earlyDriver(int device, Set<String> early) {
        return Suppliers.ownModules(machine, device).stream().anyMatch(m -> early.contains(m)
            || machine.engine.catalogue().module(machine.engine.catalogue().moduleIndex(m)).builtin());
    }
}
