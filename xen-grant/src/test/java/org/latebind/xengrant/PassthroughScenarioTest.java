package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.machine.SimMachine;
import org.latebind.passthrough.core.PassthroughCore;

/** Scenario 32: Xen mode, a device has one owner, and a context is used again only after its guest's final teardown. */
class PassthroughScenarioTest {

    private static final int EBUSY = -16;
    private static final long MEMORY = 1 << 20;

    private static final String TREE = """
            /dts-v1/;
            / {
                #address-cells = <2>; #size-cells = <2>;
                memory@40000000 { device_type = "memory"; reg = <0x0 0x40000000 0x0 0x4000000>; };
                soc {
                    unit: iommu { compatible = "acme,iommu"; #iommu-cells = <1>; };
                    eth { compatible = "acme,eth"; iommus = <&unit 1>; };
                    usb { compatible = "acme,usb"; iommus = <&unit 2>; };
                };
            };
            """;

    private final DeviceTree tree = DtsReader.read("xen.dts", TREE);
    private final List<String> log = new ArrayList<>();
    private final PassthroughCore xen = new PassthroughCore(tree, SimMachine.of(tree, List.of(), Map.of()), log::add);
    private final Contexts contexts = new Contexts();

    PassthroughScenarioTest() {
        xen.setOps(contexts);
        xen.unitUp("/soc/iommu");
        xen.setupFinished(null);
        assertThat(xen.create(5, MEMORY).ok()).isTrue();
        assertThat(xen.create(6, MEMORY).ok()).isTrue();
        assertThat(xen.assign(5, "/soc/eth").code()).as("%s", log).isZero();
    }

    @Test
    void scenario32aDeviceOfOneGuestIsBusyForAnotherUntilTheFirstIsDestroyed() {
        assertThat(xen.assign(6, "/soc/eth").code()).isEqualTo(EBUSY);
        assertThat(xen.destroy(5).code()).isZero();
        assertThat(xen.assign(6, "/soc/eth").code()).isZero();
        assertThat(contexts.byDomain).containsExactly(Map.entry(6, 1));
    }

    @Test
    void scenario32aContextIsReusedOnlyAfterTheFinalTeardown() {
        assertThat(xen.deassign(5, "/soc/eth").code()).isZero();
        assertThat(xen.assign(6, "/soc/eth").code()).isZero();
        assertThat(contexts.byDomain).as("5 has no device but still exists").containsEntry(5, 1).containsEntry(6, 2);
        assertThat(xen.destroy(5).code()).isZero();
        assertThat(xen.create(7, MEMORY).ok()).isTrue();
        assertThat(xen.assign(7, "/soc/usb").code()).isZero();
        assertThat(contexts.byDomain).containsEntry(7, 1);
    }
}
