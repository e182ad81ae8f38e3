package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.driver.Errno;
import org.latebind.machine.SimMachine;
import org.latebind.passthrough.core.PassthroughCore;

/**
 * The advisories and known bugs that concern who owns a device, by their ids. That a micro-TLB of one guest is refused to another
 * (90d19e6f53, c52af96fdc) is tested with the IPMMU driver; an unprivileged caller (XSA-492) does not exist here, nor do phantom
 * functions, of which XSA-449 leaves the rule that a failed assignment changes nothing.
 */
class AssignmentAdvisoriesTest {

    private static final long MEMORY = 1 << 20;
    private static final String ETH = "/soc/eth";
    private static final DeviceTree TREE = DtsReader.read("xen.dts", """
            /dts-v1/;
            / {
                #address-cells = <2>; #size-cells = <2>;
                memory@40000000 { device_type = "memory"; reg = <0x0 0x40000000 0x0 0x4000000>; };
                soc {
                    unit: iommu { compatible = "acme,iommu"; #iommu-cells = <1>; mmu-masters = <&both 7>; };
                    eth { compatible = "acme,eth"; iommus = <&unit 1>, <&unit 2>; };
                    both: both { compatible = "acme,both"; iommus = <&unit 7>; };
                };
            };
            """);

    private final List<String> log = new ArrayList<>();
    private final SimMachine machine = SimMachine.of(TREE, List.of(), Map.of());
    private final PassthroughCore xen = new PassthroughCore(TREE, machine, log::add);
    private final Contexts contexts = new Contexts();

    @BeforeEach
    void twoGuests() {
        xen.setOps(contexts);
        xen.unitUp("/soc/iommu");
        xen.setupFinished(null);
        assertThat(xen.create(5, MEMORY).ok()).isTrue();
        assertThat(xen.create(6, MEMORY).ok()).isTrue();
    }

    private List<String> devices(int domid) {
        return xen.list().stream().filter(s -> s.domid() == domid).findFirst().orElseThrow().devices();
    }

    @Test
    void xsa302and306aDeviceTakenFromAGuestGoesToNobodyAndNotBackToTheHost() {
        xen.assign(5, ETH);
        assertThat(xen.deassign(5, ETH).code()).isZero();
        assertThat(contexts.targets).as("the domain it went to").containsOnlyNulls().hasSize(1);
        assertThat(xen.list()).allSatisfy(domain -> assertThat(domain.devices()).isEmpty());
    }

    @Test
    void xsa302and306memoryIsNotFreedUnderADeviceThatCannotBeTakenAway() {
        xen.assign(5, ETH);
        contexts.refusal = Errno.ETIMEDOUT;
        assertThat(xen.destroy(5).code()).isEqualTo(-Errno.ETIMEDOUT.number());
        assertThat(log).noneMatch(line -> line.contains("memory freed"));
        assertThat(devices(5)).containsExactly(ETH);
        assertThat(xen.assign(5, "/soc/both").text()).contains("dying");
        assertThat(xen.reboot(5).ok()).as("a reboot is a destroy first").isFalse();
        contexts.refusal = null;
        assertThat(xen.destroy(5).code()).as("the second try").isZero();
        assertThat(log).contains("domain 5: memory freed");
    }

    @Test
    void xsa449afterAFailedAssignmentTheDeviceBelongsToNobodyAndCanBeAssigned() {
        contexts.refusal = Errno.EBUSY;
        assertThat(xen.assign(5, ETH).code()).isEqualTo(-Errno.EBUSY.number());
        assertThat(devices(5)).isEmpty();
        assertThat(xen.testAssign(ETH).ok()).isTrue();
        contexts.refusal = null;
        assertThat(xen.assign(6, ETH).code()).isZero();
        assertThat(devices(6)).containsExactly(ETH);
    }

    @Test
    void b22db3fcbaTheResultOfTakingADeviceAwayIsNotIgnored() {
        xen.assign(5, ETH);
        contexts.refusal = Errno.ESRCH;
        assertThat(xen.deassign(5, ETH).code()).isEqualTo(-Errno.ESRCH.number());
        assertThat(devices(5)).containsExactly(ETH);
        assertThat(xen.assign(6, ETH).code()).as("still owned").isEqualTo(-Errno.EBUSY.number());
    }

    @Test
    void cf4af9d6aTreeWithMmuMastersAndIommusIsReadByIommusAlone() {
        assertThat(xen.assign(5, "/soc/both").code()).isZero();
        assertThat(xen.assign(6, "/soc/both").code()).as("added once, not once for each binding")
                .isEqualTo(-Errno.EBUSY.number());
    }
}
