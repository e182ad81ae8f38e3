package org.latebind.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.latebind.probe.DriverDescription.named;
import static org.latebind.probe.KernelModule.builtin;
import static org.latebind.probe.KernelModule.loadable;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.probe.Board;
import org.latebind.probe.BoardBuilder;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.Unattached;

/** Small boards whose answers are known beforehand: from recorded boots and from the policies' texts. */
class HandMadeBoardsTest {

    private static final DriverDescription SMMU = named("smmu").withCompatible("smmu").withIommu(Unattached.ABORT);
    private static final DriverDescription VIOMMU = named("viommu").withCompatible("smmu").withIommu(Unattached.BYPASS);
    private static final DriverDescription CLIENT = named("client").withCompatible("client");
    private static final DriverDescription REG = named("reg").withCompatible("reg");

    private static BoardBuilder.DeviceDraft board() {
        return Board.builder("board").device("/smmu", "smmu").isIommu().and().device("/client", "client").iommus("/smmu", 1);
    }

    private static Board withRegulator() {
        return Board.builder("board").device("/smmu", "smmu").isIommu().supplier("vdd-supply", "/reg").and()
            .device("/client", "client").iommus("/smmu", 1).and().device("/reg", "reg").and().build();
    }

    private static Exploration explore(Board board, Policy policy, Parameters parameters, AllowedEvents events,
            KernelModule... modules) {
        return Explorer.explore(new ExplorerInput(board, ModuleCatalogue.of(modules), policy, parameters, Constraints.NONE,
            events, Limits.DEFAULT.withThreads(1)));
    }

    private static Exploration explore(Board board, Policy policy, KernelModule... modules) {
        return explore(board, policy, Parameters.DEFAULTS, AllowedEvents.DEFAULT, modules);
    }

    private static Set<Outcome> ends(Exploration e, String path) {
        return e.device(path).outcomes().stream().map(Exploration.Reachable::outcome).collect(Collectors.toSet());
    }

    private static Set<Rule> rules(Exploration e, String path) {
        return e.findings().stream().filter(f -> f.device().equals(path)).map(Finding::rule).collect(Collectors.toSet());
    }

    private static String schedule(Exploration e, String path, Outcome outcome) {
        return e.device(path).outcomes().stream().filter(r -> r.outcome() == outcome).findFirst().orElseThrow().schedule()
            .format().replace("\n", "; ");
    }

    @Nested
    class RecordedBoots {

        @Test
        void observation10ModularIommuAfterTheTimeoutLeavesItsClientUntranslated() {
            Exploration e = explore(board().and().build(), Policy.TIMEOUT_MULTI, loadable("viommu", VIOMMU),
                builtin("client", 1, CLIENT));
            assertThat(ends(e, "/client")).containsExactlyInAnyOrder(Outcome.BOUND_TRANSLATED, Outcome.BOUND_DIRECT);
            assertThat(schedule(e, "/client", Outcome.BOUND_DIRECT)).isEqualTo("late-init; expire; load viommu; ");
            assertThat(rules(e, "/client")).contains(Rule.BOUND_UNTRANSLATED, Rule.ORDER_DEPENDENT);
        }

        @Test
        void observation12TwoIommusOneWithoutDriverLeaveTheClientDirect() {
            Board board = Board.builder("two").device("/smmu", "smmu").isIommu().and().device("/other", "other").isIommu().and()
                .device("/client", "client").iommus("/smmu", 1).iommus("/other", 1).and().build();
            Exploration e = explore(board, Policy.TIMEOUT_MULTI, builtin("smmu", 1, VIOMMU), builtin("client", 2, CLIENT));
            assertThat(ends(e, "/client")).containsExactly(Outcome.BOUND_DIRECT);
            assertThat(e.verdict()).isEqualTo(Verdict.ORDER_INDEPENDENT);
            assertThat(rules(e, "/client")).contains(Rule.BOUND_UNTRANSLATED);
        }

        @Test
        void observation18TheOrderOfTheDeferredListDecidesWhenTheSmmuWaitsForARegulator() {
            Board board = Board.builder("18").device("/first", "first").iommus("/smmu", 1).and().device("/smmu", "smmu").isIommu()
                .supplier("vdd-supply", "/reg").and().device("/last", "last").iommus("/smmu", 2).and().device("/reg", "reg").and()
                .build();
            Exploration e = explore(board, Policy.TIMEOUT_MULTI, builtin("first", 1, named("first").withCompatible("first")),
                builtin("smmu", 2, SMMU), builtin("last", 3, named("last").withCompatible("last")), loadable("reg", REG));
            assertThat(ends(e, "/first")).contains(Outcome.BOUND_BLOCKED);
            assertThat(ends(e, "/last")).containsExactly(Outcome.BOUND_TRANSLATED);
            assertThat(schedule(e, "/first", Outcome.BOUND_BLOCKED)).startsWith("late-init; expire; ");
        }

        @Test
        void observations21And22UnloadingTheRegulatorOfTheSmmuTakesTheClientsIommuForGood() {
            Exploration e = explore(withRegulator(), Policy.TIMEOUT_MULTI, Parameters.DEFAULTS,
                AllowedEvents.DEFAULT.withUnloads(1), builtin("smmu", 1, SMMU), loadable("client", CLIENT), loadable("reg", REG));
            assertThat(rules(e, "/client")).contains(Rule.LOST_IOMMU_AFTER_SUPPLIER_UNLOAD, Rule.BOUND_THEN_BLOCKED);
            Finding lost = e.findings().stream().filter(f -> f.rule() == Rule.LOST_IOMMU_AFTER_SUPPLIER_UNLOAD).findFirst()
                .orElseThrow();
            assertThat(lost.schedule().format()).endsWith("unload reg\n");
        }

        @Test
        void observation25AllOrdersOfThreeModulesConvergeWithoutTimeout() {
            Exploration e = explore(withRegulator(), Policy.TIMEOUT_MULTI,
                Parameters.DEFAULTS.with("deferred_probe_timeout", "-1"), AllowedEvents.DEFAULT, builtin("smmu", 1, SMMU),
                loadable("client", CLIENT), loadable("reg", REG));
            assertThat(e.verdict()).isEqualTo(Verdict.ORDER_INDEPENDENT);
            assertThat(ends(e, "/client")).containsExactly(Outcome.BOUND_TRANSLATED);
        }

        @Test
        void observation26AfterTheTimeoutTheyConvergeToo() {
            Constraints after = Constraints.NONE.with(new Constraints.Order(Constraints.EXPIRE, "client",
                Constraints.Origin.GIVEN)).with(new Constraints.Order(Constraints.EXPIRE, "reg", Constraints.Origin.GIVEN));
            Exploration e = Explorer.explore(ExplorerInput.of(withRegulator(), ModuleCatalogue.of(builtin("smmu", 1, SMMU),
                loadable("client", CLIENT), loadable("reg", REG)), Policy.TIMEOUT_MULTI).withConstraints(after));
            assertThat(e.verdict()).isEqualTo(Verdict.ORDER_INDEPENDENT);
            assertThat(ends(e, "/client")).containsExactly(Outcome.BOUND_TRANSLATED);
        }
    }

    /** Clients A, B behind S; S modular, A and B built in: the example every policy has an answer to. */
    @Nested
    class PoliciesOnTheWorkedExample {

        private Set<Outcome> ends(Policy policy) {
            return HandMadeBoardsTest.ends(explore(board().and().build(), policy, loadable("smmu", SMMU),
                builtin("client", 1, CLIENT)), "/client");
        }

        @Test
        void nobodyWaitsUpTo411() {
            assertThat(ends(Policy.INITCALL_ORDER)).containsExactly(Outcome.BOUND_BLOCKED);
        }

        @Test
        void modulesAreNotWaitedForUpTo418() {
            assertThat(ends(Policy.DEFER_BUILTIN)).containsExactly(Outcome.BOUND_BLOCKED);
        }

        @Test
        void lateInitDecidesUpTo519() {
            assertThat(ends(Policy.DEFER_LATE_INIT)).containsExactlyInAnyOrder(Outcome.BOUND_BLOCKED, Outcome.BOUND_TRANSLATED);
        }

        @Test
        void waitingForEverEndsTranslated() {
            assertThat(ends(Policy.DEFER_INDEFINITE)).containsExactly(Outcome.BOUND_TRANSLATED);
        }

        @Test
        void theTimerDecidesSince60() {
            for (Policy policy : List.of(Policy.TIMEOUT, Policy.TIMEOUT_MULTI, Policy.EARLY_GROUP, Policy.FW_DEVLINK_STRICT)) {
                assertThat(ends(policy)).as(policy.name()).containsExactlyInAnyOrder(Outcome.BOUND_BLOCKED,
                    Outcome.BOUND_TRANSLATED);
            }
        }

        @Test
        void noOrderMattersUnderOurs() {
            assertThat(ends(Policy.LATEBIND)).containsExactly(Outcome.BOUND_TRANSLATED);
        }
    }

    @Nested
    class RepairsOfFindings {

        @Test
        void aClientThatTheListPutsBeforeItsIommuIsRepairedByAnEdgeOfTheTree() {
            // As in observation 18, but nobody drives the regulator: the timer lets the client go on before the IOMMU binds.
            Board board = Board.builder("18").device("/first", "first").iommus("/smmu", 1).and().device("/smmu", "smmu").isIommu()
                .supplier("vdd-supply", "/reg").and().device("/reg", "reg").and().build();
            KernelModule[] modules = {builtin("first", 1, named("first").withCompatible("first")), builtin("smmu", 2, SMMU)};
            Finding blocked = explore(board, Policy.TIMEOUT_MULTI, modules).findings().stream()
                .filter(f -> f.rule() == Rule.BOUND_THEN_BLOCKED).findFirst().orElseThrow();
            assertThat(blocked.repair()).containsExactly(new Repair.DeviceTreeEdge("/first", "/smmu"));
            assertThat(blocked.repairVerified()).isTrue();
            assertThat(blocked.repair().get(0).line()).isEqualTo("&{/first} { wait-for-supply = <&{/smmu}>; };");
            Board repaired = board.withSupply(0, Repair.DeviceTreeEdge.PROPERTY, 1);
            assertThat(ends(explore(repaired, Policy.TIMEOUT_MULTI, modules), "/first")).containsExactly(Outcome.BOUND_TRANSLATED);
            assertThat(ends(explore(board, Policy.TIMEOUT_MULTI, modules), "/first")).containsExactly(Outcome.BOUND_BLOCKED);
        }

        @Test
        void aModularClientIsRepairedByASoftdep() {
            Exploration e = explore(board().and().build(), Policy.TIMEOUT_MULTI, loadable("smmu", SMMU),
                loadable("client", CLIENT));
            Finding blocked = e.findings().stream().filter(f -> f.rule() == Rule.BOUND_THEN_BLOCKED).findFirst().orElseThrow();
            assertThat(blocked.repair()).containsExactly(new Repair.Softdep("client", "smmu"));
            assertThat(blocked.repairVerified()).isTrue();
            assertThat(blocked.repair().get(0).line()).isEqualTo("softdep client pre: smmu");
        }

        @Test
        void aBuiltInClientIsRepairedByTheInitramfs() {
            Exploration e = explore(board().and().build(), Policy.TIMEOUT_MULTI, loadable("smmu", SMMU),
                builtin("client", 1, CLIENT));
            assertThat(e.findings().get(0).repair()).containsExactly(new Repair.InitramfsMember("smmu"));
        }
    }

    @Nested
    class ConstraintsOnOrders {

        @Test
        void aSoftdepMakesTheBoardOrderIndependent() {
            ExplorerInput input = ExplorerInput.of(board().and().build(), ModuleCatalogue.of(loadable("smmu", SMMU),
                loadable("client", CLIENT)), Policy.TIMEOUT_MULTI);
            Constraints softdep = Constraints.NONE.with(new Constraints.Order("smmu", "client", Constraints.Origin.SOFTDEP));
            assertThat(Explorer.explore(input).verdict()).isEqualTo(Verdict.ORDER_DEPENDENT);
            assertThat(Explorer.explore(input.withConstraints(softdep)).verdict()).isEqualTo(Verdict.ORDER_INDEPENDENT);
        }

        @Test
        void contradictoryConstraintsNameTheCycle() {
            ExplorerInput input = ExplorerInput.of(board().and().build(), ModuleCatalogue.of(loadable("smmu", SMMU),
                loadable("client", CLIENT)), Policy.TIMEOUT_MULTI).withConstraints(Constraints.NONE
                .with(new Constraints.Order("smmu", "client", Constraints.Origin.SOFTDEP))
                .with(new Constraints.Order("client", "smmu", Constraints.Origin.DEP)));
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> Explorer.explore(input)))
                .isInstanceOf(ContradictionException.class).hasMessageContaining("smmu before client")
                .hasMessageNotContaining("\n");
        }

        @Test
        void ordersAreCountedExactly() {
            ExplorerInput input = ExplorerInput.of(board().and().build(), ModuleCatalogue.of(loadable("smmu", SMMU),
                loadable("client", CLIENT), loadable("a"), loadable("b")), Policy.TIMEOUT_MULTI);
            // Four modules, late-init and the expiry after it: 6!/2; half of them with one softdep.
            assertThat(Explorer.explore(input).stats().orders()).isEqualTo(BigInteger.valueOf(360));
            assertThat(Explorer.explore(input.withConstraints(Constraints.NONE.with(new Constraints.Order("a", "b",
                Constraints.Origin.SOFTDEP)))).stats().orders()).isEqualTo(BigInteger.valueOf(180));
            assertThat(Explorer.explore(input.withConstraints(Constraints.NONE.withStartLevels(Map.of("a", 1)))).stats().orders())
                .isEqualTo(BigInteger.valueOf(60));
        }

        @Test
        void aReachedLimitIsNoProof() {
            ExplorerInput input = ExplorerInput.of(board().and().build(), ModuleCatalogue.of(loadable("smmu", SMMU),
                loadable("client", CLIENT)), Policy.TIMEOUT_MULTI);
            assertThat(Explorer.explore(input.withLimits(Limits.DEFAULT.withStates(3))).verdict()).isEqualTo(Verdict.LIMIT);
        }
    }
}
