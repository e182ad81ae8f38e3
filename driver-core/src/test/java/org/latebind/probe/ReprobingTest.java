package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A bridge whose driver creates its port before it asks for its regulator (driver-core sheet, section 1.2, operation 4): the
 * port's bind triggers during the bridge's probe, so the deferral of the bridge triggers once more, in Linux without end.
 */
class ReprobingTest {

    private static final int BRIDGE = 0;
    /** Devices that others create stand behind the others. */
    private static final int PORT = 2;
    private static final int OTHER = 2;
    private static final Event.Load LOAD_BRIDGE = new Event.Load(0);
    private static final Event.Load LOAD_PORT = new Event.Load(1);
    private static final Event.Load LOAD_REG = new Event.Load(2);

    private static List<Policy> policies() {
        return Policy.all().stream().filter(policy -> policy != Policy.XEN).toList();
    }

    private static ProbeEngine engine(Policy policy, boolean first, boolean twoBridges) {
        BoardBuilder board = Board.builder("bridge").device("/bridge", "bridge").asks("vdd-supply", "/reg").and()
            .child("/bridge", "pci", "port", "/bridge/port").driverHint("port").and()
            .device("/reg", "reg").and();
        if (twoBridges) {
            board = board.device("/other", "bridge").asks("vdd-supply", "/reg").and()
                .child("/other", "pci", "port", "/other/port").driverHint("port").and();
        }
        return new ProbeEngine(board.build(), ModuleCatalogue.of(
            KernelModule.loadable("bridge", DriverDescription.named("bridge").withCompatible("bridge")
                .withSuppliersAsked("vdd-supply").withCreatesDevices("pci").withCreatesFirst(first)),
            KernelModule.loadable("port", DriverDescription.named("port").withBus("pci")),
            KernelModule.loadable("reg", DriverDescription.named("reg").withCompatible("reg"))), policy,
            Parameters.DEFAULTS.with("fw_devlink", "off"));
    }

    private static ProbeEngine engine(Policy policy) {
        return engine(policy, true, false);
    }

    private static State run(ProbeEngine engine, State state, Event... events) {
        State now = state;
        for (Event event : events) {
            now = engine.run(now, event, engine.model()).state();
        }
        return now;
    }

    private static State up(ProbeEngine engine, Event... events) {
        return run(engine, run(engine, engine.initial(), new Event.Boot(), new Event.LateInit()), events);
    }

    private static long attempts(Step step, int device) {
        return step.log().stream().filter(r -> r.kind() == LogRecord.Kind.ATTEMPT && r.device() == device).count();
    }

    @Test
    void theBridgeIsProbedEightTimesInOneEventAndThenWaits() {
        ProbeEngine engine = engine(Policy.TIMEOUT_MULTI);
        Step step = engine.run(up(engine, LOAD_PORT), LOAD_BRIDGE, engine.model());
        assertThat(attempts(step, BRIDGE)).isEqualTo(Reprobing.LIMIT);
        assertThat(attempts(step, PORT)).isEqualTo(Reprobing.LIMIT);
        assertThat(step.log()).filteredOn(r -> r.kind() == LogRecord.Kind.DEVICE_REMOVED).hasSize(Reprobing.LIMIT);
        assertThat(step.log()).filteredOn(r -> r.text().contains("without end; given up after 8 attempts")).hasSize(1);
        State end = step.state();
        assertThat(end.outcome(BRIDGE)).isEqualTo(Outcome.PENDING);
        assertThat(end.present(PORT)).isFalse();
        assertThat(end.reprobes(BRIDGE)).isTrue();
        assertThat(end.explain(BRIDGE).text()).isEqualTo("PENDING: its driver waits for /reg (failed to get regulator), after it has "
            + "created devices; they bind, go again with the failed probe, and start it anew");
        assertThat(end.explain(BRIDGE).causes()).singleElement().satisfies(r -> assertThat(r.subject()).isEqualTo("/reg"));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void theSupplierThatLoadsLaterCuresIt(Policy policy) {
        ProbeEngine engine = engine(policy);
        State end = up(engine, LOAD_PORT, LOAD_BRIDGE, LOAD_REG);
        assertThat(end.bound(BRIDGE)).isTrue();
        assertThat(end.bound(PORT)).isTrue();
        assertThat(end.reprobes(BRIDGE)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void theStateAtRestIsThatOfABridgeThatAsksFirst(Policy policy) {
        ProbeEngine late = engine(policy, false, false);
        ProbeEngine first = engine(policy);
        assertThat(up(first, LOAD_PORT, LOAD_BRIDGE).key()).isEqualTo(up(late, LOAD_PORT, LOAD_BRIDGE).key());
        State end = up(first, LOAD_PORT, LOAD_BRIDGE);
        assertThat(first.decode(end.key()).key()).isEqualTo(end.key());
    }

    @Test
    void aPortWithoutDriverBindsNotAndTheBridgeIsProbedOnce() {
        ProbeEngine engine = engine(Policy.TIMEOUT_MULTI);
        Step step = engine.run(up(engine), LOAD_BRIDGE, engine.model());
        assertThat(attempts(step, BRIDGE)).isEqualTo(1);
        assertThat(step.state().reprobes(BRIDGE)).isFalse();
        assertThat(step.state().present(PORT)).isFalse();
    }

    @Test
    void beforeLateInitNothingTriggersAndTheLoopStartsThere() {
        ProbeEngine engine = engine(Policy.TIMEOUT_MULTI);
        State early = run(engine, engine.initial(), new Event.Boot(), LOAD_PORT, LOAD_BRIDGE);
        assertThat(early.outcome(BRIDGE)).isEqualTo(Outcome.PENDING);
        assertThat(early.reprobes(BRIDGE)).isFalse();
        assertThat(run(engine, early, new Event.LateInit()).reprobes(BRIDGE)).isTrue();
    }

    @Test
    void twoBridgesThatWakeEachOtherEndToo() {
        ProbeEngine engine = engine(Policy.TIMEOUT_MULTI, true, true);
        Step step = engine.run(up(engine, LOAD_PORT), LOAD_BRIDGE, engine.model());
        assertThat(step.state().reprobes(BRIDGE)).isTrue();
        assertThat(step.state().reprobes(OTHER)).isTrue();
        assertThat(attempts(step, BRIDGE) + attempts(step, OTHER)).isBetween(2L * Reprobing.LIMIT, 4L * Reprobing.LIMIT);
        State cured = run(engine, step.state(), LOAD_REG);
        assertThat(cured.bound(BRIDGE)).isTrue();
        assertThat(cured.bound(OTHER)).isTrue();
    }

    @Test
    void answersFromOutsideEndAsTheModelDoes() {
        ProbeEngine engine = engine(Policy.TIMEOUT_MULTI);
        State before = up(engine, LOAD_PORT);
        State now = engine.step(before, LOAD_BRIDGE).state();
        int answers = 0;
        while (now.awaited() != null && answers++ < 1000) {
            Action action = now.awaited();
            Event answer = action instanceof Action.Probe p
                ? new Event.Probed(engine.model().probe(now, p.device(), p.driver())) : new Event.Done();
            now = engine.step(now, answer).state();
        }
        assertThat(now.awaited()).isNull();
        assertThat(now.reprobes(BRIDGE)).isTrue();
        assertThat(now.key()).isEqualTo(run(engine, before, LOAD_BRIDGE).key());
    }
}
