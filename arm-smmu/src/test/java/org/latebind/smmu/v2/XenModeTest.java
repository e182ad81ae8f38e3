package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.driver.Bound;
import org.latebind.driver.Driver;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;
import org.latebind.passthrough.Passthrough;
import org.latebind.passthrough.core.PassthroughCore;

/** The SMMU under Xen: guests' tables shared as they are, one context for each guest and SMMU. */
class XenModeTest {

    private static final String ONE = "/iommu@2b400000";
    private static final String TWO = "/iommu@2b500000";
    private static final String A = "/dma@10000000";
    private static final String B = "/dma@10010000";
    private static final String C = "/dma@10020000";
    private static final long GUEST_RAM = 0x40000000L;
    private static final int MIB = 1 << 20;

    private static final class Host {
        final DeviceTree tree;
        final SimMachine machine;
        final PassthroughCore xen;
        final List<String> log = new ArrayList<>();
        final Map<String, Bound> bound = new HashMap<>();
        private final Driver driver = new ArmSmmuDriver(Parameters.DEFAULT);

        Host(String compatible, int contexts) {
            String smmu = TestBoard.smmu("\"" + compatible + "\"", 0x20000, 1, contexts, "");
            tree = DtsReader.read("xen.dts", """
                    /dts-v1/;
                    / { compatible = "latebind,test"; #address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;
                      memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x10000000>; };
                      gic: interrupt-controller@1000 { compatible = "arm,gic-400"; reg = <0 0x1000 0 0x1000>;
                        interrupt-controller; #interrupt-cells = <3>; };
                    """ + smmu + smmu.replace("smmu:", "other:").replace("2b400000", "2b500000").replace("<0 1", "<0 2") + """
                      dma@10000000 { compatible = "test,dma"; iommus = <&smmu 0x10>; xen,passthrough; };
                      dma@10010000 { compatible = "test,dma"; iommus = <&smmu 0x20>; xen,passthrough; };
                      dma@10020000 { compatible = "test,dma"; iommus = <&other 0x10>; xen,passthrough; };
                    };
                    """);
            machine = SimMachine.of(tree, BuiltInModels.factories(), Map.of());
            xen = new PassthroughCore(tree, machine, log::add);
        }

        ProbeResult probe(String path) {
            NodeDevice device = new NodeDevice(tree, tree.byPath(path), machine);
            device.xen = xen;
            ProbeResult result = driver.probe(device);
            if (result instanceof Bound b) {
                bound.put(path, b);
            }
            return result;
        }

        Host up() {
            assertThat(probe(ONE)).isInstanceOf(Bound.class);
            assertThat(probe(TWO)).isInstanceOf(Bound.class);
            xen.setupFinished(null);
            return this;
        }

        DmaResult write(String master, long address, byte value) {
            return machine.master(master).orElseThrow().write(0, address, new byte[] {value});
        }

        long physical(int domid, long address) {
            return xen.p2m(domid, address, 1).get(0).machineAddress();
        }

        String hardware(int domid) {
            return xen.list().stream().filter(s -> s.domid() == domid).map(Passthrough.Status::hardware).findFirst()
                    .orElseThrow();
        }

        List<String> findings() {
            return machine.findings().stream().map(f -> f.rule() + ": " + f.detail()).toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"arm,mmu-400", "arm,mmu-401", "arm,smmu-v2", "arm,mmu-500"})
    void aGuestsDeviceReachesTheGuestsMemoryAndNothingElse(String compatible) {
        Host host = new Host(compatible, 4).up();
        assertThat(host.write(A, 0x80000000L, (byte) 1).kind()).as("nobody's device").isEqualTo(Kind.FAULT);
        assertThat(host.xen.create(1, MIB).ok()).isTrue();
        assertThat(host.xen.assign(1, A)).satisfies(r -> assertThat(r.ok()).as(r.text()).isTrue());
        assertThat(host.write(A, GUEST_RAM + 5, (byte) 0x5a).kind()).isEqualTo(Kind.TRANSLATED);
        assertThat(host.machine.memory().read8(host.physical(1, GUEST_RAM) + 5)).isEqualTo(0x5a);
        assertThat(host.write(A, GUEST_RAM + MIB, (byte) 1).kind()).isEqualTo(Kind.FAULT);
        assertThat(host.xen.destroy(1).ok()).isTrue();
        assertThat(host.write(A, GUEST_RAM, (byte) 1).kind()).isEqualTo(Kind.FAULT);
        assertThat(host.findings()).isEmpty();
    }

    @Test
    void devicesOfOneGuestShareAContextInEachSmmu() {
        Host host = new Host("arm,mmu-500", 4).up();
        host.xen.create(1, MIB);
        for (String device : List.of(A, B, C)) {
            assertThat(host.xen.assign(1, device).ok()).isTrue();
        }
        assertThat(host.hardware(1)).isEqualTo(ONE + " context 0 VMID 1 (2), " + TWO + " context 0 VMID 1 (1)");
        host.xen.deassign(1, A);
        assertThat(host.hardware(1)).contains("context 0 VMID 1 (1)");
        host.xen.deassign(1, B);
        assertThat(host.hardware(1)).isEqualTo(TWO + " context 0 VMID 1 (1)");
        assertThat(host.write(C, GUEST_RAM, (byte) 1).kind()).isEqualTo(Kind.TRANSLATED);
        assertThat(host.findings()).isEmpty();
    }

    @Test
    void oneGuestNeverReachesTheOther() {
        long seed = Long.getLong("latebind.seed", 11L);
        Random random = new Random(seed);
        Host host = new Host("arm,mmu-500", 4).up();
        String[] devices = {A, B};
        for (int guest = 0; guest < 2; guest++) {
            host.xen.create(guest + 1, MIB);
            host.xen.assign(guest + 1, devices[guest]);
        }
        for (int i = 0; i < 10_000; i++) {
            int guest = random.nextInt(2);
            long address = GUEST_RAM + random.nextInt(MIB);
            byte value = (byte) (guest * 100 + 1 + random.nextInt(50));
            assertThat(host.write(devices[guest], address, value).kind()).isEqualTo(Kind.TRANSLATED);
            int there = host.machine.memory().read8(host.physical(guest + 1, address & -4096L) + (address & 4095));
            int other = host.machine.memory().read8(host.physical(2 - guest, address & -4096L) + (address & 4095));
            assertThat(there).as("seed " + seed + ", transfer " + i).isEqualTo(value & 0xff);
            assertThat(other == 0 || (other > 100) == (guest == 0)).as("seed " + seed + ", transfer " + i).isTrue();
        }
        assertThat(host.findings()).isEmpty();
    }

    @Test
    void theLastContextIsRefusedWithTheReason() {
        Host host = new Host("arm,smmu-v2", 1).up();
        host.xen.create(1, MIB);
        host.xen.create(2, MIB);
        assertThat(host.xen.assign(1, A).ok()).isTrue();
        assertThat(host.xen.assign(2, B).code()).isEqualTo(-Errno.ENOSPC.number());
        assertThat(host.write(B, GUEST_RAM, (byte) 1).kind()).isEqualTo(Kind.FAULT);
    }

    @Nested
    class Unload {

        @Test
        void withGuestsTheirDevicesFaultAndComeBackWithTheUnit() {
            Host host = new Host("arm,mmu-500", 4).up();
            host.xen.create(1, MIB);
            host.xen.assign(1, A);
            host.bound.get(ONE).binding().close();
            assertThat(host.write(A, GUEST_RAM, (byte) 1).kind()).isEqualTo(Kind.FAULT);
            assertThat(host.write(A, 0x80000000L, (byte) 1).kind()).isEqualTo(Kind.FAULT);
            host.probe(ONE);
            assertThat(host.write(A, GUEST_RAM, (byte) 1).kind()).isEqualTo(Kind.TRANSLATED);
            assertThat(host.findings()).isEmpty();
        }

        @Test
        void withoutGuestsEverythingPassesAsAfterAReset() {
            Host host = new Host("arm,mmu-500", 4).up();
            host.bound.get(ONE).binding().close();
            host.bound.get(TWO).binding().close();
            assertThat(host.write(A, 0x80000000L, (byte) 1).kind()).isEqualTo(Kind.UNTRANSLATED);
            assertThat(host.machine.interruptHandlers()).isZero();
        }
    }

    @Nested
    class Refusals {

        private void refused(Host host, String words) {
            assertThat(host.probe(ONE)).isInstanceOfSatisfying(Failed.class, f -> {
                assertThat(f.errno()).isEqualTo(Errno.ENODEV);
                assertThat(f.text()).contains(words);
            });
        }

        @Test
        void vendorsVariantsAreUnknownToXen() {
            refused(new Host("cavium,smmu-v2", 4), "not supported in Xen mode");
        }

        @Test
        void everyContextNeedsItsInterrupt() {
            Host host = new Host("arm,smmu-v2", 40);
            refused(host, "context interrupts");
        }
    }
}
