package org.latebind.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.probe.Board;
import org.latebind.probe.BoardBuilder;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Policy;
import org.latebind.probe.Slice;
import org.latebind.probe.Unattached;

/** What a search finds depends neither on its threads, nor on the orders it leaves out, nor on the abstraction of the list. */
class SearchTest {

    private static final int BOARDS = Integer.getInteger("latebind.boards.searched", 100);
    private static final int MOST = 40_000;

    /** A client behind a built-in IOMMU that waits for many modular supplies. */
    private static ExplorerInput coupled(int supplies) {
        BoardBuilder board = Board.builder("coupled");
        board.device("/iommu", "iommu").isIommu();
        BoardBuilder.DeviceDraft client = board.device("/client", "client").iommus("/iommu", 1);
        List<KernelModule> modules = new ArrayList<>();
        modules.add(KernelModule.builtin("iommu", 1, DriverDescription.named("iommu").withCompatible("iommu")
            .withIommu(Unattached.ABORT)));
        modules.add(KernelModule.loadable("client", DriverDescription.named("client").withCompatible("client")));
        for (int i = 0; i < supplies; i++) {
            client.supplier("vdd" + i + "-supply", "/reg@" + i);
            board.device("/reg@" + i, "reg" + i);
            modules.add(KernelModule.loadable("reg" + i, DriverDescription.named("reg" + i).withCompatible("reg" + i)));
        }
        return ExplorerInput.of(board.build(), new ModuleCatalogue(modules), Policy.TIMEOUT_MULTI);
    }

    private static Moves whole(Machine machine, boolean ordered, boolean reduced) {
        int[] all = IntStream.range(0, machine.engine.board().deviceCount()).toArray();
        AllowedEvents events = machine.input.events();
        Slice slice = new Slice(machine.influence, all, new Slice.Options(events.unloads(), events.failures(), events.binds(),
            ordered));
        boolean plain = events.unloads() + events.failures() + events.binds() == 0;
        return new Moves(slice, machine, all, false, false, reduced && plain ? Commuting.of(slice, ordered) : null);
    }

    private static Search run(Moves moves) {
        return new Search(moves, MOST, size -> { }).run();
    }

    private static List<Map<Search.Kind, Set<Outcome>>> outcomes(Search search, int devices) {
        List<Map<Search.Kind, Set<Outcome>>> all = new ArrayList<>();
        for (int d = 0; d < devices; d++) {
            Map<Search.Kind, Set<Outcome>> of = new HashMap<>();
            search.found(d, 1).ways().forEach((outcome, byKind) -> {
                for (Search.Kind kind : Search.Kind.values()) {
                    if (!byKind.get(kind.ordinal()).isEmpty()) {
                        of.computeIfAbsent(kind, k -> EnumSet.noneOf(Outcome.class)).add(outcome);
                    }
                }
            });
            all.add(of);
        }
        return all;
    }

    @Nested
    class Threads {

        @Test
        void manyThreadsFindTheSameStatesInTheSameOrderAsOne() {
            List<ExplorerInput> inputs = new ArrayList<>(List.of(coupled(9)));
            for (long seed = 1; seed <= BOARDS / 5; seed++) {
                inputs.add(RandomMachine.of(seed));
            }
            ExecutorService pool = Cones.pool(3);
            try {
                for (ExplorerInput input : inputs) {
                    Moves moves = whole(new Machine(input), true, false);
                    Search one = run(moves);
                    Search many = new Search(moves, MOST, size -> { }).run(pool, 3);
                    assertThat(many.states()).isEqualTo(one.states());
                    assertThat(many.transitions()).isEqualTo(one.transitions());
                    assertThat(many.complete()).isEqualTo(one.complete());
                    for (int s = 0; s < one.states(); s += 7) {
                        assertThat(many.store().parent(s)).isEqualTo(one.store().parent(s));
                        assertThat(many.store().event(s)).isEqualTo(one.store().event(s));
                    }
                    for (int i = 0; i < moves.watched.length; i++) {
                        assertThat(many.found(i, 3)).isEqualTo(one.found(i, 3));
                    }
                }
            } finally {
                pool.shutdownNow();
            }
        }

        @Test
        void anExplorationIsTheSameOnOneAndOnManyThreads() {
            for (long seed = 1; seed <= BOARDS / 5; seed++) {
                ExplorerInput input = RandomMachine.of(seed);
                Exploration one = Explorer.explore(input.withLimits(Limits.DEFAULT.withThreads(1)));
                Exploration many = Explorer.explore(input.withLimits(Limits.DEFAULT.withThreads(4)));
                assertThat(many.devices()).as("seed " + seed).isEqualTo(one.devices());
                assertThat(many.findings()).as("seed " + seed).isEqualTo(one.findings());
                assertThat(many.stats().states()).as("seed " + seed).isEqualTo(one.stats().states());
                assertThat(many.stats().transitions()).as("seed " + seed).isEqualTo(one.stats().transitions());
            }
        }
    }

    @Nested
    class Memory {

        @Test
        void aSearchThatWouldNeedMoreBytesThanAllowedProvesNothing() {
            ExplorerInput input = coupled(8);
            long needed = Explorer.explore(input).stats().bytes();
            Exploration enough = Explorer.explore(input.withLimits(Limits.DEFAULT.withBytes(2 * needed)));
            assertThat(enough.verdict()).isEqualTo(Verdict.ORDER_INDEPENDENT);
            for (int threads : new int[] {1, 4}) {
                Exploration tooFew = Explorer.explore(input.withLimits(Limits.DEFAULT.withBytes(needed / 4).withThreads(threads)));
                assertThat(tooFew.verdict()).isEqualTo(Verdict.LIMIT);
            }
        }

        @Test
        void aStateTakesFewBytes() {
            Exploration.Stats stats = Explorer.explore(coupled(8)).stats();
            assertThat(stats.bytes() / stats.states()).isLessThanOrEqualTo(48);
        }

        @Test
        void progressIsToldInsideACone() {
            List<Long> told = new ArrayList<>();
            Explorer.explore(coupled(9).withLimits(Limits.DEFAULT.withThreads(1).withReduced(false).withRepairs(false)
                .withProgress((done, of, states) -> told.add(states))));
            assertThat(told).hasSizeGreaterThan(12);
            assertThat(told.stream().distinct().count()).isGreaterThan(10);
        }
    }

    @Nested
    class Reduction {

        @Test
        void leavesOutOrdersButNoOutcomeOnRandomBoards() {
            int fewer = 0;
            for (long seed = 1; seed <= BOARDS; seed++) {
                Machine machine = new Machine(RandomMachine.of(seed));
                int devices = machine.engine.board().deviceCount();
                boolean ordered = machine.influence.listOrderMatters(IntStream.range(0, devices).toArray());
                Search all = run(whole(machine, ordered, false));
                Search some = run(whole(machine, ordered, true));
                if (all.complete()) {
                    assertThat(outcomes(some, devices)).as("seed " + seed).isEqualTo(outcomes(all, devices));
                    assertThat(some.states()).as("seed " + seed).isLessThanOrEqualTo(all.states());
                    fewer += some.states() < all.states() ? 1 : 0;
                }
            }
            assertThat(fewer).as("boards where orders are left out").isPositive();
        }

        @Test
        void aClientWithManySuppliesTakesAFractionOfTheStates() {
            ExplorerInput input = coupled(8);
            Exploration some = Explorer.explore(input);
            Exploration all = Explorer.explore(input.withLimits(Limits.DEFAULT.withReduced(false)));
            assertThat(some.devices().stream().map(d -> d.outcomes().stream().map(Exploration.Reachable::outcome).toList()).toList())
                .isEqualTo(all.devices().stream().map(d -> d.outcomes().stream().map(Exploration.Reachable::outcome).toList())
                    .toList());
            assertThat(some.verdict()).isEqualTo(all.verdict());
            assertThat(3 * some.stats().states()).isLessThan(all.stats().states());
        }
    }

    /** The order of the deferred list decides in one recorded boot; where it is left out of the state it decides nothing. */
    @Nested
    class OrderOfTheDeferredList {

        @Test
        void whereItIsLeftOutKeepingItFindsTheSameOutcomes() {
            int leftOut = 0;
            int smaller = 0;
            for (long seed = 1; seed <= BOARDS; seed++) {
                Machine machine = new Machine(RandomMachine.of(seed));
                int devices = machine.engine.board().deviceCount();
                if (machine.influence.listOrderMatters(IntStream.range(0, devices).toArray())) {
                    continue;
                }
                Search with = run(whole(machine, true, false));
                Search without = run(whole(machine, false, false));
                if (with.complete()) {
                    leftOut++;
                    smaller += without.states() < with.states() ? 1 : 0;
                    assertThat(outcomes(without, devices)).as("seed " + seed).isEqualTo(outcomes(with, devices));
                }
            }
            assertThat(leftOut).as("boards where it is left out").isGreaterThan(BOARDS / 10);
            assertThat(smaller).as("boards where that saves states").isGreaterThan(0);
        }

        @Test
        void onTheBoardOfObservation18ItIsKept() {
            Board board = Board.builder("18").device("/first", "first").iommus("/smmu", 1).and().device("/smmu", "smmu").isIommu()
                .supplier("vdd-supply", "/reg").and().device("/reg", "reg").and().build();
            Machine machine = new Machine(ExplorerInput.of(board, ModuleCatalogue.of(
                KernelModule.builtin("first", 1, DriverDescription.named("first").withCompatible("first")),
                KernelModule.builtin("smmu", 2, DriverDescription.named("smmu").withCompatible("smmu").withIommu(Unattached.ABORT)),
                KernelModule.loadable("reg", DriverDescription.named("reg").withCompatible("reg"))), Policy.TIMEOUT_MULTI));
            assertThat(machine.influence.listOrderMatters(new int[] {0, 1, 2})).isTrue();
        }
    }
}
