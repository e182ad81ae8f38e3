package org.latebind.explorer.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
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

    @Test
    void everyStepOfACureSaysWhereItLeads() {
        DeviceExplanation e = explain("/dma@3", "late-init\n");
        assertThat(e.steps()).extracting(CureStep::command, CureStep::outcome).containsExactly(
            tuple("load dma", Outcome.PENDING), tuple("load mmu", Outcome.BOUND_TRANSLATED));
        assertThat(mentions(e.steps().get(0).reason(), "mmu")).as("%s", e.steps().get(0).reason()).isTrue();
    }

    @Test
    void aDeviceUnboundByHandIsBoundAgain() {
        String events = "load mmu\nload dma\nlate-init\nunbind /dma@3\n";
        DeviceExplanation e = explain("/dma@3", events);
        assertThat(e.cures()).containsExactly("bind /dma@3");
        assertThat(explain("/dma@3", events + "bind /dma@3\n").before()).isEqualTo(Outcome.BOUND_TRANSLATED);
    }

    @Test
    void whatOnlyWaitsForAnotherThingNobodyHasIsNoCureButSaidSo() {
        DeviceExplanation e = explain("/gpu@4", "late-init\n");
        assertThat(e.cures()).containsExactly("load gpu");
        assertThat(e.after()).isEqualTo(Outcome.PENDING);
        assertThat(ExplanationReport.text(e)).contains("known commands lead only this far: load gpu -> PENDING")
                .contains("nearly: driver mmu (module mmu) matches t,mmu, not t,mmux: one character differs");
    }

    @Test
    void aDeviceWhoseOwnDriverIsKnownHasNoNearMiss() {
        assertThat(explain("/iommu@1", "late-init\n").nearMiss()).isEmpty();
    }

    @Test
    void theTextIsATreeFromTheDeviceToTheModule() {
        assertThat(ExplanationReport.text(explain("/dma@3", "load dma\nlate-init\n"))).isEqualTo("""
                /dma@3: PENDING
                  PENDING: waits for its IOMMU
                    iommus names /iommu@1: NO_DRIVER: no registered driver matches
                      module mmu: its driver mmu drives t,mmu
                cure: load mmu -> BOUND_TRANSLATED
                  after load mmu: BOUND_TRANSLATED
                """);
    }

    @Test
    void theDocumentHasTheStepsAndTheMiss() {
        Map<String, Object> document = ExplanationReport.document(explain("/gpu@4", "load gpu\nlate-init\n"));
        assertThat(document).containsEntry("device", "/gpu@4").containsEntry("outcome", "PENDING").containsEntry("cures", List.of());
        assertThat(document.get("nearMiss")).asInstanceOf(InstanceOfAssertFactories.MAP).containsEntry("offered", "t,mmu");
    }
}
