package org.latebind.explorer.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
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
import org.latebind.probe.Reason;
import org.latebind.probe.Unattached;
import org.latebind.schedule.Schedule;

/** Why a device is where it is, and the loads that cure it: no more than are needed, in an order that works. */
class DeviceExplanationTest {

    private static final Board BOARD = BoardReader.read(DtsReader.read("b.dts", """
            /dts-v1/;
            / {
                mmu: iommu@1 { compatible = "t,mmu"; #iommu-cells = <0>; };
                lost: iommu@2 { compatible = "t,mmux"; #iommu-cells = <0>; };
                dma@3 { compatible = "t,dma"; iommus = <&mmu>; };
                gpu@4 { compatible = "t,gpu"; iommus = <&lost>; };
                uart@5 { compatible = "t,uart"; };
            };
            """), Population.NONE);
    private static final ModuleCatalogue CATALOGUE = ModuleCatalogue.of(
        KernelModule.loadable("other", DriverDescription.named("other").withCompatible("t,other")),
        KernelModule.loadable("dma", DriverDescription.named("dma").withCompatible("t,dma")),
        KernelModule.loadable("mmu", DriverDescription.named("mmu").withCompatible("t,mmu").withIommu(Unattached.BYPASS)),
        KernelModule.loadable("gpu", DriverDescription.named("gpu").withCompatible("t,gpu")));

    private static DeviceExplanation explain(String device, String schedule) {
        return DeviceExplanation.of(BOARD, CATALOGUE, Policy.DEFER_INDEFINITE, Parameters.DEFAULTS,
            Schedule.parse("events", schedule), BOARD.deviceIndex(device));
    }

    private static boolean mentions(Reason reason, String subject) {
        return reason.subject().equals(subject) || reason.causes().stream().anyMatch(cause -> mentions(cause, subject));
    }

    @Test
    void aMasterWithoutDriverNeedsItsDriverAndItsIommus() {
        DeviceExplanation e = explain("/dma@3", "late-init\n");
        assertThat(e.before()).isEqualTo(Outcome.NO_DRIVER);
        assertThat(e.cures()).containsExactlyInAnyOrder("load dma", "load mmu");
        assertThat(e.after()).isEqualTo(Outcome.BOUND_TRANSLATED);
        assertThat(e.remaining()).isNull();
    }

    @Test
    void aWaitingMasterNamesItsIommuAndNeedsOnlyThat() {
        DeviceExplanation e = explain("/dma@3", "load dma\nlate-init\n");
        assertThat(e.before()).isEqualTo(Outcome.PENDING);
        assertThat(mentions(e.reason(), "/iommu@1")).as("%s", e.reason()).isTrue();
        assertThat(e.cures()).containsExactly("load mmu");
    }

    @Test
    void theCuresReallyCure() {
        DeviceExplanation e = explain("/dma@3", "late-init\n");
        DeviceExplanation cured = explain("/dma@3", "late-init\n" + String.join("\n", e.cures()) + "\n");
        assertThat(cured.before()).isEqualTo(e.after());
        assertThat(cured.reason()).isNull();
        assertThat(cured.cures()).isEmpty();
    }

    @Test
    void anIommuThatNobodyDrivesHasANearMiss() {
        DeviceExplanation e = explain("/gpu@4", "load gpu\nload mmu\nlate-init\n");
        assertThat(e.before()).isNotEqualTo(Outcome.BOUND_TRANSLATED);
        assertThat(e.cures()).isEmpty();
        assertThat(e.nearMiss()).get().extracting(NearMiss::wanted, NearMiss::offered, NearMiss::module)
                .isEqualTo(List.of("t,mmux", "t,mmu", "mmu"));
    }

    @Test
    void aDeviceNobodyDrivesIsExplainedWithoutCure() {
        DeviceExplanation e = explain("/uart@5", "late-init\n");
        assertThat(e.before()).isEqualTo(Outcome.NO_DRIVER);
        assertThat(e.after()).isEqualTo(Outcome.NO_DRIVER);
        assertThat(e.cures()).isEmpty();
        assertThat(e.reason()).isNotNull();
    }
}
