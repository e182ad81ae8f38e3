package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.Node;
import org.latebind.driver.Errno;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Finding;
import org.latebind.machine.ipmmu.IpmmuFactory;
import org.latebind.machine.ipmmu.ProductRegisterFactory;
import org.latebind.passthrough.core.IommuSetup;

/** Guests and their devices on the IPMMU. */
class PassthroughTest {

    private static final long RAM = 0x4000_0000L;
    private static final long SIZE = 1 << 20;

    private static Bench booted(DeviceTree tree) {
        Bench bench = Bench.xen(tree, Map.of());
        assertThat(bench.bootXen().result()).isNull();
        return bench;
    }

    private static int code(Errno errno) {
        return -errno.number();
    }

    @Nested
    class Boot {

        @Test
        void everyOrderOfRootAndFourLeavesComesUp() {
            DeviceTree tree = Boards.gen3(4);
            List<String> all = new Bench(tree, AllowRule.ALL).units().stream().map(Node::path).toList();
            for (List<String> order : RenesasTreesTest.permutations(all)) {
                Bench bench = Bench.xen(tree, Map.of());
                IommuSetup setup = bench.bootXen(order);
                assertThat(setup.result()).as("%s", order).isNull();
                assertThat(setup.up()).hasSize(5);
            }
        }

        @ParameterizedTest
        @CsvSource({"0x4f20,true", "0x4f30,true", "0x4f11,false", "0x4f10,false", "0x5220,true", "0x5213,false", "0x5510,true",
            "0x5a00,true", "0x5c00,true", "0x5710,false", "0x5810,false", "0x5410,false", "0x0000,false"})
        void productRegisterDecides(String prr, boolean accepted) {
            Bench bench = Bench.xen(Boards.gen3(2), Map.of(ProductRegisterFactory.VALUE, prr));
            IommuSetup setup = bench.bootXen();
            // A refused root leaves the leaves waiting for ever: EAGAIN, and Xen panics.
            assertThat(setup.result()).isEqualTo(accepted ? null : Errno.EAGAIN);
            assertThat(setup.panics()).isEqualTo(!accepted);
            assertThat(bench.passthrough.create(1, SIZE).ok()).isEqualTo(accepted);
        }

        @Test
        void missingProductRegisterIsRefused() {
            Bench bench = Bench.xen(DtsReader.read("no-prr.dts", "/dts-v1/;\n/ { #address-cells = <1>; #size-cells = <1>;"
                    + " compatible = \"renesas,r8a7795\"; gic: gic { #interrupt-cells = <3>; };"
                    + " iommu@e67b0000 { compatible = \"renesas,ipmmu-r8a7795\"; reg = <0xe67b0000 0x1000>;"
                    + " interrupt-parent = <&gic>; interrupts = <0 196 4>; #iommu-cells = <1>; }; };"), Map.of());
            assertThat(bench.bootXen().result()).isEqualTo(Errno.ENODEV);
            assertThat(bench.log).anyMatch(l -> l.contains("stage 2 translation is not supported"));
        }

        @Test
        void gen2IsNotSupported() {
            assertThat(Bench.xen(Boards.gen2(1), Map.of()).bootXen().result()).isEqualTo(Errno.ENODEV);
        }

        @Test
        void secureGroupLeftByTheFirmwareIsCleared() {
            DeviceTree tree = Boards.gen4(1);
            Bench bench = Bench.xen(tree, Map.of(IpmmuFactory.SECGRP, "true"));
            bench.bootXen();
            bench.passthrough.create(1, SIZE);
            String a = Boards.master(tree, 'a', 0);
            bench.passthrough.assign(1, a);
            assertThat(bench.transfer(a, 0, RAM, new byte[16])).isEqualTo(DmaResult.Kind.TRANSLATED);
        }
    }

    @Nested
    class Assignment {
        private final DeviceTree tree = Boards.gen3(8);
        private final Bench bench = booted(tree);
        private final String a0 = Boards.master(tree, 'a', 0);
        private final String b0 = Boards.master(tree, 'b', 0);

        @Test
        void addAnswersZeroOnceAndAgain() {
            assertThat(bench.passthrough.addDtDevice(a0)).isZero();
            assertThat(bench.passthrough.addDtDevice(a0)).isZero();
            assertThat(bench.passthrough.addDtDevice("/soc")).isEqualTo(1);
            assertThat(bench.passthrough.addDtDevice("/nowhere")).isEqualTo(code(Errno.ENODEV));
        }

        @Test
        void errorsHaveTheirNumbers() {
            assertThat(bench.passthrough.assign(7, a0).code()).isEqualTo(code(Errno.ESRCH));
            assertThat(bench.passthrough.create(0, SIZE).code()).isEqualTo(code(Errno.EINVAL));
            assertThat(bench.passthrough.create(1, SIZE).code()).isZero();
            assertThat(bench.passthrough.create(1, SIZE).code()).isEqualTo(code(Errno.EEXIST));
            assertThat(bench.passthrough.create(2, SIZE).code()).isZero();
            assertThat(bench.passthrough.assign(1, "/nowhere").code()).isEqualTo(code(Errno.ENODEV));
            assertThat(bench.passthrough.assign(1, "/soc").code()).isEqualTo(code(Errno.EINVAL));
            assertThat(bench.passthrough.testAssign(a0).code()).isZero();
            assertThat(bench.passthrough.assign(1, a0).code()).isZero();
            assertThat(bench.passthrough.testAssign(a0).code()).isEqualTo(code(Errno.EINVAL));
            assertThat(bench.passthrough.assign(2, a0).code()).isEqualTo(code(Errno.EBUSY));
            assertThat(bench.passthrough.deassign(2, a0).code()).isEqualTo(code(Errno.ESRCH));
            assertThat(bench.passthrough.deassign(1, a0).code()).isZero();
            assertThat(bench.passthrough.deassign(1, a0).code()).isEqualTo(code(Errno.ESRCH));
            assertThat(bench.passthrough.destroy(9).code()).isEqualTo(code(Errno.ESRCH));
            assertThat(bench.passthrough.reboot(0).code()).isEqualTo(code(Errno.ESRCH));
        }

        /** Both masters name micro-TLB 2: it cannot serve two guests, and what was switched on is rolled back. */
        @Test
        void microTlbOfAnotherDomainIsRefusedAndRolledBack() {
            bench.passthrough.create(1, SIZE);
            bench.passthrough.create(2, SIZE);
            assertThat(bench.passthrough.assign(1, b0).code()).isZero();
            assertThat(bench.passthrough.assign(2, a0).code()).isEqualTo(code(Errno.EINVAL));
            Instance leaf = bench.driver.instances().find(Boards.leaf(tree, 0));
            assertThat(leaf.utlbsInUse()).isEqualTo(2);
            assertThat(leaf.utlbUsers(2)).isEqualTo(1);
            assertThat(bench.transfer(b0, 0, RAM, new byte[8])).isEqualTo(DmaResult.Kind.TRANSLATED);
        }

        @Test
        void eighthGuestOnGen3FindsNoContextAndTheCountComesBack() {
            for (int guest = 1; guest <= 8; guest++) {
                assertThat(bench.passthrough.create(guest, SIZE).ok()).isTrue();
                int code = bench.passthrough.assign(guest, Boards.master(tree, 'a', guest - 1)).code();
                assertThat(code).as("guest %d", guest).isEqualTo(guest <= 7 ? 0 : code(Errno.EBUSY));
            }
            Instance root = bench.driver.instances().root();
            assertThat(root.contextsInUse()).isEqualTo(7);
            assertThat(bench.passthrough.destroy(3).ok()).isTrue();
            assertThat(bench.passthrough.assign(8, Boards.master(tree, 'a', 7)).code()).isZero();
            for (int guest : List.of(1, 2, 4, 5, 6, 7, 8)) {
                bench.passthrough.destroy(guest);
            }
            assertThat(root.contextsInUse()).isZero();
            assertThat(bench.machine.findings()).isEmpty();
        }

        @Test
        void releaseKeepsItsOrder() {
            bench.passthrough.create(1, SIZE);
            bench.passthrough.assign(1, a0);
            bench.log.clear();
            bench.passthrough.destroy(1);
            assertThat(bench.log).containsExactly(a0 + " deassigned from domain 1", "domain 1: memory freed",
                    "domain 1: mappings dropped", "domain 1: IOMMU context freed", "domain 1: table freed");
        }

        @Test
        void rebootGivesTheDevicesBackAndForgetsTheMemory() {
            long before = bench.machine.pages().allocatedBytes();
            bench.passthrough.create(1, SIZE);
            bench.passthrough.assign(1, a0);
            bench.passthrough.assign(1, Boards.master(tree, 'a', 1));
            bench.transfer(a0, 0, RAM + 64, new byte[] {1, 2, 3, 4});
            assertThat(bench.passthrough.reboot(1).ok()).isTrue();
            byte[] seen = new byte[4];
            assertThat(bench.master(a0).read(0, RAM + 64, seen).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(seen).containsOnly(0);
            assertThat(bench.passthrough.list().get(0).devices()).containsExactly(Boards.master(tree, 'a', 1), a0);
            bench.passthrough.destroy(1);
            assertThat(bench.machine.pages().allocatedBytes()).isEqualTo(before);
            assertThat(bench.machine.findings()).isEmpty();
        }

        @Test
        void hardwareDomainGetsEveryDeviceUnderItsOwnAddresses() {
            assertThat(bench.passthrough.buildHardwareDomain()).isZero();
            long page = bench.page();
            byte[] data = {9, 8, 7};
            assertThat(bench.transfer(a0, 0, page, data)).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(bench.memory(page, 3)).isEqualTo(data);
            assertThat(bench.passthrough.list().get(0).devices()).hasSize(16);
        }
    }

    @Nested
    class Isolation {

        private static final int TRANSFERS = 100_000;
        private static final long SEED = 20190917L;

        /** Whatever a guest's devices do, the other's bytes stay; the model of each guest's memory is a plain array. */
        @Test
        void randomTransfersNeverReachTheOtherGuest() {
            DeviceTree tree = Boards.gen3(4);
            Bench bench = booted(tree);
            int bytes = 1 << 18;
            byte[][] expected = {null, new byte[bytes], new byte[bytes]};
            List<List<String>> masters = List.of(List.of(),
                    List.of(Boards.master(tree, 'a', 0), Boards.master(tree, 'b', 0), Boards.master(tree, 'a', 1)),
                    List.of(Boards.master(tree, 'a', 2), Boards.master(tree, 'b', 2), Boards.master(tree, 'a', 3)));
            for (int guest = 1; guest <= 2; guest++) {
                rebuild(bench, guest, bytes, masters.get(guest), expected);
            }
            Random random = new Random(SEED);
            for (int i = 0; i < TRANSFERS; i++) {
                int guest = 1 + random.nextInt(2);
                String master = masters.get(guest).get(random.nextInt(3));
                int offset = random.nextInt(bytes + 8192) - 4096;
                byte[] data = new byte[1 + random.nextInt(64)];
                step(bench, random, master, offset, data, expected[guest], "seed " + SEED + ", transfer " + i);
                if (i % 10_000 == 9_999) {
                    bench.passthrough.destroy(2);
                    rebuild(bench, 2, bytes, masters.get(2), expected);
                }
            }
            compare(bench, 1, expected[1]);
            compare(bench, 2, expected[2]);
            assertThat(bench.machine.findings()).isEmpty();
        }

        private static void rebuild(Bench bench, int guest, int bytes, List<String> masters, byte[][] expected) {
            assertThat(bench.passthrough.create(guest, bytes).ok()).isTrue();
            masters.forEach(m -> assertThat(bench.passthrough.assign(guest, m).ok()).isTrue());
            Arrays.fill(expected[guest], (byte) 0);
        }

        private static void step(Bench bench, Random random, String master, int offset, byte[] data, byte[] memory,
                String where) {
            boolean inside = offset >= 0 && offset + data.length <= memory.length;
            int stream = random.nextInt(bench.master(master).streams());
            if (random.nextBoolean()) {
                random.nextBytes(data);
                DmaResult result = bench.master(master).write(stream, RAM + offset, data);
                assertThat(result.ok()).as(where).isEqualTo(inside);
                int first = Math.max(0, -offset);
                int last = Math.min(data.length, memory.length - offset);
                if (inside || result.transferredBytes() > 0) {
                    int moved = Math.min(last, result.transferredBytes());
                    System.arraycopy(data, first, memory, offset + first, Math.max(0, moved - first));
                }
            } else {
                DmaResult result = bench.master(master).read(stream, RAM + offset, data);
                assertThat(result.ok()).as(where).isEqualTo(inside);
                for (int i = 0; i < result.transferredBytes(); i++) {
                    if (data[i] != memory[offset + i]) {
                        throw new AssertionError(where + ": byte " + i + " at guest offset " + offset);
                    }
                }
            }
        }

        private static void compare(Bench bench, int guest, byte[] memory) {
            for (int at = 0; at < memory.length; at += 4096) {
                long machine = bench.passthrough.p2m(guest, RAM + at, 1).get(0).machineAddress();
                assertThat(bench.memory(machine, 4096)).isEqualTo(Arrays.copyOfRange(memory, at, at + 4096));
            }
        }
    }

    @Nested
    class Unload {

        @Test
        void dmaOfRunningGuestsFaultsUntilTheDriverIsBack() {
            DeviceTree tree = Boards.gen3(2);
            Bench bench = booted(tree);
            List<String> masters = new ArrayList<>();
            for (int guest = 1; guest <= 2; guest++) {
                bench.passthrough.create(guest, SIZE);
                String master = Boards.master(tree, 'a', guest - 1);
                bench.passthrough.assign(guest, master);
                masters.add(master);
                assertThat(bench.transfer(master, 1, RAM, new byte[] {(byte) guest})).isEqualTo(DmaResult.Kind.TRANSLATED);
            }
            bench.unloadDriver();
            assertThat(bench.machine.interruptHandlers()).isZero();
            for (String master : masters) {
                assertThat(bench.transfer(master, 1, RAM, new byte[] {77})).isEqualTo(DmaResult.Kind.FAULT);
            }
            assertThat(bench.bootXen().result()).isNull();
            for (int guest = 1; guest <= 2; guest++) {
                byte[] seen = new byte[1];
                assertThat(bench.master(masters.get(guest - 1)).read(1, RAM, seen).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
                assertThat(seen[0]).isEqualTo((byte) guest);
            }
            assertThat(bench.driver.instances().root().contextsInUse()).isEqualTo(2);
            assertThat(bench.machine.findings()).isEmpty();
        }

        @Test
        void guestDestroyedWithoutADriverStaysBlockedAndIsFreeAfterwards() {
            DeviceTree tree = Boards.gen3(1);
            Bench bench = booted(tree);
            String master = Boards.master(tree, 'a', 0);
            bench.passthrough.create(1, SIZE);
            bench.passthrough.assign(1, master);
            bench.unloadDriver();
            assertThat(bench.passthrough.destroy(1).ok()).isTrue();
            bench.bootXen();
            assertThat(bench.transfer(master, 0, RAM, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
            bench.passthrough.create(2, SIZE);
            assertThat(bench.passthrough.assign(2, master).code()).isZero();
            assertThat(bench.transfer(master, 0, RAM, new byte[1])).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(bench.machine.findings().stream().map(Finding::rule)).isEmpty();
        }
    }

    @Nested
    class RealBoards {

        @Test
        void guestsShareH3AndEs2IsRefused() {
            DeviceTree tree = Boards.real("r8a77951-salvator-xs");
            Bench bench = booted(tree);
            assertThat(bench.passthrough.create(1, SIZE).ok()).isTrue();
            assertThat(bench.passthrough.create(2, SIZE).ok()).isTrue();
            List<String> one = List.of("/soc/dma-controller@e6700000", "/soc/mmc@ee100000", "/soc/dma-controller@ec700000");
            List<String> two = List.of("/soc/dma-controller@e7300000", "/soc/mmc@ee140000", "/soc/dma-controller@ec720000");
            one.forEach(p -> assertThat(bench.passthrough.assign(1, p).text()).endsWith("assigned to domain 1"));
            two.forEach(p -> assertThat(bench.passthrough.assign(2, p).text()).endsWith("assigned to domain 2"));
            for (String p : one) {
                assertThat(bench.transfer(p, 0, RAM + 0x100, new byte[] {1})).isEqualTo(DmaResult.Kind.TRANSLATED);
            }
            byte[] seen = new byte[1];
            bench.master(two.get(1)).read(0, RAM + 0x100, seen);
            assertThat(seen[0]).isZero();
            assertThat(bench.passthrough.list().get(0).hardware()).contains("context 1").contains("e6740000");
            Bench old = Bench.xen(tree, Map.of(ProductRegisterFactory.VALUE, "0x4f10"));
            assertThat(old.bootXen().result()).isEqualTo(Errno.EAGAIN);
        }

        /** All functions of a bridge come by one micro-TLB: they can serve one guest, not two. */
        @Test
        void pciFunctionsGoToAGuestByTheMapOfTheirBridge() {
            Bench bench = booted(Boards.real("r8a77951-salvator-xs"));
            bench.passthrough.create(1, SIZE);
            bench.passthrough.create(2, SIZE);
            assertThat(bench.passthrough.assign(1, "/soc/pcie@fe000000@100").code()).isZero();
            assertThat(bench.transfer("/soc/pcie@fe000000@0100", 0, RAM + 8, new byte[] {3})).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(bench.passthrough.assign(2, "/soc/pcie@fe000000@200").code()).isEqualTo(code(Errno.EINVAL));
            assertThat(bench.passthrough.assign(1, "/soc/pcie@fe000000@200").code()).isZero();
            assertThat(bench.passthrough.assign(2, "/soc/pcie@ee800000@100").code()).isZero();
            bench.passthrough.deassign(1, "/soc/pcie@fe000000@100");
            assertThat(bench.transfer("/soc/pcie@fe000000@0200", 0, RAM + 8, new byte[1])).as("the last user holds it on")
                    .isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(bench.machine.findings()).isEmpty();
        }

        @Test
        void everySupportedBoardBootsInShuffledOrders() {
            Random random = new Random(5);
            for (String board : List.of("r8a77951-salvator-xs", "r8a77960-salvator-xs", "r8a77965-salvator-xs",
                    "r8a779g0-white-hawk")) {
                DeviceTree tree = Boards.real(board);
                for (int i = 0; i < 10; i++) {
                    Bench bench = Bench.xen(tree, Map.of());
                    List<String> order = new ArrayList<>(bench.units().stream().map(Node::path).toList());
                    Collections.shuffle(order, random);
                    assertThat(bench.bootXen(order).result()).as("%s %s", board, order).isNull();
                }
            }
        }
    }
}
