package org.latebind.explorer.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.devicetree.DtsReader;
import org.latebind.probe.Board;
import org.latebind.probe.BoardReader;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.Population;
import org.latebind.probe.Unattached;
import org.latebind.schedule.Schedule;

/** A replay does exactly what its schedule says, and names file and line of what it cannot do. */
class ModelReplayTest {

    private static final Board BOARD = BoardReader.read(DtsReader.read("b.dts", """
            /dts-v1/;
            / {
                mmu: iommu@1 { compatible = "t,mmu"; #iommu-cells = <0>; };
                dma@3 { compatible = "t,dma"; iommus = <&mmu>; };
            };
            """), Population.NONE);
    private static final ModuleCatalogue CATALOGUE = ModuleCatalogue.of(
        KernelModule.loadable("t_dma", DriverDescription.named("dma").withCompatible("t,dma")),
        KernelModule.loadable("t-mmu", DriverDescription.named("mmu").withCompatible("t,mmu").withIommu(Unattached.BYPASS)));

    private static ModelReplay play(String schedule) {
        return ModelReplay.play(BOARD, CATALOGUE, Policy.TIMEOUT_MULTI, Parameters.DEFAULTS,
            Schedule.parse("s.schedule", schedule));
    }

    private static Outcome dma(String schedule) {
        return play(schedule).state().outcome(BOARD.deviceIndex("/dma@3"));
    }

    @Test
    void theTimerDecidesBetweenTranslatedAndDirect() {
        assertThat(dma("load t_dma\nlate-init\nload t_mmu\n")).isEqualTo(Outcome.BOUND_TRANSLATED);
        assertThat(dma("load t_dma\nlate-init\nexpire\nload t_mmu\n")).isEqualTo(Outcome.BOUND_DIRECT);
    }

    @Test
    void timeThatPassesTheTimerFiresIt() {
        assertThat(dma("param deferred_probe_timeout=5\nload t_dma\nlate-init at 1\nload t-mmu at 5.9\n"))
                .isEqualTo(Outcome.BOUND_TRANSLATED);
        assertThat(dma("param deferred_probe_timeout=5\nload t_dma\nlate-init at 1\nload t-mmu at 6.1\n"))
                .isEqualTo(Outcome.BOUND_DIRECT);
    }

    @Test
    void aRefusedEventIsToldWithFileAndLineAndTheScheduleGoesOn() {
        ModelReplay replay = play("load t_dma\nload t_dma\nlate-init\nload t_mmu\n");
        assertThat(replay.refusals()).singleElement().asString().startsWith("s.schedule:2: load t_dma: refused: ");
        assertThat(replay.state().outcome(BOARD.deviceIndex("/dma@3"))).isEqualTo(Outcome.BOUND_TRANSLATED);
        assertThat(replay.events()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"load warp, no module warp in the catalogue", "unload warp, no module warp in the catalogue",
        "unbind /nowhere, no device /nowhere on the board", "bind /dma@3 warp, no driver warp in the catalogue",
        "override /dma@3 warp, no driver warp in the catalogue", "fail warp /dma@3 EIO, no driver warp in the catalogue"})
    void whatIsNotThereIsNamedWithFileAndLine(String event, String message) {
        assertThatThrownBy(() -> play("load t_dma\n" + event + "\n")).isInstanceOf(ReplayException.class)
                .hasMessage("s.schedule:2: " + message);
    }

    @Test
    void anOverrideKeepsOtherDriversAwayUntilItIsLifted() {
        assertThat(dma("override /dma@3 mmu\nload t_mmu\nload t_dma\nlate-init\n")).isEqualTo(Outcome.NO_DRIVER);
        assertThat(dma("override /dma@3 mmu\nload t_mmu\nload t_dma\nlate-init\noverride /dma@3\nbind /dma@3\n"))
                .isEqualTo(Outcome.BOUND_TRANSLATED);
    }

    @Test
    void aParameterInTheMiddleIsRefused() {
        assertThatThrownBy(() -> play("load t_dma\nparam fw_devlink=on\n")).isInstanceOf(RuntimeException.class)
                .hasMessageStartingWith("s.schedule:2: ").hasMessageContaining("before");
    }

    @Test
    void anUnknownParameterIsNamedWithFileAndLine() {
        assertThatThrownBy(() -> play("param warp=9\n")).isInstanceOf(ReplayException.class)
                .hasMessageStartingWith("s.schedule:1: ").hasMessageContaining("warp");
    }

    @Test
    void theDocumentHasItsStableKeysInOrder() {
        Map<String, Object> document = ReplayDocument.of("b", play("load t_dma\nlate-init\n"));
        assertThat(document.keySet()).containsExactly("board", "policy", "parameters", "devices", "deferred", "events");
        assertThat(document.get("deferred")).isEqualTo(List.of("/dma@3"));
        assertThat((List<?>) document.get("devices")).allSatisfy(device -> assertThat(((Map<?, ?>) device).keySet().stream()
            .map(Object::toString)).contains("path", "driver", "outcome", "iommu", "group", "reason", "boundAt"));
    }
}
