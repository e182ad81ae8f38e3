package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.hardware.DmaResult;
import org.latebind.passthrough.core.IommuSetup;

/** Register writes of every Xen sequence, in order, against stored texts. */
class XenTraceTest {

    private static final long GUEST_RAM = 0x4000_0000L;

    @Test
    void xenGen3SequencesWriteTheseRegisters() {
        run(Boards.gen3(2)).matches("xen-gen3.txt");
    }

    @Test
    void xenGen4SequencesWriteTheseRegisters() {
        run(Boards.gen4(2)).matches("xen-gen4.txt");
    }

    private static Golden run(DeviceTree tree) {
        Bench bench = Bench.xen(tree, Map.of());
        Golden trace = new Golden(bench);
        String a0 = Boards.master(tree, 'a', 0);
        String b0 = Boards.master(tree, 'b', 0);
        String a1 = Boards.master(tree, 'a', 1);
        bench.probe(Boards.root(tree));
        trace.section("6.2 probe of the root");
        bench.probe(Boards.leaf(tree, 0));
        trace.section("6.2 probe of a leaf");
        bench.probe(Boards.leaf(tree, 1));
        bench.passthrough.setupFinished(new IommuSetup(null, java.util.List.of(), java.util.List.of()).result());
        bench.trace.clear();
        assertThat(bench.passthrough.create(1, 1 << 20).ok()).isTrue();
        trace.section("6.4 a new domain takes no hardware");
        assertThat(bench.passthrough.assign(1, a0).ok()).isTrue();
        trace.section("6.8 first device of the domain: root context, leaf, micro-TLBs 2, 31 and a third");
        assertThat(bench.passthrough.assign(1, b0).ok()).isTrue();
        trace.section("6.8 second device on the same leaf: micro-TLB 2 is shared, 7 is new");
        assertThat(bench.passthrough.assign(1, a1).ok()).isTrue();
        trace.section("6.8 device behind another leaf: the same context there");
        assertThat(bench.master(a0).write(0, GUEST_RAM - 4096, new byte[4]).kind()).isEqualTo(DmaResult.Kind.FAULT);
        trace.section("6.14 interrupt of a translation fault: logged, status cleared");
        bench.binding(Boards.leaf(tree, 0)).suspend();
        bench.binding(Boards.leaf(tree, 1)).suspend();
        bench.binding(Boards.root(tree)).suspend();
        trace.section("4.9 suspend: registers are read, none is written");
        bench.machine.resetAll();
        bench.binding(Boards.root(tree)).resume();
        bench.binding(Boards.leaf(tree, 0)).resume();
        bench.binding(Boards.leaf(tree, 1)).resume();
        trace.section("4.9 resume: saved registers, contexts of the root before micro-TLBs");
        assertThat(bench.passthrough.deassign(1, b0).ok()).isTrue();
        trace.section("6.9 a device leaves, others stay on the leaf");
        assertThat(bench.passthrough.deassign(1, a1).ok()).isTrue();
        trace.section("6.9 the last device of a leaf leaves");
        bench.unloadDriver();
        trace.section("unload under a running guest: its micro-TLBs go to the blocked context 0");
        assertThat(bench.bootXen().result()).isNull();
        trace.section("load again: the guest's device is assigned again, the blocked context ends");
        assertThat(bench.passthrough.destroy(1).ok()).isTrue();
        trace.section("6.12 destroy: device, invalidations of the dropped mappings, context");
        assertThat(bench.machine.findings()).isEmpty();
        return trace;
    }
}
