package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a supplier is told that all its consumers are bound (driver-core sheet, 5.3.5): regulator {@code reg}, consumers a and b. */
class SyncStateTest {

    private static final int REG = 0;
    private static final int A = 1;
    private static final int B = 2;

    private static final Board BOARD = Board.builder("sync").device("/reg", "reg").and()
            .device("/a", "a").supplier("vdd-supply", "/reg").and()
            .device("/b", "b").supplier("vdd-supply", "/reg").and().build();
    private static final ModuleCatalogue MODULES = ModuleCatalogue.of(module("reg"), module("a"), module("b"));

    private static KernelModule module(String name) {
        return KernelModule.loadable(name, DriverDescription.named(name).withCompatible(name));
    }

    private final List<String> told = new ArrayList<>();
    private ProbeEngine engine;
    private State state;

    private void boot(Policy policy, Parameters parameters) {
        engine = new ProbeEngine(BOARD, MODULES, policy, parameters);
        state = engine.initial();
        play(new Event.Boot());
    }

    private void play(Event... events) {
        for (Event event : events) {
            Step step = engine.run(state, event, engine.model());
            state = step.state();
            for (LogRecord record : step.log()) {
                if (record.kind() == LogRecord.Kind.SYNC_STATE) {
                    told.add("synced" + (record.text().isEmpty() ? "" : " " + record.text()));
                } else if (record.kind() == LogRecord.Kind.SYNC_STATE_PENDING) {
                    told.add("pending " + BOARD.device(record.other()).path());
                }
            }
        }
    }

    @Test
    void heldBackUntilLateInit() {
        boot(Policy.TIMEOUT_MULTI, Parameters.DEFAULTS);
        play(new Event.Load(REG), new Event.Load(A), new Event.Load(B));
        assertThat(told).isEmpty();
        play(new Event.LateInit());
        assertThat(told).containsExactly("synced");
        assertThat(state.stateSynced(REG)).isTrue();
        assertThat(state.stateSynced(A)).as("nobody depends on it").isFalse();
    }

    @Test
    void oncePerBindingOfTheSupplier() {
        boot(Policy.TIMEOUT_MULTI, Parameters.DEFAULTS);
        play(new Event.LateInit(), new Event.Load(REG), new Event.Load(A), new Event.Load(B));
        assertThat(told).containsExactly("synced");
        play(new Event.Unbind(A), new Event.Bind(A, -1));
        assertThat(told).as("a consumer that comes back is no news").containsExactly("synced");
        play(new Event.Unload(REG, true));
        assertThat(state.stateSynced(REG)).isFalse();
        play(new Event.Load(REG));
        assertThat(told).containsExactly("synced", "synced");
    }

    @Test
    void strictWaitsPastTheTimerAndNamesWhoIsMissing() {
        boot(Policy.TIMEOUT_MULTI, Parameters.DEFAULTS);
        play(new Event.LateInit(), new Event.Load(REG), new Event.Load(A), new Event.Expire());
        assertThat(told).containsExactly("pending /b");
        assertThat(state.stateSynced(REG)).isFalse();
        play(new Event.Load(B));
        assertThat(told).containsExactly("pending /b", "synced");
    }

    @Test
    void timeoutForcesItWhenTheTimerExpires() {
        boot(Policy.TIMEOUT_MULTI, Parameters.DEFAULTS.with("fw_devlink.sync_state", "timeout"));
        play(new Event.LateInit(), new Event.Load(REG), new Event.Load(A), new Event.Expire());
        assertThat(told).containsExactly("synced timed out");
        play(new Event.Load(B));
        assertThat(told).as("once").containsExactly("synced timed out");
    }

    @Test
    void permissiveLinksHoldNobodyButDelayIt() {
        boot(Policy.TIMEOUT_MULTI, Parameters.DEFAULTS.with("fw_devlink", "permissive"));
        play(new Event.LateInit(), new Event.Load(A), new Event.Load(REG));
        assertThat(state.bound(A)).as("did not wait").isTrue();
        assertThat(told).isEmpty();
        play(new Event.Load(B));
        assertThat(told).containsExactly("synced");
    }

    @Test
    void withoutLinksNobodyIsTold() {
        boot(Policy.TIMEOUT_MULTI, Parameters.DEFAULTS.with("fw_devlink", "off"));
        play(new Event.LateInit(), new Event.Load(REG), new Event.Load(A), new Event.Load(B), new Event.Expire());
        assertThat(told).isEmpty();
    }

    @Test
    void aSearchKnowsNothingOfIt() {
        boot(Policy.TIMEOUT_MULTI, Parameters.DEFAULTS);
        ProbeEngine.Runner runner = engine.runner(engine.model());
        State silent = state;
        for (Event event : List.of(new Event.LateInit(), new Event.Load(REG), new Event.Load(A), new Event.Load(B))) {
            play(event);
            silent = runner.run(silent, event);
        }
        assertThat(silent.key()).isEqualTo(state.key());
        assertThat(silent.stateSynced(REG)).isFalse();
    }
}
