package org.latebind.benchmarks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.latebind.probe.Board;
import org.latebind.probe.BoardBuilder;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Event;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.Unattached;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The probe engine as a search uses it: one event on one state gives a new state. Six masters behind one SMMU, seven modules;
 * the IOMMU comes last, so that six loads defer and the seventh binds everybody.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EngineBenchmark {

    private static final int MASTERS = 6;
    /** Transitions from all states of a search over the orders of loading: each of 2^7 sets, each order of its deferrals. */
    static final int SEARCHED = 2000;
    static final int SCHEDULED = MASTERS + 1;

    private ProbeEngine.Runner runner;
    private org.latebind.probe.State lateInit;
    private Event[] loads;
    private final List<org.latebind.probe.State> states = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();

    /** Builds the board and collects the transitions of a breadth-first search. */
    @Setup
    public void build() {
        BoardBuilder b = Board.builder("seven");
        b.device("/smmu", "smmu").isIommu();
        List<KernelModule> modules = new ArrayList<>();
        for (int i = 0; i < MASTERS; i++) {
            b.device("/m" + i, "m" + i).iommus("/smmu", i);
            modules.add(KernelModule.loadable("m" + i, DriverDescription.named("m" + i).withCompatible("m" + i)));
        }
        modules.add(KernelModule.loadable("smmu",
            DriverDescription.named("smmu").withCompatible("smmu").withIommu(Unattached.ABORT)));
        ProbeEngine engine = new ProbeEngine(b.build(), new ModuleCatalogue(modules), Policy.TIMEOUT_MULTI, Parameters.DEFAULTS);
        runner = engine.runner(engine.model());
        lateInit = runner.run(engine.initial(), new Event.LateInit());
        loads = new Event[modules.size()];
        for (int m = 0; m < loads.length; m++) {
            loads[m] = new Event.Load(m);
        }
        Set<org.latebind.probe.State> seen = new HashSet<>(Set.of(lateInit));
        ArrayDeque<org.latebind.probe.State> open = new ArrayDeque<>(seen);
        while (events.size() < SEARCHED) {
            org.latebind.probe.State s = open.remove();
            for (int m = 0; m < loads.length && events.size() < SEARCHED; m++) {
                if (!s.loaded(m)) {
                    states.add(s);
                    events.add(loads[m]);
                    org.latebind.probe.State next = runner.run(s, loads[m]);
                    if (seen.add(next)) {
                        open.add(next);
                    }
                }
            }
        }
    }

    /** One schedule: the six masters' modules, then the IOMMU's. Per event. */
    @Benchmark
    @OperationsPerInvocation(SCHEDULED)
    public org.latebind.probe.State schedule() {
        org.latebind.probe.State s = lateInit;
        for (Event load : loads) {
            s = runner.run(s, load);
        }
        return s;
    }

    /** All transitions a search over the orders tries, one after the other. Per transition. */
    @Benchmark
    @OperationsPerInvocation(SEARCHED)
    public int search() {
        int bound = 0;
        for (int i = 0; i < SEARCHED; i++) {
            bound += runner.run(states.get(i), events.get(i)).driver(1);
        }
        return bound;
    }

    /** The same, with the canonical key a search remembers a state by. Per transition. */
    @Benchmark
    @OperationsPerInvocation(SEARCHED)
    public int searchWithKeys() {
        int length = 0;
        for (int i = 0; i < SEARCHED; i++) {
            length += runner.run(states.get(i), events.get(i)).key().length;
        }
        return length;
    }
}
