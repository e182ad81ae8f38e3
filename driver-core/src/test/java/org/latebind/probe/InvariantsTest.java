package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DmaLimits;
import org.latebind.devicetree.DmaRanges;

/** Invariants I1 to I7 of the driver-core sheet on random boards and event sequences; a failure names its seed. */
class InvariantsTest {

    private static final int SEQUENCES = Integer.getInteger("latebind.sequences", 100_000);

    @Test
    void everyStateOfARandomRunIsConsistent() {
        for (long seed = 0; seed < SEQUENCES; seed++) {
            Policy policy = Policy.all().get((int) (seed % Policy.all().size()));
            RandomBoards random = new RandomBoards(seed, policy);
            ProbeEngine.Runner runner = random.engine.runner(random.engine.model());
            State s = runner.run(random.engine.initial(), new Event.Boot());
            for (int i = 0; i < 12; i++) {
                Event event = random.event(s);
                State next = runner.run(s, event);
                check(seed, random.engine, s, event, next);
                s = next;
            }
        }
    }

    private static void check(long seed, ProbeEngine engine, State before, Event event, State after) {
        java.util.function.Supplier<String> where = () -> "seed " + seed + " policy " + engine.policy() + " event " + event;
        Set<Integer> listed = new HashSet<>();
        for (int d : after.deferredList()) {
            require(listed.add(d), "I1 on at most one list", where);
            require(!after.bound(d), "I1 bound and listed", where);
            require(after.present(d), "listed but gone", where);
        }
        int[] clients = new int[engine.board().iommuCount()];
        for (int d = 0; d < engine.board().deviceCount(); d++) {
            Outcome outcome = after.outcome(d);
            require(outcome.isBound() == after.bound(d), "bound by outcome", where);
            require(!after.bound(d) || after.registered(after.driver(d)), "bound to a departed driver", where);
            if (after.attachedTo(d) >= 0) {
                clients[after.attachedTo(d)]++;
                require(after.group(d) >= 0, "attached without group", where);
            }
            boolean silently = before.outcome(d) == Outcome.BOUND_DIRECT && outcome == Outcome.BOUND_TRANSLATED
                && !rebinds(engine, d, event);
            require(!silently, "I5 direct to translated without unbind", where);
            tellApart(after, d, where);
            require(!after.explain(d).text().isEmpty(), "a reason", where);
        }
        for (int p = 0; p < clients.length; p++) {
            require(after.c[after.at.iommuClients + p] == clients[p], "count of clients", where);
        }
        require(after.frames.length == 0, "nothing unfinished", where);
    }

    /** Attached clients of one SMMUv2 whose streams meet are in one group. */
    private static void tellApart(State s, int d, java.util.function.Supplier<String> where) {
        for (int other : s.t.streams.members(d)) {
            boolean both = s.attachedTo(d) >= 0 && s.attachedTo(d) == s.attachedTo(other);
            require(!both || s.group(d) == s.group(other) || !s.t.streams.meet(d, other), "one stream in two groups", where);
        }
    }

    private static void require(boolean condition, String what, java.util.function.Supplier<String> where) {
        if (!condition) {
            throw new AssertionError(what + ": " + where.get());
        }
    }

    @Test
    void answersFromOutsideEndAsThoseOfTheModel() {
        for (long seed = 0; seed < SEQUENCES / 10; seed++) {
            RandomBoards random = new RandomBoards(seed, Policy.all().get((int) (seed % Policy.all().size())));
            ProbeEngine engine = random.engine;
            State model = engine.initial();
            State live = engine.initial();
            for (int i = 0; i < 12; i++) {
                Event event = i == 0 ? new Event.Boot() : random.event(model);
                model = engine.run(model, event, engine.model()).state();
                live = answered(engine, engine.step(live, event).state());
                assertThat(live.key()).as("seed %d policy %s event %s", seed, engine.policy(), event).isEqualTo(model.key());
                assertThat(reasons(live)).as("seed %d event %s", seed, event).isEqualTo(reasons(model));
            }
        }
    }

    private static State answered(ProbeEngine engine, State asking) {
        State s = asking;
        for (Action action = s.awaited(); action != null; action = s.awaited()) {
            Event answer = new Event.Done();
            if (action instanceof Action.Probe p) {
                answer = new Event.Probed(engine.model().probe(s, p.device(), p.driver()));
            } else if (action instanceof Action.Attach a) {
                answer = new Event.Attached(engine.model().attach(s, a.device(), a.iommu()));
            }
            s = engine.step(s, answer).state();
        }
        return s;
    }

    private static List<String> reasons(State s) {
        return java.util.stream.IntStream.range(0, s.board().deviceCount())
            .mapToObj(d -> s.explain(d) + " " + s.reasonText(d) + " " + s.group(d)).toList();
    }

    /** Whoever is not translated says why, down to the module that would help, as long as there is one. */
    @Test
    void everyReasonTreeLeadsToWhatIsMissing() {
        for (long seed = 0; seed < SEQUENCES / 5; seed++) {
            RandomBoards random = new RandomBoards(seed, Policy.all().get((int) (seed % Policy.all().size())));
            ProbeEngine.Runner runner = random.engine.runner(random.engine.model());
            State s = runner.run(random.engine.initial(), new Event.Boot());
            for (int i = 0; i < 12; i++) {
                Event event = random.event(s);
                s = runner.run(s, event);
                for (int d = 0; d < random.engine.board().deviceCount(); d++) {
                    Reason reason = s.explain(d);
                    String where = "seed " + seed + " policy " + random.engine.policy() + " event " + event + ": " + reason;
                    require(leads(random.engine, s, d, reason), "a reason that leads nowhere", () -> where);
                }
            }
        }
    }

    private static boolean leads(ProbeEngine engine, State s, int d, Reason reason) {
        Outcome outcome = s.outcome(d);
        boolean behind = !engine.board().device(d).iommus().isEmpty() && engine.board().device(d).bus().equals("platform");
        if (outcome == Outcome.BOUND_DIRECT || outcome == Outcome.BOUND_BLOCKED) {
            return !behind || !reason.causes().isEmpty() || reason.text().contains("failed with");
        }
        if (outcome.isBound() || !s.present(d)) {
            return true;
        }
        if (!s.anyDriverMatches(d)) {
            return reason.causes().stream().anyMatch(c -> c.kind() == Reason.Kind.MODULE || c.kind() == Reason.Kind.NOTHING);
        }
        return outcome != Outcome.PENDING && outcome != Outcome.FORCED_OFF || !reason.causes().isEmpty()
            || reason.text().contains("suspended") || reason.text().contains("failed with");
    }

    private static boolean rebinds(ProbeEngine engine, int device, Event event) {
        return event instanceof Event.Unload || event instanceof Event.RemoveDevice || event instanceof Event.Unbind
            || event instanceof Event.Load && engine.board().device(device).creator() >= 0;
    }

    @Test
    void aDecodedKeyIsTheSameState() {
        for (long seed = 0; seed < SEQUENCES; seed++) {
            RandomBoards random = new RandomBoards(seed, Policy.all().get((int) (seed % Policy.all().size())));
            ProbeEngine.Runner runner = random.engine.runner(random.engine.model());
            State s = runner.run(random.engine.initial(), new Event.Boot());
            for (int i = 0; i < 10; i++) {
                State twin = random.engine.decode(s.key());
                assertThat(twin.key()).as("seed %d", seed).isEqualTo(s.key());
                Event event = random.event(s);
                if (event instanceof Event.Advance) {
                    continue;
                }
                s = runner.run(s, event);
                State next = runner.run(twin, event);
                assertThat(next.key()).as("seed %d event %s", seed, event).isEqualTo(s.key());
                assertThat(outcomes(next)).as("seed %d event %s", seed, event).isEqualTo(outcomes(s));
            }
        }
    }

    @Test
    void aTriggerWithAnEmptyListBindsNothing() {
        for (long seed = 0; seed < SEQUENCES; seed++) {
            RandomBoards random = new RandomBoards(seed, Policy.TIMEOUT_MULTI);
            State s = random.engine.run(random.engine.initial(), new Event.LateInit(), random.engine.model()).state();
            Step step = random.engine.run(s, new Event.Resume(), random.engine.model());
            assertThat(step.state().deferredList()).isEmpty();
            assertThat(step.log()).as("I2 seed %d", seed).noneMatch(r -> r.kind() == LogRecord.Kind.BOUND);
        }
    }

    @Test
    void withIndefiniteDeferralAllOrdersOfLoadingEndAlike() {
        for (long seed = 0; seed < SEQUENCES; seed++) {
            for (Policy policy : List.of(Policy.DEFER_INDEFINITE, Policy.LATEBIND)) {
                RandomBoards first = new RandomBoards(seed, policy);
                if (mixesDrivers(first.engine) || !first.engine.parameters().values().isEmpty()) {
                    continue;
                }
                List<Integer> modules = new ArrayList<>();
                for (int m = 0; m < first.engine.catalogue().modules().size(); m++) {
                    modules.add(m);
                }
                List<Outcome> one = load(first.engine, modules);
                Collections.shuffle(modules, new Random(seed));
                assertThat(load(first.engine, modules)).as("I3 seed %d policy %s", seed, policy).isEqualTo(one);
            }
        }
    }

    /** The exceptions of I3: two IOMMUs in one list, two IOMMU drivers where only one may be, clients that can be refused. */
    private static boolean mixesDrivers(ProbeEngine engine) {
        if (engine.initial().t.streams.refusals()) {
            return true;
        }
        if (engine.catalogue().drivers().stream().filter(DriverDescription::iommu).count() > 1) {
            return true;
        }
        return engine.board().devices().stream()
            .anyMatch(d -> d.iommus().stream().mapToInt(IommuEntry::iommu).distinct().count() > 1);
    }

    private static List<Outcome> load(ProbeEngine engine, List<Integer> modules) {
        ProbeEngine.Runner runner = engine.runner(engine.model());
        State s = runner.run(runner.run(engine.initial(), new Event.Boot()), new Event.LateInit());
        for (int m : modules) {
            if (!s.loaded(m)) {
                s = runner.run(s, new Event.Load(m));
            }
        }
        return outcomes(s);
    }

    @Test
    void aDisabledIommuNeverDefersAClient() {
        for (Policy policy : Policy.all()) {
            Board board = Board.builder("disabled").node("/iommu@1", "smmu").disabled().isIommu().and()
                .device("/dma@2", "dma").iommus("/iommu@1", 1).and().build();
            ProbeEngine engine = new ProbeEngine(board, ModuleCatalogue.of(KernelModule.builtin("dma", 1,
                DriverDescription.named("dma").withCompatible("dma"))), policy, Parameters.DEFAULTS);
            State s = engine.run(engine.initial(), new Event.Boot(), engine.model()).state();
            if (policy == Policy.XEN) {
                s = engine.run(s, new Event.LateInit(), engine.model()).state();
            }
            assertThat(s.outcome(0)).as("I4 %s", policy).isEqualTo(Outcome.BOUND_DIRECT);
        }
    }

    @Test
    void masksAreThoseOfTheFirstAttemptHoweverOftenADeviceIsConfigured() {
        for (long seed = 0; seed < SEQUENCES; seed++) {
            Random random = new Random(seed);
            List<DmaRanges.Range> ranges = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                ranges.add(new DmaRanges.Range(random.nextLong() >>> random.nextInt(64), random.nextLong() >>> 16,
                    1 + (random.nextLong() >>> 1 + random.nextInt(62))));
            }
            DmaRanges tree = new DmaRanges(ranges.isEmpty() ? DmaRanges.Result.NONE : DmaRanges.Result.FOUND, ranges);
            DmaLimits.Rule rule = DmaLimits.Rule.values()[random.nextInt(2)];
            long mask = -1L >>> random.nextInt(40);
            DmaLimits first = DmaLimits.of(tree, rule, OptionalLong.of(mask), -1L >>> random.nextInt(40), true);
            DmaLimits last = first;
            for (int attempt = random.nextInt(5); attempt >= 0 && first.error() == null; attempt--) {
                last = DmaLimits.of(tree, rule, OptionalLong.of(last.dmaMask()), last.coherentMask(), true);
            }
            assertThat(last.dmaMask()).as("I6 seed %d", seed).isEqualTo(first.dmaMask());
            assertThat(last.coherentMask()).as("I6 seed %d", seed).isEqualTo(first.coherentMask());
            assertThat(Long.compareUnsigned(first.dmaMask(), mask)).as("I6 seed %d: masks only shrink", seed)
                .isLessThanOrEqualTo(0);
        }
    }

    @Test
    void anExpiryIsIdempotent() {
        for (long seed = 0; seed < SEQUENCES; seed++) {
            RandomBoards random = new RandomBoards(seed, Policy.TIMEOUT_MULTI);
            State s = random.engine.run(random.engine.initial(), new Event.Boot(), random.engine.model()).state();
            s = random.engine.run(s, new Event.LateInit(), random.engine.model()).state();
            s = random.engine.run(s, new Event.Advance(60_000_000), random.engine.model()).state();
            State again = random.engine.run(s, new Event.Advance(200_000_000), random.engine.model()).state();
            assertThat(again.key()).as("I7 seed %d", seed).isEqualTo(s.key());
            assertThat(random.engine.run(s, new Event.Expire(), random.engine.model()).refusal() != null).isTrue();
        }
    }

    private static List<Outcome> outcomes(State s) {
        return Arrays.stream(java.util.stream.IntStream.range(0, s.board().deviceCount()).mapToObj(s::outcome)
            .toArray(Outcome[]::new)).toList();
    }
}
