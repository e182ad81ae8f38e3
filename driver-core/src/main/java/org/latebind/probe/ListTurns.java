package org.latebind.probe;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Who can turn the deferred list before the timer fires. A device that binds out of the list in the middle of a pass makes those
 * before it change places with those after it; a search of some devices has to follow that up only where it can happen.
 *
 * <p>As long as the timer runs, everybody waits for what is absent, and more modules only bind more devices: who is not bound
 * with every module loaded is bound in no order. Until then, what stands in the list since boot keeps its place in the circle,
 * and all others come after it. Where that does not hold, the answer is yes. Unloads, failures and binds by hand are not
 * considered. Immutable, for any threads.
 */
public final class ListTurns {

    private final Tables t;
    private final Influence influence;
    private final int[] atBoot;
    private final boolean waits;
    private final BitSet binds = new BitSet();

    /**
     * Looks at a booted machine.
     *
     * @param engine    engine; not null
     * @param booted    its state after {@link Event.Boot}; not null
     * @param influence looked at the same machine; not null
     */
    public ListTurns(ProbeEngine engine, State booted, Influence influence) {
        t = booted.t;
        this.influence = influence;
        atBoot = booted.deferredList();
        waits = waitsUntilExpiry();
        if (!waits) {
            return;
        }
        ProbeEngine.Runner runner = engine.runner(engine.model());
        State end = booted;
        for (int m = 0; m < t.moduleCount; m++) {
            end = t.catalogue.module(m).builtin() ? end : runner.run(end, new Event.Load(m));
        }
        end = runner.run(end, new Event.LateInit());
        for (int d = 0; d < t.deviceCount; d++) {
            binds.set(d, !influence.permanent(d) && end.bound(d) && influence.mayStandInList(d));
        }
    }

    private boolean waitsUntilExpiry() {
        int timeout = t.parameters.timeoutSeconds(t.policy);
        AbsentRule rule = t.board.acpi ? t.policy.absentAcpi : t.policy.absent;
        boolean always = timeout > 0 && influence.waiting().questions().filter(q -> q.timeoutSeconds() == timeout)
            .allMatch(q -> rule.decide(q) == AbsentRule.Verdict.DEFER
                && t.policy.absentPowerDomain.decide(q) == AbsentRule.Verdict.DEFER);
        return always && !influence.tied() && !t.parameters.asyncChoice()
            && Arrays.stream(t.drivers).noneMatch(r -> r.deferBecomesError() || r.streamIdMax() != Integer.MAX_VALUE
                || r.createsBeforeAsking());
    }

    /** Whether devices that are none of these may turn the order of these before the timer fires. */
    public boolean early(int[] devices) {
        if (!waits) {
            return true;
        }
        BitSet late = new BitSet();
        BitSet listed = new BitSet();
        for (int d : devices) {
            if (influence.mayStandInList(d)) {
                (place(d) >= 0 ? listed : late).set(d);
            }
        }
        return binds.stream().filter(x -> Arrays.binarySearch(devices, x) < 0).anyMatch(x -> between(x, listed, late));
    }

    /** Place in the list since boot; -1 for those that come to it later, or may come again. */
    private int place(int d) {
        for (int r : t.driversOfDevice[d]) {
            if (!t.catalogue.module(t.moduleOfDriver[r]).builtin()) {
                return -1;
            }
        }
        for (int i = 0; i < atBoot.length; i++) {
            if (atBoot[i] == d) {
                return i;
            }
        }
        return -1;
    }

    private boolean between(int x, BitSet listed, BitSet late) {
        int place = place(x);
        if (place < 0) {
            return !late.isEmpty() && late.cardinality() + listed.cardinality() > 1;
        }
        boolean before = false;
        boolean after = !late.isEmpty();
        for (int i = 0; i < atBoot.length; i++) {
            before |= i < place && listed.get(atBoot[i]);
            after |= i > place && listed.get(atBoot[i]);
        }
        return before && after;
    }
}
