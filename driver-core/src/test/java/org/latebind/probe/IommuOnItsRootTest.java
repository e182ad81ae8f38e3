package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An IOMMU whose driver asked for another device before it bound (IPMMU leaf and root) never outlives that device's binding. */
class IommuOnItsRootTest {

    private static final int LEAF = 0;
    private static final int ROOT = 1;
    private static final int CLIENT = 2;

    private static List<Policy> policies() {
        return Policy.all().stream().filter(policy -> policy != Policy.XEN).toList();
    }

    private static ProbeEngine engine(Policy policy) {
        Board board = Board.builder("root and leaf").device("/leaf", "ipmmu").isIommu().asks("renesas,ipmmu-main", "/root").and()
                .device("/root", "ipmmu").isIommu().and()
                .device("/client", "client").iommus("/leaf", 1).and().build();
        return new ProbeEngine(board, ModuleCatalogue.of(
                KernelModule.loadable("ipmmu", DriverDescription.named("ipmmu").withCompatible("ipmmu")
                        .withIommu(Unattached.BYPASS).withSuppliersAsked("renesas,ipmmu-main")),
                KernelModule.loadable("client", DriverDescription.named("client").withCompatible("client"))), policy,
                Parameters.DEFAULTS);
    }

    private static State run(ProbeEngine engine, State state, Event... events) {
        State now = state;
        for (Event event : events) {
            now = engine.run(now, event, engine.model()).state();
        }
        return now;
    }

    @ParameterizedTest
    @MethodSource("policies")
    void theLeafGoesBeforeTheRootThatIsUnboundByHand(Policy policy) {
        ProbeEngine engine = engine(policy);
        State up = run(engine, engine.initial(), new Event.Boot(), new Event.LateInit(), new Event.Load(0), new Event.Load(1));
        assertThat(up.bound(LEAF)).isTrue();
        assertThat(up.bound(ROOT)).isTrue();
        State down = run(engine, up, new Event.Unbind(ROOT));
        assertThat(down.bound(ROOT)).isFalse();
        assertThat(down.bound(LEAF)).isFalse();
        assertThat(down.outcome(LEAF)).isEqualTo(policy == Policy.LATEBIND ? Outcome.PENDING : Outcome.FORCED_OFF);
        assertThat(down.outcome(CLIENT)).as("nobody is called translated whose unit is gone")
                .isNotEqualTo(Outcome.BOUND_TRANSLATED);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void theLeafComesBackOnceItsRootDid(Policy policy) {
        ProbeEngine engine = engine(policy);
        State up = run(engine, engine.initial(), new Event.Boot(), new Event.LateInit(), new Event.Load(0), new Event.Load(1));
        State again = run(engine, up, new Event.Unbind(ROOT), new Event.Bind(ROOT, -1));
        if (policy != Policy.LATEBIND) {
            assertThat(again.bound(LEAF)).as("a kernel puts what it forced off on no list").isFalse();
            again = run(engine, again, new Event.Bind(LEAF, -1));
        }
        assertThat(again.bound(LEAF)).isTrue();
    }
}
