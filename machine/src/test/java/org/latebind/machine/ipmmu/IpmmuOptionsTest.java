package org.latebind.machine.ipmmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.devicetree.DtsReader;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Mmio;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;

/** What the documents leave open about the hardware, row by row: the default of the model and its options. */
class IpmmuOptionsTest {

    private static final long L1 = 0x4801_0000L;
    private static final long L2 = 0x4801_1000L;
    private static final long L3 = 0x4801_2000L;
    private static final long TABLE = 0x8000_0000_0000_0003L;
    private static final long PAGE_RW = 0xE63L;
    private static final long PLACE_A = 0x4802_0000L;
    private static final long PLACE_B = 0x4803_0000L;

    private SimMachine machine;
    private Mmio root;
    private Mmio leaf;
    private DmaMaster master;

    private void power(String compatible, Map<String, String> options) {
        int window = compatible.contains("gen4") ? 0x20000 : 0x1000;
        String own = "compatible = \"" + compatible + "\"; #iommu-cells = <1>; reg = ";
        machine = SimMachine.of(DtsReader.read("board.dts", "/dts-v1/;\n/ { #address-cells = <1>; #size-cells = <1>;"
                + " compatible = \"renesas,r8a7795\"; gic: gic { #interrupt-cells = <3>; };"
                + " memory@48000000 { device_type = \"memory\"; reg = <0x48000000 0x100000>; };"
                + " leaf: iommu@e6740000 { " + own + "<0xe6740000 " + window + ">; renesas,ipmmu-main = <&mm 0>; };"
                + " mm: iommu@e67b0000 { " + own + "<0xe67b0000 " + window + ">; interrupt-parent = <&gic>;"
                + " interrupts = <0 196 4>, <0 197 4>; };"
                + " dma@1000 { reg = <0x1000 0x1000>; iommus = <&leaf 2>, <&leaf 3>; }; };"), BuiltInModels.factories(), options);
        root = machine.map(0xe67b0000L, window);
        leaf = machine.map(0xe6740000L, window);
        master = machine.master("/dma@1000").orElseThrow();
        machine.memory().write64(L1, L2 | TABLE);
        machine.memory().write64(L2, L3 | TABLE);
        machine.memory().write64(L3, PLACE_A | PAGE_RW);
    }

    private void power(Map<String, String> options) {
        power("renesas,ipmmu-r8a7795", options);
    }

    /** Context {@code c} on the tables above, in root and leaf; the invalidation of the start is over. */
    private void start(int c) {
        root.write32(0x40 * c + 0x10, (int) L1);
        root.write32(0x40 * c + 0x14, 0);
        root.write32(0x40 * c + 0x08, 0x80000080);
        leaf.write32(0x40 * c, 7);
        root.write32(0x40 * c, 7);
        machine.delay().micros(10);
    }

    private DmaResult.Kind write(int stream, long address) {
        return master.write(stream, address, new byte[] {1}).kind();
    }

    private List<String> rules() {
        return machine.findings().stream().map(Finding::rule).toList();
    }

    @Nested
    class Switches {

        @Test
        void microTlbThatIsOffPassesUntranslated() {
            power(Map.of());
            start(1);
            assertThat(write(0, 0x4804_0000L)).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            assertThat(machine.memory().read8(0x4804_0000L)).isEqualTo(1);
            assertThat(rules()).isEmpty();
        }

        /** The bug that "write IMCTR twice" mended: the root runs, the leaf was forgotten. */
        @Test
        void rootAloneTranslatesNothing() {
            power(Map.of());
            start(1);
            leaf.write32(0x320, 0x13);
            leaf.write32(0x40, 0);
            assertThat(write(0, 0x4804_0000L)).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            assertThat(rules()).contains("ipmmu-dma-on-dead-context");
            power(Map.of(IpmmuFactory.STRICT, "true"));
            start(1);
            leaf.write32(0x320, 0x13);
            leaf.write32(0x40, 0);
            assertThat(write(0, 0x4804_0000L)).isEqualTo(DmaResult.Kind.FAULT);
        }

        /** TTSEL 8 is the fixed mapping buffer before Gen4, and an ordinary context on Gen4. */
        @Test
        void ttsel8IsNoContextOfGen3() {
            power(Map.of());
            start(1);
            leaf.write32(0x320, 0x81);
            assertThat(write(0, 0x4804_0000L)).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            assertThat(rules()).containsExactly("ipmmu-utlb-on-dead-context", "ipmmu-dma-on-dead-context");
            power("renesas,rcar-gen4-ipmmu-vmsa", Map.of());
            root.write32(0x18800 + 0x10, (int) L1);
            root.write32(0x18800 + 0x14, 0);
            root.write32(0x18800 + 0x08, 0x80000080);
            leaf.write32(0x18800, 7);
            root.write32(0x18800, 7);
            leaf.write32(0x3320, 0x81);
            assertThat(write(0, 0x10)).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(rules()).isEmpty();
        }

        @Test
        void secureInterruptIsNeverRaised() {
            power(Map.of());
            int[] calls = new int[2];
            for (int i = 0; i < 2; i++) {
                int line = i;
                machine.interrupts().request(32 + 196 + i, "test", () -> {
                    calls[line]++;
                    root.write32(0x60, 0);
                    return true;
                });
            }
            start(1);
            leaf.write32(0x320, 0x13);
            write(0, 0x7000);
            assertThat(calls).containsExactly(1, 0);
        }
    }

    @Nested
    class ResetState {

        @Test
        void everythingIsZero() {
            power(Map.of());
            for (int c = 0; c < 8; c++) {
                assertThat(root.read32(0x40 * c)).isZero();
                assertThat(root.read32(0x40 * c + 0x20)).isZero();
                assertThat(leaf.read32(0x40 * c)).isZero();
            }
            assertThat(IntStream.range(0, 32).map(n -> leaf.read32(0x300 + 16 * n)).distinct().toArray()).containsExactly(0);
            assertThat(new int[] {leaf.read32(0x500), root.read32(0x500), root.read32(0x504)}).containsOnly(0);
        }

        @Test
        void dirtyFirmwareLeavesMicroTlbsOn() {
            power(Map.of(IpmmuFactory.DIRTY, "true"));
            assertThat(IntStream.range(0, 5).map(n -> leaf.read32(0x300 + 16 * n)).toArray())
                    .containsExactly(0x11, 0x11, 0x11, 0x11, 0);
        }

        /** H3 ES2.0, M3-N ES1.0 and 1.1, E3 ES1.0 and 1.1: there the boot firmware writes the leaves too. */
        @ParameterizedTest
        @CsvSource({"0x4f10,true", "0x4f20,false", "0x5500,true", "0x5501,true", "0x5511,false", "0x5700,true", "0x5701,true",
            "0x5710,false", "0x5220,false"})
        void bootFirmwareWritesTheRootAlwaysAndLeavesOfSomeCuts(String product, boolean leavesToo) {
            power(Map.of(IpmmuFactory.FIRMWARE, "tf-a", ProductRegisterFactory.VALUE, product));
            assertThat(root.read32(0x500)).isEqualTo(0xC0000000);
            assertThat(root.read32(0x504)).isEqualTo(0x01000000);
            assertThat(leaf.read32(0x500)).isEqualTo(leavesToo ? 0xE0000000 : 0);
            assertThat(leaf.read32(0x504)).isZero();
        }

        @Test
        void secureGroupStopsTheTranslationOfItsLeaf() {
            power(Map.of(IpmmuFactory.SECGRP, "true"));
            start(1);
            leaf.write32(0x320, 0x13);
            assertThat(write(0, 0)).isEqualTo(DmaResult.Kind.BLOCKED);
            leaf.write32(0x500, 0);
            assertThat(write(0, 0)).isEqualTo(DmaResult.Kind.TRANSLATED);
        }

        @Test
        void powerOnValueOfTheSecureGroupComesFromASeed() {
            TreeSet<String> seen = new TreeSet<>();
            for (int seed = 0; seed < 16; seed++) {
                String[] twice = new String[2];
                for (int i = 0; i < 2; i++) {
                    power("renesas,rcar-gen4-ipmmu-vmsa", Map.of(IpmmuFactory.SECGRP, Integer.toString(seed)));
                    twice[i] = Integer.toHexString(root.read32(0x1500)) + " " + Integer.toHexString(leaf.read32(0x1500));
                }
                assertThat(twice[1]).as("seed %d", seed).isEqualTo(twice[0]);
                seen.add(twice[0]);
            }
            assertThat(seen).containsExactlyInAnyOrder("0 0", "0 10000000", "10000000 0", "10000000 10000000");
        }

        @Test
        void registersWithoutPowerAreAnError() {
            power(Map.of(SimMachine.POWER_OFF, "/iommu@e6740000"));
            assertThatThrownBy(() -> leaf.read32(0x300)).isInstanceOf(ExternalAbortException.class);
            assertThat(root.read32(0)).isZero();
            assertThat(machine.findings()).isNotEmpty().allMatch(f -> f.device().equals("/iommu@e6740000"));
        }
    }

    @Nested
    class Invalidation {

        private int microsUntilDone() {
            int micros = 0;
            while ((root.read32(0x40) & 2) != 0 && micros < 1000) {
                machine.delay().micros(1);
                micros++;
            }
            return micros;
        }

        @Test
        void flushReadsOneUntilItIsOver() {
            for (int latency : new int[] {2, 40}) {
                power(latency == 2 ? Map.of() : Map.of(IpmmuFactory.FLUSH_MICROS, "40"));
                start(1);
                machine.delay().micros(100);
                leaf.write32(0x40, 7);
                root.write32(0x40, 7);
                assertThat(microsUntilDone()).isEqualTo(latency);
            }
        }

        @Test
        void stuckFlushNeverEnds() {
            power(Map.of(IpmmuFactory.FLUSH_STUCK, "true"));
            start(1);
            assertThat(microsUntilDone()).isEqualTo(1000);
        }

        @Test
        void oneContextIsInvalidatedAndNoOther() {
            power(Map.of());
            start(1);
            start(2);
            leaf.write32(0x320, 0x13);
            leaf.write32(0x330, 0x23);
            write(0, 0);
            write(1, 0);
            machine.memory().write64(L3, PLACE_B | PAGE_RW);
            leaf.write32(0x40, 7);
            root.write32(0x40, 7);
            machine.delay().micros(10);
            write(0, 1);
            assertThat(machine.memory().read8(PLACE_B + 1)).isEqualTo(1);
            assertThat(rules()).isEmpty();
            write(1, 2);
            assertThat(machine.memory().read8(PLACE_A + 2)).as("context 2 still has the old entry").isEqualTo(1);
            assertThat(rules()).containsExactly("ipmmu-stale-translation");
        }

        /** A micro-TLB is the first of three caches: to flush it alone brings the old entry back from the second. */
        @Test
        void flushOfAMicroTlbAloneIsNotEnough() {
            power(Map.of());
            start(1);
            leaf.write32(0x320, 0x13);
            write(0, 0);
            machine.memory().write64(L3, PLACE_B | PAGE_RW);
            leaf.write32(0x320, 0x13);
            assertThat(leaf.read32(0x320)).as("FLUSH clears itself").isEqualTo(0x11);
            write(0, 3);
            assertThat(machine.memory().read8(PLACE_A + 3)).isEqualTo(1);
            assertThat(rules()).containsExactly("ipmmu-stale-translation");
        }

        @Test
        void oldAndNewEntryAreAMultipleHitWhenAskedFor() {
            power(Map.of(IpmmuFactory.MULTIPLE_HITS, "true"));
            start(1);
            leaf.write32(0x320, 0x13);
            write(0, 0);
            machine.memory().write64(L3, PLACE_B | PAGE_RW);
            assertThat(write(0, 0x24)).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(root.read32(0x60) & 0x17).isEqualTo(0x10);
            assertThat(root.read32(0x70)).isEqualTo(0x24);
            assertThat(rules()).containsExactly("ipmmu-stale-translation");
        }
    }

    @Nested
    class Formats {

        @Test
        void startLevelThatStage1DoesNotHaveIsReported() {
            power(Map.of());
            root.write32(0x50, (int) L1);
            root.write32(0x54, 0);
            root.write32(0x48, 0x800000C0);
            leaf.write32(0x40, 7);
            root.write32(0x40, 7);
            leaf.write32(0x320, 0x13);
            assertThat(write(0, 0)).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(rules()).containsExactly("ipmmu-start-level");
        }

        /** S2PTE missing, PMB missing, SL0 of stage 1, 48-bit input; then as it must be. */
        @ParameterizedTest
        @CsvSource({"0, 0xC0000058, true", "8, 0x80000058, true", "8, 0xC0000098, true", "8, 0xC0000050, true",
            "8, 0xC0000058, false"})
        void stage2NeedsAllItsSwitches(int aux, String ttbcr, boolean wrong) {
            power(Map.of());
            root.write32(0x504, aux);
            root.write32(0x50, (int) L1);
            root.write32(0x54, 0);
            root.write32(0x48, Integer.parseUnsignedInt(ttbcr.substring(2), 16));
            root.write32(0x40, 0x20000007);
            leaf.write32(0x40, 7);
            leaf.write32(0x320, 0x11);
            write(0, 0);
            assertThat(rules()).isEqualTo(wrong ? List.of("ipmmu-stage2-setup") : List.of());
        }

        /** Gen2: what lies below 0x800 belongs to the secure world. */
        @Test
        void secureBankOfGen2IsReported() {
            machine = SimMachine.of(DtsReader.read("gen2.dts", "/dts-v1/;\n/ { #address-cells = <1>; #size-cells = <1>;"
                    + " iommu@e6740000 { compatible = \"renesas,ipmmu-r8a7790\", \"renesas,ipmmu-vmsa\"; #iommu-cells = <1>;"
                    + " reg = <0xe6740000 0x1000>; }; };"), BuiltInModels.factories(), Map.of());
            Mmio registers = machine.map(0xe6740000L, 0x1000);
            registers.write32(0, 7);
            registers.write32(0xA00, 1);
            assertThat(rules()).isEqualTo(Arrays.asList("ipmmu-secure-bank", "ipmmu-unknown-register"));
        }
    }
}
