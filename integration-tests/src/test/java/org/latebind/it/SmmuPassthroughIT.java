package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.hardware.Machine;
import org.latebind.passthrough.Passthrough;
import org.latebind.runtime.Command;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;

/**
 * Two guests with devices behind an MMU-401 and an MMU-500, served by the bundle as it is shipped: stage 2, the guest's P2M as it
 * is, one context for each guest and SMMU.
 */
@ExtendWith(PaxExamExtension.class)
public class SmmuPassthroughIT {

    private static final long RAM = 0x4000_0000L;
    private static final int BYTES = 1 << 18;
    private static final String OLD = "/iommu@2b400000";
    private static final String NEW = "/iommu@2b500000";
    private static final String STRANGER = "/dma@10060000";
    /** Two masters of each guest share the old SMMU, the third is behind the new one. */
    private static final List<List<String>> MASTERS = List.of(List.of(),
            List.of("/dma@10000000", "/dma@10010000", "/dma@10040000"), List.of("/dma@10020000", "/dma@10030000", "/dma@10050000"));
    private static final String CONTEXTS = " interrupts = <0 %1$d0 4>, <0 %1$d1 4>, <0 %1$d2 4>, <0 %1$d3 4>, <0 %1$d4 4>,"
            + " <0 %1$d5 4>, <0 %1$d6 4>, <0 %1$d7 4>, <0 %1$d8 4>; };";
    private static final String BOARD = """
            /dts-v1/;
            / { compatible = "latebind,test"; #address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;
              memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x10000000>; };
              gic: interrupt-controller@1000 { compatible = "arm,gic-400"; reg = <0 0x1000 0 0x1000>;
                interrupt-controller; #interrupt-cells = <3>; };
              old: iommu@2b400000 { compatible = "arm,mmu-401", "arm,smmu-v1"; reg = <0 0x2b400000 0 0x20000>;
                #global-interrupts = <1>; #iommu-cells = <1>; dma-coherent;""" + String.format(CONTEXTS, 10) + """
              new: iommu@2b500000 { compatible = "arm,mmu-500", "arm,smmu-v2"; reg = <0 0x2b500000 0 0x20000>;
                #global-interrupts = <1>; #iommu-cells = <1>; dma-coherent;""" + String.format(CONTEXTS, 11)
            + device(0, "old 0x10") + device(1, "old 0x11") + device(2, "old 0x20") + device(3, "old 0x21")
            + device(4, "new 0x10") + device(5, "new 0x20") + device(6, "old 0x30") + "};";

    private static String device(int number, String stream) {
        return String.format("dma@100%1$d0000 { compatible = \"test,dma\"; reg = <0 0x100%1$d0000 0 0x1000>; iommus = <&%2$s>; };",
                number, stream);
    }

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()));
    }

    private static void build(Passthrough guests, int guest) {
        assertThat(guests.create(guest, BYTES).ok()).isTrue();
        for (String path : MASTERS.get(guest)) {
            assertThat(guests.assign(guest, path).text()).isEqualTo(path + " assigned to domain " + guest);
        }
    }

    private static Kind write(Live live, String path, long address, int value) {
        return live.service(Machine.class, null).master(path).orElseThrow().write(0, address, new byte[] {(byte) value}).kind();
    }

    private static int read(Live live, String path, long address) {
        byte[] data = new byte[1];
        assertThat(live.service(Machine.class, null).master(path).orElseThrow().read(0, address, data).kind())
                .isEqualTo(Kind.TRANSLATED);
        return data[0];
    }

    private static void eachGuestSeesItsOwn(Live live) {
        for (int guest = 1; guest <= 2; guest++) {
            for (int i = 0; i < 3; i++) {
                assertThat(write(live, MASTERS.get(guest).get(i), RAM + 0x1000 * i, 10 * guest + i)).isEqualTo(Kind.TRANSLATED);
            }
        }
        for (int guest = 1; guest <= 2; guest++) {
            for (String reader : MASTERS.get(guest)) {
                for (int i = 0; i < 3; i++) {
                    assertThat(read(live, reader, RAM + 0x1000 * i)).as("%s, page %d", reader, i).isEqualTo(10 * guest + i);
                }
            }
        }
        assertThat(write(live, MASTERS.get(1).get(0), 0x8000_0000L, 1)).as("the host's memory").isEqualTo(Kind.FAULT);
        assertThat(write(live, STRANGER, 0x8000_0000L, 1)).as("nobody's device").isEqualTo(Kind.FAULT);
    }

    @Test
    public void oneContextForEachGuestAndSmmuThroughUnloadAndReload() throws Exception {
        try (Live live = Live.source(BOARD, "latebind", Map.of("xen", "true"))) {
            live.core().execute(new Command.LateInit());
            Bundle bundle = live.start("arm-smmu");
            live.settled();
            Passthrough guests = live.service(Passthrough.class, null);
            long before = live.service(Machine.class, null).pages().allocatedBytes();
            build(guests, 1);
            build(guests, 2);
            assertThat(guests.list()).first().satisfies(g -> assertThat(g.hardware())
                    .contains(OLD + " context 0 VMID 1 (2)").contains(NEW + " context 0 VMID 1 (1)"));
            assertThat(guests.list()).last().satisfies(g -> assertThat(g.hardware())
                    .contains(OLD + " context 1 VMID 2 (2)").contains(NEW + " context 1 VMID 2 (1)"));
            eachGuestSeesItsOwn(live);
            bundle.stop();
            live.settled();
            for (String path : MASTERS.get(1)) {
                assertThat(write(live, path, RAM, 1)).as("without the driver").isEqualTo(Kind.FAULT);
            }
            bundle.start();
            live.settled();
            eachGuestSeesItsOwn(live);
            assertThat(guests.deassign(1, MASTERS.get(1).get(2)).ok()).isTrue();
            assertThat(write(live, MASTERS.get(1).get(2), RAM, 1)).isEqualTo(Kind.FAULT);
            assertThat(guests.destroy(1).ok()).isTrue();
            assertThat(guests.destroy(2).ok()).isTrue();
            assertThat(live.service(Machine.class, null).findings()).isEmpty();
            assertThat(live.service(Machine.class, null).pages().allocatedBytes()).isEqualTo(before);
        }
    }
}
