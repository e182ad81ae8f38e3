package org.latebind.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtbReader;
import org.latebind.devicetree.DtsReader;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Interrupts;
import org.latebind.hardware.Mmio;

/** The machine around the models: memory, bus, lines, masters, time. */
class SimMachineTest {

    private static final String BOARD = "/dts-v1/;\n/memreserve/ 0x48000000 0x2000;\n/ { #address-cells = <1>; #size-cells = <1>;"
            + " memory@48000000 { device_type = \"memory\"; reg = <0x48000000 0x100000>, <0x60000000 0x1000>; };"
            + " gic: gic { #interrupt-cells = <3>; interrupt-controller; };"
            + " soc { compatible = \"simple-bus\"; #address-cells = <1>; #size-cells = <1>; ranges; interrupt-parent = <&gic>;"
            + " iommu: toy@10000 { compatible = \"toy\"; reg = <0x10000 0x1000>; #iommu-cells = <1>; interrupts = <0 5 4>; };"
            + " two: two@20000 { #iommu-cells = <2>; reg = <0x20000 0x1000>; };"
            + " m: master@30000 { reg = <0x30000 0x1000>; iommus = <&iommu 7>, <&iommu 9>, <&two 0x400 0x3f>; };"
            + " old: legacy@40000 { reg = <0x40000 0x1000>; #stream-id-cells = <2>; };"
            + " smmu: smmu@50000 { reg = <0x50000 0x1000>; mmu-masters = <&old 0x11 0x12>; };"
            + " pcie@60000 { reg = <0x60000 0x1000>; iommu-map = <0 &iommu 0x20 0x10>, <0x100 &iommu 0x80 0x100>; };"
            + " alone@70000 { reg = <0x70000 0x1000>; }; }; };";

    private static SimMachine machine(Toy toy, Map<String, String> options) {
        return SimMachine.of(DtsReader.read("board.dts", BOARD), List.of(toy), options);
    }

    /** A device with one register and a line; pages map to themselves plus an offset, page 3 faults. */
    private static final class Toy implements ModelFactory, ModelFactory.Model, RegisterWindow, StreamTranslator {
        private Surroundings around;
        private final List<Integer> streams = new ArrayList<>();
        private long value;

        @Override
        public boolean matches(List<String> compatible) {
            return compatible.contains("toy");
        }

        @Override
        public Model create(Surroundings surroundings) {
            around = surroundings;
            return this;
        }

        @Override
        public List<RegisterWindow> windows() {
            return List.of(this);
        }

        @Override
        public StreamTranslator translator() {
            return this;
        }

        @Override
        public void reset() {
            value = 0;
        }

        @Override
        public long sizeBytes() {
            return 0x1000;
        }

        @Override
        public long read(long offset, int sizeBytes) {
            return value;
        }

        @Override
        public void write(long offset, int sizeBytes, long written) {
            value = written;
            around.interrupt(0, written != 0);
        }

        @Override
        public Verdict translate(int streamId, long busAddress, boolean write) {
            streams.add(streamId);
            return busAddress >>> 12 == 3 ? new Verdict(DmaResult.Kind.FAULT, 0, "page 3")
                    : Verdict.translated(0x4800_0000L + (busAddress >>> 12) * 0x2000 + (busAddress & 0xFFF));
        }
    }

    @Nested
    class BusAccesses {
        private final SimMachine machine = machine(new Toy(), Map.of());

        @Test
        void nothingAnswersWhereNothingIs() {
            assertThatThrownBy(() -> machine.map(0x7000_0000L, 0x1000).read32(0x10)).isInstanceOf(ExternalAbortException.class);
            assertThat(machine.findings()).extracting(Finding::rule).containsExactly("bus-external-abort");
            assertThat(machine.findings().get(0).detail()).contains("0x70000010");
        }

        @Test
        void offsetsOutsideTheWindowAndMisalignedOnesAreMistakesOfTheCaller() {
            Mmio window = machine.map(0x10000, 0x1000);
            for (long offset : new long[] {-4, 0x1000, 0xFFE, 2}) {
                assertThatThrownBy(() -> window.read32(offset)).isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(machine.findings()).isEmpty();
        }

        @Test
        void deviceWithoutPowerIsDead() {
            SimMachine off = machine(new Toy(), Map.of(SimMachine.POWER_OFF, "/soc/toy@10000"));
            assertThatThrownBy(() -> off.map(0x10000, 0x1000).read32(0)).isInstanceOf(ExternalAbortException.class);
            assertThat(off.findings()).extracting(Finding::rule).containsExactly("bus-power-domain-off");
            off.power("/soc/toy@10000", true);
            assertThat(off.map(0x10000, 0x1000).read32(0)).isZero();
        }

        @Test
        void listenerSeesAccessesInOrder() {
            List<String> seen = new ArrayList<>();
            machine.addListener((path, window, offset, write, value) ->
                    seen.add(path + (write ? " W " : " R ") + offset + "=" + value));
            machine.map(0x10000, 0x1000).write32(8, -1);
            machine.map(0x10000, 0x1000).read32(4);
            assertThat(seen).containsExactly("/soc/toy@10000 W 8=4294967295", "/soc/toy@10000 R 4=4294967295");
        }

        @Test
        void lossOfPowerResetsEveryDevice() {
            machine.map(0x10000, 0x1000).write32(0, 5);
            machine.resetAll();
            assertThat(machine.map(0x10000, 0x1000).read32(0)).isZero();
        }
    }

    @Nested
    class InterruptLinesOfTheMachine {
        private final SimMachine machine = machine(new Toy(), Map.of());
        private final Mmio toy = machine.map(0x10000, 0x1000);
        private final Interrupts lines = machine.interrupts();

        @Test
        void numbersFollowTheGic() {
            assertThat(lines.line(new int[] {0, 196, 4})).isEqualTo(228);
            assertThat(lines.line(new int[] {1, 9, 4})).isEqualTo(25);
        }

        @Test
        void raisedLineCallsItsHandlersUntilItFalls() {
            int[] calls = {0};
            lines.request(37, "test", () -> {
                if (++calls[0] == 3) {
                    toy.write32(0, 0);
                }
                return true;
            });
            toy.write32(0, 1);
            assertThat(calls[0]).isEqualTo(3);
            assertThat(machine.findings()).isEmpty();
        }

        @Test
        void lineThatWasRaisedBeforeTheRequestIsServed() {
            toy.write32(0, 1);
            int[] calls = {0};
            lines.request(37, "test", () -> {
                calls[0]++;
                toy.write32(0, 0);
                return true;
            });
            assertThat(calls[0]).isEqualTo(1);
        }

        @Test
        void lineNobodyClaimsIsReportedAndLeftAloneUntilItFalls() {
            int[] calls = {0};
            lines.request(37, "test", () -> {
                calls[0]++;
                return false;
            });
            toy.write32(0, 1);
            toy.write32(0, 1);
            assertThat(calls[0]).isEqualTo(1);
            assertThat(machine.findings()).extracting(Finding::rule).containsExactly("interrupt-nobody-cared");
            toy.write32(0, 0);
            toy.write32(0, 1);
            assertThat(calls[0]).isEqualTo(2);
        }

        @Test
        void handlerThatNeverClearsItsDeviceIsStopped() {
            lines.request(37, "test", () -> true);
            toy.write32(0, 1);
            assertThat(machine.findings()).extracting(Finding::rule).containsExactly("interrupt-storm");
        }

        @Test
        void everyHandlerOfALineIsAskedAndClosedOnesAreNot() {
            List<String> asked = new ArrayList<>();
            Interrupts.Request first = lines.request(37, "one", () -> {
                asked.add("one");
                return false;
            });
            lines.request(37, "two", () -> {
                asked.add("two");
                toy.write32(0, 0);
                return true;
            });
            toy.write32(0, 1);
            first.close();
            first.close();
            toy.write32(0, 1);
            assertThat(asked).containsExactly("one", "two", "two");
            assertThat(machine.interruptHandlers()).isEqualTo(1);
        }

        @Test
        void handlersRunWhereTheOwnerWants() {
            Deque<Runnable> queue = new ArrayDeque<>();
            lines.runHandlersOn(queue::add);
            int[] calls = {0};
            lines.request(37, "test", () -> {
                calls[0]++;
                toy.write32(0, 0);
                return true;
            });
            toy.write32(0, 1);
            assertThat(calls[0]).isZero();
            queue.remove().run();
            assertThat(calls[0]).isEqualTo(1);
            assertThat(queue).isEmpty();
        }
    }

    @Nested
    class Masters {
        private final Toy toy = new Toy();
        private final SimMachine machine = machine(toy, Map.of());

        @Test
        void streamsAreTheIdsOfTheTree() {
            DmaMaster master = machine.master("/soc/master@30000").orElseThrow();
            assertThat(master.streams()).isEqualTo(4);
            master.read(0, 0, new byte[1]);
            master.read(1, 0, new byte[1]);
            assertThat(toy.streams).containsExactly(7, 9);
            assertThat(machine.layout().masters().get(0).streams()).extracting(MachineLayout.Stream::id)
                    .containsExactly(7, 9, 0x400, 0x43f);
        }

        @Test
        void legacyMastersAndPciFunctionsHaveTheirIds() {
            assertThat(machine.layout().masters().stream().filter(m -> m.path().equals("/soc/legacy@40000")).findFirst()
                    .orElseThrow().streams()).extracting(MachineLayout.Stream::id).containsExactly(0x11, 0x12);
            machine.master("/soc/pcie@60000@0108").orElseThrow().read(0, 0, new byte[1]);
            machine.master("/soc/pcie@60000").orElseThrow().read(0, 0, new byte[1]);
            assertThat(toy.streams).containsExactly(0x88, 0x20);
            assertThat(machine.master("/soc/alone@70000")).isEmpty();
        }

        @Test
        void aFunctionThatTheMapLeavesOutGoesStraightToMemory() {
            DmaResult written = machine.master("/soc/pcie@60000@0800").orElseThrow().write(0, 0x4800_0000L, new byte[] {5});
            assertThat(written.kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            byte[] arrived = new byte[1];
            machine.memory().read(0x4800_0000L, arrived, 0, 1);
            assertThat(arrived).containsExactly(5);
            assertThat(toy.streams).as("the IOMMU sees nothing of it").isEmpty();
        }

        @Test
        void transferIsCutAtPagesAndEachPieceGoesItsOwnWay() {
            byte[] data = new byte[0x1800];
            for (int i = 0; i < data.length; i++) {
                data[i] = (byte) (i / 7);
            }
            DmaMaster master = machine.master("/soc/master@30000").orElseThrow();
            assertThat(master.write(0, 0x800, data)).isEqualTo(new DmaResult(DmaResult.Kind.TRANSLATED, 0x1800, 0, ""));
            byte[] second = new byte[0x1000];
            machine.memory().read(0x4800_2000L, second, 0, 0x1000);
            assertThat(second).isEqualTo(java.util.Arrays.copyOfRange(data, 0x800, 0x1800));
        }

        @Test
        void faultKeepsWhatCameBeforeIt() {
            DmaResult result = machine.master("/soc/master@30000").orElseThrow().write(0, 0x2F00, new byte[0x200]);
            assertThat(result.kind()).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(result.transferredBytes()).isEqualTo(0x100);
            assertThat(result.faultAddress()).isEqualTo(0x3000);
        }

        @Test
        void targetThatIsNoMemoryIsAnAbort() {
            DmaResult result = machine.master("/soc/master@30000").orElseThrow().write(0, 0x100_0000, new byte[4]);
            assertThat(result.kind()).isEqualTo(DmaResult.Kind.EXTERNAL_ABORT);
            assertThat(machine.findings()).extracting(Finding::rule).containsExactly("dma-external-abort");
        }

        @Test
        void streamWithoutAModelPassesUntranslated() {
            DmaResult result = machine.master("/soc/master@30000").orElseThrow().write(2, 0x4800_9000L, new byte[] {3});
            assertThat(result.kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            assertThat(machine.memory().read8(0x4800_9000L)).isEqualTo(3);
        }
    }

    @Nested
    class HardwareThatComesAndGoes {
        private final SimMachine machine = SimMachine.of(DtsReader.read("board.dts", BOARD), List.of(), Map.of());
        private final Toy toy = new Toy();

        @Test
        void laterModelTakesTheNodesNobodyModels() {
            DmaMaster master = machine.master("/soc/master@30000").orElseThrow();
            assertThat(master.write(0, 0x4800_0000L, new byte[] {1}).kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            assertThat(machine.add(toy)).containsExactly("/soc/toy@10000");
            assertThat(machine.modelled()).containsExactly("toy");
            assertThat(master.write(0, 0, new byte[] {1}).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(machine.map(0x10000, 0x1000).read32(0)).isZero();
            assertThat(machine.add(new Toy())).as("it is taken").isEmpty();
        }

        @Test
        void modelThatGoesLeavesNothingBehind() {
            machine.add(toy);
            machine.map(0x10000, 0x1000).write32(0, 1);
            assertThat(machine.modelledBy(toy)).containsExactly("toy");
            assertThat(machine.remove(toy)).containsExactly("/soc/toy@10000");
            int[] calls = {0};
            machine.interrupts().request(37, "test", () -> {
                calls[0]++;
                return true;
            });
            assertThat(calls[0]).as("its interrupt fell").isZero();
            assertThatThrownBy(() -> machine.map(0x10000, 0x1000).read32(0)).isInstanceOf(ExternalAbortException.class);
            assertThat(machine.master("/soc/master@30000").orElseThrow().write(0, 0x4800_0000L, new byte[1]).kind())
                    .isEqualTo(DmaResult.Kind.UNTRANSLATED);
            assertThat(machine.modelled()).isEmpty();
            assertThat(machine.remove(toy)).isEmpty();
            assertThat(machine.add(new Toy())).as("its place is free").containsExactly("/soc/toy@10000");
        }
    }

    @Nested
    class MemoryAndTime {

        @Test
        void memoryIsWhatTheTreeSaysWithoutWhatItReserves() {
            SimMachine machine = machine(new Toy(), Map.of());
            assertThat(machine.memory().isMemory(0x4800_0000L, 0x10_0000)).isTrue();
            assertThat(machine.memory().isMemory(0x6000_0000L, 0x1000)).isTrue();
            assertThat(machine.memory().isMemory(0x6000_1000L, 1)).isFalse();
            long page = machine.pages().allocate(4096, 4096, 40);
            while (page != 0) {
                assertThat(page).isGreaterThanOrEqualTo(0x4800_2000L);
                page = machine.pages().allocate(4096, 4096, 40);
            }
            assertThat(machine.pages().allocatedBytes()).isEqualTo(0x10_0000 - 0x2000 + 0x1000);
        }

        @Test
        void boardWithoutMemoryGetsOneGigabyte() {
            SimMachine machine = SimMachine.of(DtsReader.read("bare.dts", "/dts-v1/;\n/ { };"), List.of(), Map.of());
            assertThat(machine.memory().isMemory(0x4000_0000L, 1L << 30)).isTrue();
        }

        @Test
        void timeMovesOnlyWhenSomebodyWaits() {
            SimMachine machine = machine(new Toy(), Map.of());
            machine.map(0x10000, 0x1000).read32(0);
            assertThat(machine.delay().nanos()).isZero();
            machine.delay().micros(3);
            assertThat(machine.delay().nanos()).isEqualTo(3000);
            assertThatThrownBy(() -> machine.delay().micros(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void everyRealTreeMakesAMachine() throws java.io.IOException {
        Path folder = Path.of(System.getProperty("latebind.shared", "../../shared"), "data", "dtb");
        Assumptions.assumeTrue(Files.isDirectory(folder), () -> "the compiled trees are not here: " + folder);
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".dtb")).sorted().toList()) {
                DeviceTree tree = DtbReader.read(file);
                SimMachine machine = SimMachine.of(tree, BuiltInModels.factories(), Map.of());
                long wanted = tree.nodes().stream().filter(n -> n.has("iommus")).count();
                assertThat(machine.masters().size()).as("%s", file).isGreaterThanOrEqualTo((int) wanted);
                assertThat(machine.findings()).as("%s", file).isEmpty();
            }
        }
    }
}
