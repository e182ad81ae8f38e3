package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.driver.Bound;
import org.latebind.driver.Deferred;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.hardware.DmaResult;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.core.Configuration;
import org.latebind.machine.SimMachine;

/** Trees that are written in another way than mainline's, and what the driver makes of them. */
class OddTreesTest {

    /** The target and the bit are never looked at, only whether the property is there. */
    @ParameterizedTest
    @ValueSource(strings = {"<&mm 0>", "<&mm>", "<&mm 31>", "\"\"", "<0xdead>"})
    void anyMainPropertyMakesALeaf(String value) {
        String property = value.equals("\"\"") ? "renesas,ipmmu-main;" : "renesas,ipmmu-main = " + value + ";";
        DeviceTree tree = DtsReader.read("bench.dts", Boards.gen3Text(1).replace("renesas,ipmmu-main = <&mm 0>;", property));
        Bench bench = new Bench(tree, AllowRule.ALL);
        assertThat(bench.probe(Boards.leaf(tree, 0))).isInstanceOf(Deferred.class);
        assertThat(bench.probe(Boards.root(tree))).isInstanceOfSatisfying(Bound.class, b -> assertThat(b.iommu()).isNull());
        assertThat(bench.probe(Boards.leaf(tree, 0))).isInstanceOfSatisfying(Bound.class, b -> assertThat(b.iommu()).isNotNull());
        bench.attach(Boards.master(tree, 'a', 0));
        assertThat(bench.transfer(Boards.master(tree, 'a', 0), 0, 0x1000, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
        assertThat(bench.machine.findings()).isEmpty();
    }

    @Test
    void deferredLeafTouchesNoRegister() {
        DeviceTree tree = Boards.gen3(1);
        Bench bench = new Bench(tree, AllowRule.ALL);
        Deferred deferred = (Deferred) bench.probe(Boards.leaf(tree, 0));
        assertThat(deferred.supplier()).isEqualTo("renesas,ipmmu-main");
        assertThat(bench.trace).isEmpty();
    }

    @Test
    void vendorNamesThatNothingMatchesNeverBind() {
        DeviceTree tree = DtsReader.read("bench.dts", Boards.gen3Text(2)
                .replaceFirst("renesas,ipmmu-r8a7795", "renesas,ipmmu-mmu-r8a7795"));
        Bench bench = new Bench(tree, AllowRule.ALL);
        assertThat(bench.units()).hasSize(2);
        assertThat(((Failed) bench.probe(Boards.leaf(tree, 0))).errno()).isEqualTo(Errno.ENODEV);
        bench.probeAll();
        // Its masters pass it untranslated: the hardware is there, switched off.
        long page = bench.page();
        assertThat(bench.transfer(Boards.master(tree, 'a', 0), 0, page, new byte[1])).isEqualTo(DmaResult.Kind.UNTRANSLATED);
    }

    @Test
    void rootWithoutInterruptFailsAndLeavesNothing() {
        DeviceTree tree = DtsReader.read("bench.dts", Boards.gen3Text(1).replace("interrupts = <0 196 4>, <0 197 4>;", ""));
        Bench bench = new Bench(tree, AllowRule.ALL);
        assertThat(((Failed) bench.probe(Boards.root(tree))).errno()).isEqualTo(Errno.ENXIO);
        assertThat(bench.machine.interruptHandlers()).isZero();
        assertThat(bench.trace).isEmpty();
    }

    @Test
    void rootWithoutPowerFailsAndLeavesNoInterruptHandler() {
        DeviceTree tree = Boards.gen3(1);
        Bench bench = new Bench(tree, AllowRule.ALL, Map.of(SimMachine.POWER_OFF, Boards.root(tree)));
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> bench.probe(Boards.root(tree)))).isNotNull();
        assertThat(bench.machine.interruptHandlers()).isZero();
        assertThat(bench.driver.instances().isEmpty()).isTrue();
    }

    @Test
    void masterBehindTwoLeavesIsRefused() {
        DeviceTree tree = DtsReader.read("bench.dts", Boards.gen3Text(2).replaceFirst("<&leaf0 31>", "<&leaf1 31>"));
        Bench bench = new Bench(tree, AllowRule.ALL);
        bench.probeAll();
        Configuration.Untranslated refused = (Configuration.Untranslated) bench.attach(Boards.master(tree, 'a', 0));
        assertThat(refused.errno()).isEqualTo(Errno.EINVAL);
        assertThat(refused.reason()).contains("names two IPMMUs");
        Bench xen = Bench.xen(tree, Map.of());
        xen.bootXen();
        assertThat(xen.passthrough.addDtDevice(Boards.master(tree, 'a', 0))).isEqualTo(-Errno.EINVAL.number());
    }

    /** The second entry's unit is disabled: "need not be protected", yet the specifier stays and a second call says 0. */
    @Test
    void disabledUnitOfALaterEntryLeavesTheKnownTrap() {
        DeviceTree tree = DtsReader.read("bench.dts", Boards.gen3Text(2).replaceFirst("<&leaf0 31>", "<&leaf1 31>")
                .replaceFirst("leaf1: iommu@e6741000 \\{", "leaf1: iommu@e6741000 { status = \"disabled\";"));
        Bench xen = Bench.xen(tree, Map.of());
        xen.bootXen();
        String a0 = Boards.master(tree, 'a', 0);
        assertThat(xen.passthrough.addDtDevice(a0)).isEqualTo(1);
        assertThat(xen.passthrough.addDtDevice(a0)).isZero();
        xen.passthrough.create(1, 4096);
        assertThat(xen.passthrough.assign(1, a0).code()).isEqualTo(-Errno.EINVAL.number());
    }

    /** The one mapping of a 32-bit kernel: 2 GiB from 0x40000000 on; a domain of one's own has all addresses. */
    @Test
    void dmaDomainOfGen2IsTheArmMapping() {
        DeviceTree tree = Boards.gen2(1);
        Bench bench = attached(tree);
        assertThat(bench.domain(Boards.master(tree, 'a', 0)).apertureStart()).isEqualTo(0x4000_0000L);
        assertThat(bench.domain(Boards.master(tree, 'a', 0)).apertureEnd()).isEqualTo(0xBFFF_FFFFL);
        assertThat(bench.transfer(Boards.master(tree, 'a', 0), 0, 0, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
        Bench gen3 = attached(Boards.gen3(1));
        assertThat(gen3.domain(Boards.master(gen3.tree, 'a', 0)).apertureStart()).isZero();
        assertThat(gen3.domain(Boards.master(gen3.tree, 'a', 0)).apertureEnd()).isEqualTo(0xFFFF_FFFFL);
        assertThat(new IpmmuDomain(DomainType.UNMANAGED, bench.driver.instances(), Features.GEN2).apertureStart()).isZero();
    }
    private static Bench attached(DeviceTree tree) {
        Bench bench = new Bench(tree, AllowRule.ALL);
        assertThat(bench.probeAll()).isEmpty();
        bench.attach(Boards.master(tree, 'a', 0));
        return bench;
    }
}
