package org.latebind.machine.ipmmu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DtsReader;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Mmio;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;

/** The IPMMU as hardware, driven register by register. */
class IpmmuModelTest {

    private static final String BOARD = "/dts-v1/;\n/ { #address-cells = <1>; #size-cells = <1>;"
            + " compatible = \"renesas,r8a7795\";"
            + " memory@48000000 { device_type = \"memory\"; reg = <0x48000000 0x100000>; };"
            + " gic: gic { #interrupt-cells = <3>; };"
            + " leaf: iommu@e6740000 { compatible = \"renesas,ipmmu-r8a7795\"; reg = <0xe6740000 0x1000>;"
            + " renesas,ipmmu-main = <&mm 0>; #iommu-cells = <1>; };"
            + " mm: iommu@e67b0000 { compatible = \"renesas,ipmmu-r8a7795\"; reg = <0xe67b0000 0x1000>;"
            + " interrupt-parent = <&gic>; interrupts = <0 196 4>; #iommu-cells = <1>; };"
            + " dma@1000 { reg = <0x1000 0x1000>; iommus = <&leaf 2>, <&leaf 32>, <&leaf 60>; }; };";

    private static final long L1 = 0x4801_0000L;
    private static final long L2 = 0x4801_1000L;
    private static final long L3 = 0x4801_2000L;
    private static final long TABLE = 0x8000_0000_0000_0003L;
    private static final long PAGE_RW = 0xE63L;
    private static final long PAGE_RO = 0xEE3L;

    private SimMachine machine;
    private Mmio root;
    private Mmio leaf;
    private DmaMaster master;

    @BeforeEach
    void power() {
        power(Map.of());
    }

    private void power(Map<String, String> options) {
        machine = SimMachine.of(DtsReader.read("board.dts", BOARD), BuiltInModels.factories(), options);
        root = machine.map(0xe67b0000L, 0x1000);
        leaf = machine.map(0xe6740000L, 0x1000);
        master = machine.master("/dma@1000").orElseThrow();
        machine.memory().write64(L1, L2 | TABLE);
        machine.memory().write64(L2, L3 | TABLE);
        page(0, 0x4802_0000L | PAGE_RW);
    }

    private void page(int index, long descriptor) {
        machine.memory().write64(L3 + 8L * index, descriptor);
    }

    private void tables(int context) {
        root.write32(0x40 * context + 0x10, (int) L1);
        root.write32(0x40 * context + 0x14, 0);
        root.write32(0x40 * context + 0x08, 0x80000080);
    }

    private void start() {
        tables(1);
        leaf.write32(0x40, 7);
        root.write32(0x40, 7);
        machine.delay().micros(10);
        leaf.write32(0x320, 0x13);
    }

    private DmaResult.Kind write(long address) {
        return master.write(0, address, new byte[] {1}).kind();
    }

    private List<String> rules() {
        return machine.findings().stream().map(Finding::rule).toList();
    }

    @Nested
    class RegisterMap {

        @Test
        void contextsLieWhereTheTableSays() {
            int[] gen4 = {0x10000, 0x11040, 0x12080, 0x130C0, 0x14100, 0x15140, 0x16180, 0x171C0, 0x18800, 0x19840, 0x1A880,
                0x1B8C0, 0x1C900, 0x1D940, 0x1E980, 0x1F9C0};
            for (int n = 0; n < 16; n++) {
                assertThat(IpmmuGeneration.GEN4.locate(gen4[n] + 0x20))
                        .isEqualTo(new IpmmuGeneration.Location(IpmmuGeneration.Kind.CONTEXT, n, 0x20));
            }
            for (int n = 0; n < 8; n++) {
                assertThat(IpmmuGeneration.GEN3.locate(0x40 * n).index()).isEqualTo(n);
            }
            assertThat(IpmmuGeneration.GEN2.locate(0x8C8))
                    .isEqualTo(new IpmmuGeneration.Location(IpmmuGeneration.Kind.CONTEXT, 3, 8));
        }

        @Test
        void microTlbsLieWhereTheTableSays() {
            int[][] numbersAndOffsets = {{0, 0x300}, {16, 0x400}, {31, 0x4F0}, {32, 0x600}, {35, 0x630}, {47, 0x6F0},
                {63, 0x7F0}};
            for (int[] pair : numbersAndOffsets) {
                IpmmuGeneration.Location control = IpmmuGeneration.GEN4.locate(0x3000 + pair[1]);
                assertThat(control).isEqualTo(new IpmmuGeneration.Location(IpmmuGeneration.Kind.UTLB_CONTROL, pair[0], 0));
                assertThat(IpmmuGeneration.GEN4.locate(0x3008 + pair[1]).kind()).isEqualTo(IpmmuGeneration.Kind.UTLB_ASID);
                if (pair[0] < 48) {
                    assertThat(IpmmuGeneration.GEN3.locate(pair[1]).index()).isEqualTo(pair[0]);
                }
            }
            assertThat(IpmmuGeneration.GEN3.locate(0x700).kind()).isEqualTo(IpmmuGeneration.Kind.UNKNOWN);
            assertThat(IpmmuGeneration.GEN3.locate(0x500).kind()).isEqualTo(IpmmuGeneration.Kind.CONTROL);
            assertThat(IpmmuGeneration.GEN4.locate(0x1504).kind()).isEqualTo(IpmmuGeneration.Kind.AUX_CONTROL);
            assertThat(IpmmuGeneration.GEN2.locate(0x800 + 0x4F0).index()).isEqualTo(31);
            assertThat(IpmmuGeneration.GEN2.locate(0x800 + 0x600).kind()).isEqualTo(IpmmuGeneration.Kind.UNKNOWN);
            assertThat(IpmmuGeneration.GEN2.locate(0x10).kind()).isEqualTo(IpmmuGeneration.Kind.SECURE_BANK);
        }

        @Test
        void generationsAreToldByTheirNames() {
            for (String soc : List.of("r8a7790", "r8a7743", "r8a73a4")) {
                assertThat(IpmmuGeneration.of(List.of("renesas,ipmmu-" + soc, "renesas,ipmmu-vmsa")))
                        .isEqualTo(IpmmuGeneration.GEN2);
            }
            assertThat(IpmmuGeneration.of(List.of("renesas,ipmmu-r8a774a1"))).isEqualTo(IpmmuGeneration.GEN3);
            assertThat(IpmmuGeneration.of(List.of("renesas,ipmmu-mmu-r8a7795"))).isEqualTo(IpmmuGeneration.GEN3);
            assertThat(IpmmuGeneration.of(List.of("renesas,ipmmu-r8a779a0"))).isEqualTo(IpmmuGeneration.GEN4);
            assertThat(IpmmuGeneration.of(List.of("renesas,ipmmu-r8a779h0", "renesas,rcar-gen4-ipmmu-vmsa")))
                    .isEqualTo(IpmmuGeneration.GEN4);
            assertThat(IpmmuGeneration.of(List.of("arm,smmu-v3"))).isNull();
        }

        @Test
        void unknownRegistersAndRegistersOfTheOtherKindAreReported() {
            leaf.write32(0x700, 1);
            leaf.write32(0x50, 1);
            root.write32(0x320, 1);
            assertThat(rules()).containsExactly("ipmmu-unknown-register", "ipmmu-context-register-on-leaf",
                    "ipmmu-unknown-register");
        }

        @Test
        void microTlb32WrittenBehind31IsTheTrap() {
            start();
            leaf.write32(0x500, 0x13);
            assertThat(rules()).containsExactly("ipmmu-utlb-range-trap");
            assertThat(master.write(1, 0x4800_0000L, new byte[1]).kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
        }

        @Test
        void leafHasNoVa64AndKeepsThreeBits() {
            tables(1);
            leaf.write32(0x40, 0x20000005);
            assertThat(leaf.read32(0x40)).isEqualTo(5);
        }
    }

    @Nested
    class Protocol {

        @Test
        void rightSequenceHasNoFinding() {
            start();
            assertThat(write(0x123)).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(machine.memory().read8(0x4802_0123L)).isEqualTo(1);
            leaf.write32(0x320, 0);
            leaf.write32(0x40, 2);
            root.write32(0x40, 2);
            assertThat(rules()).isEmpty();
        }

        @Test
        void contextBeforeItsTables() {
            root.write32(0x40, 7);
            assertThat(rules()).containsExactly("ipmmu-context-before-tables");
        }

        /** Bases of an earlier life are still there; that does not make them this life's. */
        @Test
        void contextReusedWithoutNewTables() {
            start();
            leaf.write32(0x320, 0);
            leaf.write32(0x40, 2);
            root.write32(0x40, 2);
            machine.delay().micros(10);
            leaf.write32(0x40, 7);
            root.write32(0x40, 7);
            assertThat(rules()).containsExactly("ipmmu-context-before-tables");
        }

        @Test
        void rootBeforeLeafOnStartInvalidationAndStop() {
            tables(1);
            root.write32(0x40, 7);
            leaf.write32(0x40, 7);
            assertThat(rules()).containsExactly("ipmmu-root-before-leaf");
            leaf.write32(0x320, 0x13);
            root.write32(0x40, 7);
            assertThat(rules()).containsExactly("ipmmu-root-before-leaf");
            root.write32(0x40, 7);
            assertThat(rules()).containsExactly("ipmmu-root-before-leaf", "ipmmu-root-before-leaf");
            leaf.write32(0x320, 0);
            root.write32(0x40, 2);
            assertThat(rules()).hasSize(3).containsOnly("ipmmu-root-before-leaf");
        }

        @Test
        void microTlbOnADeadContext() {
            leaf.write32(0x320, 0x13);
            assertThat(rules()).containsExactly("ipmmu-utlb-on-dead-context");
            assertThat(write(0x4800_0000L)).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            assertThat(rules()).contains("ipmmu-dma-on-dead-context");
            power(Map.of(IpmmuFactory.STRICT, "true"));
            leaf.write32(0x320, 0x13);
            assertThat(write(0x4800_0000L)).isEqualTo(DmaResult.Kind.FAULT);
        }

        @Test
        void danglingMicroTlb() {
            start();
            leaf.write32(0x40, 0);
            root.write32(0x40, 0);
            assertThat(rules()).containsExactly("ipmmu-dangling-utlb", "ipmmu-dangling-utlb");
        }

        @Test
        void tableChangedUnderARunningContext() {
            start();
            root.write32(0x50, (int) L2);
            assertThat(rules()).containsExactly("ipmmu-context-changed-while-running");
        }

        @Test
        void staleEntryIsUsedAndReportedUntilItIsInvalidated() {
            start();
            write(0);
            page(0, 0);
            assertThat(write(4)).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(rules()).containsExactly("ipmmu-stale-translation");
            leaf.write32(0x40, 7);
            root.write32(0x40, 7);
            write(4);
            assertThat(rules()).containsExactly("ipmmu-stale-translation", "ipmmu-flush-not-awaited");
            while ((root.read32(0x40) & 2) != 0) {
                machine.delay().micros(1);
            }
            assertThat(write(4)).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(rules()).hasSize(2);
        }

        /** The root alone forgets nothing for its leaves. */
        @Test
        void invalidationOfTheRootAloneLeavesTheLeafStale() {
            start();
            write(0);
            page(0, 0);
            root.write32(0x40, 7);
            machine.delay().micros(10);
            write(0);
            assertThat(rules()).containsExactly("ipmmu-root-before-leaf", "ipmmu-stale-translation");
        }

        @Test
        void contextSetUpAgainWhileItsInvalidationRuns() {
            start();
            leaf.write32(0x320, 0);
            leaf.write32(0x40, 2);
            root.write32(0x40, 2);
            root.write32(0x50, (int) L1);
            assertThat(rules()).containsExactly("ipmmu-flush-not-awaited");
        }

        @Test
        void wideAccessesAndMastersBeyondTheMicroTlbsAreReported() {
            root.write64(0x50, L1);
            assertThat(root.read32(0x50)).isEqualTo((int) L1);
            assertThat(master.write(2, 0x4800_0000L, new byte[1]).kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            assertThat(rules()).containsExactly("ipmmu-access-size", "ipmmu-utlb-out-of-range");
        }
    }

    @Nested
    class Faults {

        @Test
        void translationFaultIsRecordedOnceUntilZeroIsWritten() {
            start();
            write(0x5678);
            write(0x7000);
            assertThat(root.read32(0x60) & 0x17).isEqualTo(1);
            assertThat(root.read32(0x60) >>> 12 & 3).isEqualTo(3);
            assertThat(root.read32(0x70)).isEqualTo(0x5678);
            root.write32(0x60, root.read32(0x60));
            assertThat(root.read32(0x60) & 0x17).isEqualTo(1);
            root.write32(0x60, 0);
            assertThat(root.read32(0x60)).isZero();
            assertThat(root.read32(0x70)).isZero();
        }

        @Test
        void lineIsALevelWhileAFaultIsThereAndInterruptsAreOn() {
            int[] calls = {0};
            machine.interrupts().request(228, "test", () -> {
                calls[0]++;
                root.write32(0x60, 0);
                return true;
            });
            start();
            write(0x5000);
            assertThat(calls[0]).isEqualTo(1);
            leaf.write32(0x40, 3);
            root.write32(0x40, 3);
            machine.delay().micros(5);
            write(0x5000);
            assertThat(calls[0]).isEqualTo(1);
            root.write32(0x40, 5);
            assertThat(calls[0]).isEqualTo(2);
        }

        @Test
        void permissionAndSecurityFaultsHaveTheirCodes() {
            start();
            page(1, 0x4802_1000L | PAGE_RO);
            page(2, 0x4802_2000L | PAGE_RW & ~0x20);
            assertThat(master.read(0, 0x1000, new byte[1]).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(write(0x1000)).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(root.read32(0x60)).isEqualTo(0x2 | 4 << 8 | 3 << 12);
            root.write32(0x60, 0);
            write(0x2000);
            assertThat(root.read32(0x60)).isEqualTo(0x2 | 5 << 8 | 3 << 12);
            root.write32(0x60, 0);
            machine.memory().write64(L2 + 8, L3 | 3);
            write(0x20_0000);
            assertThat(root.read32(0x60)).isEqualTo(0x2 | 5 << 8 | 2 << 12);
        }

        @Test
        void tableThatIsNoMemoryAborts() {
            start();
            machine.memory().write64(L2 + 8, 0x9000_0000L | TABLE);
            assertThat(write(0x20_0000)).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(root.read32(0x60) & 0x17).isEqualTo(4);
        }

        @Test
        void addressesBeyondTheInputFaultWithTheirUpperBits() {
            start();
            write(0x5_0000_1000L);
            assertThat(root.read32(0x70)).isEqualTo(0x1000);
            assertThat(root.read32(0x74)).isEqualTo(5);
        }

        @Test
        void invalidEntriesAreCachedOnlyWhenAsked() {
            start();
            write(0x3000);
            page(3, 0x4802_3000L | PAGE_RW);
            assertThat(write(0x3000)).isEqualTo(DmaResult.Kind.TRANSLATED);
            power(Map.of(IpmmuFactory.CACHE_FAULTS, "true"));
            start();
            write(0x3000);
            page(3, 0x4802_3000L | PAGE_RW);
            assertThat(write(0x3000)).isEqualTo(DmaResult.Kind.FAULT);
        }
    }

    @Nested
    class Stage2 {

        @Test
        void stage2NeedsItsSwitchesAndTranslatesThen() {
            root.write32(0x50, (int) L1);
            root.write32(0x54, 0);
            root.write32(0x48, 0xC0000058);
            root.write32(0x40, 0x20000007);
            leaf.write32(0x40, 7);
            leaf.write32(0x320, 0x11);
            machine.memory().write64(L1 + 8, L2 | 3);
            machine.memory().write64(L2, 0x4800_0000L | 0x7FD);
            assertThat(write(0x4000_0000L)).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(rules()).containsExactly("ipmmu-stage2-setup");
            root.write32(0x504, 8);
            assertThat(write(0x4003_0001L)).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(machine.memory().read8(0x4803_0001L)).isEqualTo(1);
            assertThat(rules()).hasSize(1);
        }
    }
}
