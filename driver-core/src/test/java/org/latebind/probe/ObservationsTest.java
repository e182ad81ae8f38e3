package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.latebind.probe.Outcome.BOUND_BLOCKED;
import static org.latebind.probe.Outcome.BOUND_DIRECT;
import static org.latebind.probe.Outcome.BOUND_TRANSLATED;
import static org.latebind.probe.Outcome.FORCED_OFF;
import static org.latebind.probe.Outcome.GROUPED_UNBOUND;
import static org.latebind.probe.Outcome.PENDING;
import static org.latebind.probe.VirtMachine.FUNCTION;
import static org.latebind.probe.VirtMachine.GPIO;
import static org.latebind.probe.VirtMachine.HOST;
import static org.latebind.probe.VirtMachine.RTC;
import static org.latebind.probe.VirtMachine.SMMU;
import static org.latebind.probe.VirtMachine.TRANSPORT;
import static org.latebind.probe.VirtMachine.pci;
import static org.latebind.probe.VirtMachine.plain;
import static org.latebind.probe.VirtMachine.transport;
import static org.latebind.probe.VirtMachine.viommu;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The 28 observations of a real kernel 6.12 on QEMU's virt machine, by their numbers, on the same trees. */
class ObservationsTest {

    private static final String NO_DRIVER = "ipmmu-rtc-gpio";
    private static final List<List<String>> ORDERS = List.of(List.of("fixed", "virtio_mmio", "virtio_rng"),
        List.of("fixed", "virtio_rng", "virtio_mmio"), List.of("virtio_mmio", "fixed", "virtio_rng"),
        List.of("virtio_mmio", "virtio_rng", "fixed"), List.of("virtio_rng", "fixed", "virtio_mmio"),
        List.of("virtio_rng", "virtio_mmio", "fixed"));

    @Test
    void observation01AMasterOfADriverlessIommuBindsDirectWhenTheTimeoutFires() {
        for (String timeout : List.of("10", "5", "30")) {
            VirtMachine m = plain(NO_DRIVER, "deferred_probe_timeout=" + timeout).at(Integer.parseInt(timeout) - 0.1);
            assertThat(m.outcome(RTC)).isEqualTo(PENDING);
            assertThat(m.at(Integer.parseInt(timeout)).outcome(RTC)).isEqualTo(BOUND_DIRECT);
        }
        assertThat(plain(NO_DRIVER).at(10).outcome(GPIO)).isEqualTo(BOUND_DIRECT);
    }

    @Test
    void observation02WithTimeout0ItBindsRightAfterLateInit() {
        assertThat(plain(NO_DRIVER, "deferred_probe_timeout=0").outcome(RTC)).isEqualTo(BOUND_DIRECT);
    }

    @Test
    void observation03WithANegativeTimeoutItNeverBinds() {
        for (String mode : List.of("on", "permissive", "off", "rpm")) {
            VirtMachine m = plain(NO_DRIVER, "deferred_probe_timeout=-1", "fw_devlink=" + mode).at(3600);
            assertThat(m.outcome(RTC)).as(mode).isEqualTo(PENDING);
        }
    }

    @Test
    void observation04TheModeOfFwDevlinkMakesNoDifferenceForAMissingIommuAndTheReasonIsEmpty() {
        for (String mode : List.of("on", "permissive", "off", "rpm")) {
            VirtMachine m = plain(NO_DRIVER, "fw_devlink=" + mode);
            assertThat(m.outcome(RTC)).as(mode).isEqualTo(PENDING);
            assertThat(m.reason(RTC)).as(mode).isEmpty();
            assertThat(m.at(10).outcome(RTC)).as(mode).isEqualTo(BOUND_DIRECT);
        }
    }

    @Test
    void observation05StrictModeNamesTheIommuAndBindsAtTheSameTime() {
        VirtMachine m = plain(NO_DRIVER, "fw_devlink.strict=1");
        assertThat(m.reason(RTC)).isEqualTo("amba: supplier b000000.fakeiommu not ready");
        assertThat(m.at(9.9).outcome(RTC)).isEqualTo(PENDING);
        assertThat(m.at(10).outcome(RTC)).isEqualTo(BOUND_DIRECT);
    }

    @Test
    void observation06AModuleThatRegistersADriverRestartsTheFullTimeout() {
        VirtMachine m = plain(NO_DRIVER, "deferred_probe_timeout=5").at(4.6).load("virtio_mmio").at(8.8).load("virtio_rng")
            .at(13.7);
        assertThat(m.outcome(RTC)).isEqualTo(PENDING);
        assertThat(m.at(13.8).outcome(RTC)).isEqualTo(BOUND_DIRECT);
    }

    @Test
    void observation07ADisabledIommuIsNotWaitedFor() {
        for (String timeout : List.of("-1", "0", "10")) {
            assertThat(plain("ipmmu-disabled", "deferred_probe_timeout=" + timeout).outcome(RTC)).isEqualTo(BOUND_DIRECT);
        }
    }

    @Test
    void observation07bAnIommuBelowADisabledParentCountsAsAvailable() {
        assertThat(plain("ipmmu-parent-disabled").outcome(RTC)).isEqualTo(PENDING);
        assertThat(plain("ipmmu-parent-disabled").at(10).outcome(RTC)).isEqualTo(BOUND_DIRECT);
        assertThat(plain("ipmmu-parent-disabled", "deferred_probe_timeout=-1").at(99).outcome(RTC)).isEqualTo(PENDING);
    }

    @Test
    void observation08ThePciHostBindsAtOnceAndItsFunctionsWaitButInStrictModeTheHostWaits() {
        VirtMachine m = pci("ipmmu-pci");
        assertThat(m.outcome(HOST)).isEqualTo(BOUND_DIRECT);
        assertThat(m.outcome(FUNCTION)).isEqualTo(PENDING);
        assertThat(m.at(10).outcome(FUNCTION)).isEqualTo(BOUND_DIRECT);
        VirtMachine strict = pci("smmuv3-regulator-rtc", "fw_devlink.strict=1");
        assertThat(strict.outcome(HOST)).isEqualTo(PENDING);
        assertThat(strict.reason(HOST)).isEqualTo("platform: supplier 9050000.smmuv3 not ready");
        assertThat(strict.state.present(strict.device(FUNCTION))).isFalse();
    }

    @Test
    void observation09AnIommuLoadedBeforeTheTimeoutTakesItsWaitingMaster() {
        VirtMachine m = viommu().at(3).load("virtio_iommu");
        assertThat(m.outcome("0000:00:02.0")).isEqualTo(BOUND_TRANSLATED);
    }

    @Test
    void observation10AnIommuLoadedAfterTheTimeoutLeavesItsMasterUntranslatedButWorking() {
        VirtMachine m = viommu().at(10).load("virtio_iommu").at(60);
        assertThat(m.outcome("0000:00:02.0")).isEqualTo(BOUND_DIRECT);
        assertThat(m.state.iommuLive(m.engine.board().iommuOf(m.device("/pcie@10000000@8/virtio")))).isTrue();
        assertThat(m.state.dmaWorks(m.device("0000:00:02.0"))).isTrue();
    }

    @Test
    void observation11AnIommuInUseIsNotUnloadedAndABuiltInOneOffersNoUnbind() {
        VirtMachine m = viommu().load("virtio_iommu").unload("virtio_iommu");
        assertThat(m.refused).isTrue();
        assertThat(m.outcome("0000:00:02.0")).isEqualTo(BOUND_TRANSLATED);
        VirtMachine smmu = plain("smmuv3-rtc");
        assertThat(smmu.send(new Event.Unbind(smmu.device(SMMU))).refused).isTrue();
        assertThat(smmu.outcome(RTC)).isEqualTo(BOUND_TRANSLATED);
    }

    @Test
    void observation12OfTwoIommusOneWithoutDriverTheMasterEndsWithNone() {
        VirtMachine m = plain("two-iommus");
        assertThat(m.outcome(RTC)).isEqualTo(PENDING);
        m.at(10);
        assertThat(m.outcome(RTC).isBound()).isTrue();
        assertThat(m.state.group(m.device(RTC))).isEqualTo(-1);
        assertThat(m.outcome(SMMU)).isEqualTo(BOUND_DIRECT);
    }

    @Test
    void observation13ADanglingPhandleOrAnIommuWithoutCellsIsIgnored() {
        assertThat(plain("dangling-phandle").outcome(RTC)).isEqualTo(BOUND_DIRECT);
        assertThat(plain("no-iommu-cells").outcome(RTC)).isEqualTo(BOUND_DIRECT);
    }

    @Test
    void observation14GrantDmaWithoutXenIsAnIommuWithoutDriver() {
        VirtMachine m = transport("xen-mmio").load("virtio_mmio");
        assertThat(m.outcome(TRANSPORT)).isEqualTo(PENDING);
        assertThat(m.at(10).outcome(TRANSPORT)).isEqualTo(BOUND_DIRECT);
    }

    @Test
    void observation15AMandatoryRegulatorHoldsUntilItBindsOrTheTimeout() {
        VirtMachine m = plain("regulator-rtc");
        assertThat(m.reason(RTC)).isEqualTo("amba: supplier regx not ready");
        assertThat(m.at(10).outcome(RTC)).isEqualTo(BOUND_DIRECT);
        assertThat(plain("regulator-rtc").at(2).load("fixed").outcome(RTC)).isEqualTo(BOUND_DIRECT);
    }

    @Test
    void observation16TheReasonChangesFromTheRegulatorToEmptyAndTheLoadRestartsTheTimeout() {
        VirtMachine m = plain("ipmmu-regulator-rtc", "deferred_probe_timeout=5");
        assertThat(m.reason(RTC)).isEqualTo("amba: supplier regx not ready");
        m.at(3.5).load("fixed");
        assertThat(m.outcome(RTC)).isEqualTo(PENDING);
        assertThat(m.reason(RTC)).isEmpty();
        assertThat(m.at(8.4).outcome(RTC)).isEqualTo(PENDING);
        assertThat(m.at(8.5).outcome(RTC)).isEqualTo(BOUND_DIRECT);
    }

    @Test
    void observation17OneLoadReleasesTheWholeChain() {
        VirtMachine m = pci("smmuv3-regulator-rtc", "deferred_probe_timeout=-1").at(2);
        m.order.clear();
        m.load("fixed");
        assertThat(m.order).startsWith("regx", SMMU);
        assertThat(m.outcome(RTC)).isEqualTo(BOUND_TRANSLATED);
        assertThat(m.outcome(FUNCTION)).isEqualTo(BOUND_TRANSLATED);
    }

    @Test
    void observation18AtTheTimeoutTheOrderOfTheListMakesOneMasterDeadAndOneTranslated() {
        VirtMachine m = pci("smmuv3-regulator-rtc", "deferred_probe_timeout=3").at(3);
        assertThat(m.outcome(FUNCTION)).isEqualTo(BOUND_BLOCKED);
        assertThat(m.outcome(SMMU)).isEqualTo(BOUND_DIRECT);
        assertThat(m.outcome(RTC)).isEqualTo(BOUND_TRANSLATED);
    }

    @Test
    void observation19WithoutFwDevlinkTheSmmuDoesNotWaitForItsRegulator() {
        VirtMachine m = pci("smmuv3-regulator-rtc", "fw_devlink=off");
        assertThat(m.outcome(RTC)).isEqualTo(BOUND_TRANSLATED);
        assertThat(m.outcome(FUNCTION)).isEqualTo(BOUND_TRANSLATED);
    }

    @Test
    void observation20ADriverWaitsForAGpioOfADeferredController() {
        VirtMachine m = plain("ipmmu-gpio").load("gpio_keys");
        assertThat(m.reason("gpio-keys")).isEqualTo("gpio-keys: failed to get gpio");
        m.at(10);
        assertThat(m.outcome(GPIO)).isEqualTo(BOUND_DIRECT);
        assertThat(m.outcome("gpio-keys")).isEqualTo(BOUND_DIRECT);
    }

    private static VirtMachine bound(String... parameters) {
        VirtMachine m = pci("smmuv3-regulator-rtc", parameters).load("fixed");
        assertThat(m.outcome(RTC)).isEqualTo(BOUND_TRANSLATED);
        assertThat(m.outcome(FUNCTION)).isEqualTo(BOUND_TRANSLATED);
        return m;
    }

    @Test
    void observation21UnloadingTheRegulatorTakesTheSmmuAndLeavesItsMastersBoundWithoutGroupAndDead() {
        VirtMachine m = bound().unload("fixed");
        assertThat(m.refused).isFalse();
        assertThat(m.outcome(SMMU)).isEqualTo(FORCED_OFF);
        for (String master : List.of(RTC, FUNCTION)) {
            assertThat(m.outcome(master)).isEqualTo(BOUND_BLOCKED);
            assertThat(m.state.group(m.device(master))).isEqualTo(-1);
        }
    }

    @Test
    void observation22TheRegulatorsReturnDoesNotHelpThemBeforeTheirOwnDriverComesAgain() {
        VirtMachine m = transport("smmuv3-regulator-mmio").load("fixed", "virtio_mmio");
        assertThat(m.outcome(TRANSPORT)).isEqualTo(BOUND_TRANSLATED);
        m.unload("fixed").load("fixed");
        assertThat(m.outcome(SMMU)).isEqualTo(BOUND_DIRECT);
        assertThat(m.outcome(TRANSPORT)).isEqualTo(BOUND_BLOCKED);
        assertThat(m.unload("virtio_mmio").load("virtio_mmio").outcome(TRANSPORT)).isEqualTo(BOUND_TRANSLATED);
    }

    @Test
    void observation23InStrictModeMastersAndHostGoDownWithTheSmmuAndAllComeBackWithGroups() {
        VirtMachine m = bound("fw_devlink.strict=1").unload("fixed");
        assertThat(m.outcome(RTC)).isEqualTo(FORCED_OFF);
        assertThat(m.outcome(HOST)).isEqualTo(FORCED_OFF);
        assertThat(m.state.present(m.device(FUNCTION))).isFalse();
        m.load("fixed");
        assertThat(m.outcome(RTC)).isEqualTo(BOUND_TRANSLATED);
        assertThat(m.outcome(FUNCTION)).isEqualTo(BOUND_TRANSLATED);
        assertThat(m.state.group(m.device(FUNCTION))).isZero();
    }

    @Test
    void observation24WithoutHoldingLinksThereIsNoCascade() {
        for (String mode : List.of("off", "permissive")) {
            VirtMachine m = bound("fw_devlink=" + mode).unload("fixed");
            assertThat(m.outcome(SMMU)).as(mode).isEqualTo(BOUND_DIRECT);
            assertThat(m.outcome(RTC)).as(mode).isEqualTo(BOUND_TRANSLATED);
            assertThat(m.outcome(FUNCTION)).as(mode).isEqualTo(BOUND_TRANSLATED);
        }
    }

    @Test
    void observation25AllSixOrdersEndAlikeWithoutATimeout() {
        for (List<String> order : ORDERS) {
            VirtMachine m = transport("smmuv3-regulator-mmio", "deferred_probe_timeout=-1").load(order.toArray(new String[0]));
            assertThat(m.outcome(TRANSPORT)).as("%s", order).isEqualTo(BOUND_TRANSLATED);
            assertThat(m.outcome("/virtio_mmio@a003e00/virtio")).as("%s", order).isEqualTo(BOUND_DIRECT);
        }
    }

    @Test
    void observation26AllSixOrdersEndAlikeAfterTheTimeoutToo() {
        for (List<String> order : ORDERS) {
            VirtMachine m = transport("smmuv3-regulator-mmio", "deferred_probe_timeout=2").at(3);
            assertThat(m.outcome(SMMU)).isEqualTo(BOUND_DIRECT);
            m.load(order.toArray(new String[0]));
            assertThat(m.outcome(TRANSPORT)).as("%s", order).isEqualTo(BOUND_TRANSLATED);
        }
    }

    @Test
    void observation27AMasterKeepsItsGroupWhileItsDriverIsAway() {
        VirtMachine m = transport("smmuv3-mmio").load("virtio_mmio");
        int group = m.state.group(m.device(TRANSPORT));
        assertThat(m.unload("virtio_mmio").outcome(TRANSPORT)).isEqualTo(GROUPED_UNBOUND);
        assertThat(m.load("virtio_mmio").outcome(TRANSPORT)).isEqualTo(BOUND_TRANSLATED);
        assertThat(m.state.group(m.device(TRANSPORT))).isEqualTo(group);
    }

    @Test
    void observation28AMasterDriverLoadedAfterTheTimeoutBindsDirectAtOnce() {
        assertThat(transport("ipmmu-mmio-last").at(10).load("virtio_mmio").outcome(TRANSPORT)).isEqualTo(BOUND_DIRECT);
    }
}
