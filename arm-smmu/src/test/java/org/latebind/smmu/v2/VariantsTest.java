package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Bound;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.hardware.Mmio;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.Protection;
import org.latebind.iommu.core.Configuration;

/** What differs between implementations and parameters. */
class VariantsTest {

    private static final String SMMU = "/iommu@2b400000";
    private static final String A = "/dma@10000000";
    private static final String B = "/dma@10010000";
    private static final int SIZE = 0x20000;

    private static TestBoard board(String compatible, int cells, String more, String masters, Map<String, String> options,
            Parameters parameters) {
        return TestBoard.of(TestBoard.smmu(compatible, SIZE, cells, 8, more) + masters, options, parameters);
    }

    private static String master(String address, String iommus) {
        return "dma@" + address + " { compatible = \"test,dma\"; iommus = " + iommus + "; };\n";
    }

    private static Mmio registers(TestBoard board) {
        return board.machine.map(0x2b400000L, SIZE);
    }

    private static void expectTranslated(TestBoard board, String path) {
        long iova = 0x5000;
        board.domain(path).map(iova, 0x80001000L, 4096, 1, Protection.READ);
        for (int stream = 0; stream < board.machine.master(path).orElseThrow().streams(); stream++) {
            assertThat(board.read(path, stream, iova).kind()).as(path + " stream " + stream).isEqualTo(Kind.TRANSLATED);
        }
    }

    @Nested
    class Refusals {

        private ProbeResult probe(String text, Map<String, String> options, Parameters parameters) {
            return TestBoard.of(text, options, parameters).probe(SMMU);
        }

        private void expect(ProbeResult result, String words) {
            assertThat(result).isInstanceOfSatisfying(Failed.class, f -> {
                assertThat(f.errno()).isEqualTo(Errno.ENODEV);
                assertThat(f.text()).contains(words);
            });
        }

        @Test
        void withoutTheNumberOfGlobalInterrupts() {
            expect(probe(TestBoard.smmu("\"arm,smmu-v2\"", SIZE, 1, 8, "").replace("#global-interrupts = <1>;", ""), Map.of(),
                    Parameters.DEFAULT), "missing #global-interrupts");
        }

        @Test
        void withoutContextInterrupts() {
            expect(probe(TestBoard.smmu("\"arm,smmu-v2\"", SIZE, 1, 0, ""), Map.of(), Parameters.DEFAULT), "expected at least 2");
        }

        @Test
        void withFewerInterruptsThanContextsOnVersionTwo() {
            expect(probe(TestBoard.smmu("\"arm,smmu-v2\"", SIZE, 1, 2, ""), Map.of("smmu2.context-banks", "4"),
                    Parameters.DEFAULT), "found only 2 context irq(s) but 4 required");
        }

        @Test
        void withoutAnyStage() {
            expect(probe(TestBoard.smmu("\"arm,mmu-400\"", SIZE, 1, 2, ""), Map.of(), new Parameters(true, 1, false, false)),
                    "no translation support");
        }

        @Test
        void withMoreStageTwoBanksThanBanks() {
            expect(probe(TestBoard.smmu("\"arm,smmu-v2\"", SIZE, 1, 4, ""), Map.of("smmu2.stage2-banks", "5"),
                    Parameters.DEFAULT), "impossible number of S2 context banks");
        }

        @Test
        void aFailedProbeLeavesNothingBehind() {
            TestBoard board = TestBoard.of(TestBoard.smmu("\"arm,smmu-v2\"", SIZE, 1, 2, ""), Map.of("smmu2.context-banks", "4"),
                    Parameters.DEFAULT);
            board.probe(SMMU);
            assertThat(board.machine.interruptHandlers()).isZero();
            assertThat(board.machine.pages().allocatedBytes()).isZero();
        }
    }

    @Nested
    class Specifiers {

        @Test
        void twoCellsAreIdAndMask() {
            TestBoard board = board("\"arm,mmu-500\"", 2, "", master("10000000", "<&smmu 0x400 0x2f>"), Map.of(),
                    Parameters.DEFAULT);
            board.probe(SMMU);
            board.configure(A);
            assertThat(board.client(A).id(0)).isEqualTo(0x2f << 16 | 0x400);
            expectTranslated(board, A);
            assertThat(board.findings()).isEmpty();
        }

        @Test
        void theMatchMaskOfTheNodeAppliesToOneCell() {
            TestBoard board = board("\"arm,mmu-500\"", 1, "stream-match-mask = <0x7f80>;", master("10000000", "<&smmu 0x14>"),
                    Map.of(), Parameters.DEFAULT);
            board.probe(SMMU);
            board.configure(A);
            assertThat(registers(board).read32(Registers.smr(0))).isEqualTo(0x80000000 | 0x7f80 << 16 | 0x14);
        }

        @Test
        void anIdOutsideTheHardwaresRangeIsRefused() {
            TestBoard board = board("\"arm,mmu-500\"", 1, "", master("10000000", "<&smmu 0x400>"),
                    Map.of("smmu2.stream-id-bits", "10"), Parameters.DEFAULT);
            board.probe(SMMU);
            assertThat(board.configure(A)).isInstanceOfSatisfying(Configuration.Untranslated.class,
                    u -> assertThat(u.errno()).isEqualTo(Errno.EINVAL));
            assertThat(board.smmu(SMMU).state().streams().inUse()).isZero();
        }

        @Test
        void conflictingMastersAreNotBothServed() {
            TestBoard board = board("\"arm,mmu-500\"", 2, "", master("10000000", "<&smmu 0x10 0>")
                    + master("10010000", "<&smmu 0x10 0xf>"), Map.of(), Parameters.DEFAULT);
            board.probe(SMMU);
            assertThat(board.configure(A)).isInstanceOf(Configuration.Grouped.class);
            assertThat(board.configure(B)).isInstanceOf(Configuration.Untranslated.class);
            expectTranslated(board, A);
            assertThat(board.findings()).isEmpty();
        }

        @Test
        void mastersOfOneStreamAreOneGroupAndTheLastOneFreesTheEntry() {
            TestBoard board = board("\"arm,mmu-401\"", 1, "", master("10000000", "<&smmu 3>") + master("10010000", "<&smmu 3>"),
                    Map.of(), Parameters.DEFAULT);
            board.probe(SMMU);
            board.configure(A);
            board.configure(B);
            assertThat(board.core.groups()).hasSize(1);
            board.core.release(board.client(A));
            expectTranslated(board, B);
            board.core.release(board.client(B));
            assertThat(board.smmu(SMMU).state().streams().inUse()).isZero();
            assertThat(board.smmu(SMMU).state().banksInUse()).isZero();
            assertThat(board.findings()).isEmpty();
        }

        @Test
        void aMasterThatTiesTwoGroupsTogetherIsRefused() {
            TestBoard board = board("\"arm,mmu-401\"", 1, "", master("10000000", "<&smmu 3>") + master("10010000", "<&smmu 4>")
                    + master("10020000", "<&smmu 3>, <&smmu 4>"), Map.of(), Parameters.DEFAULT);
            board.probe(SMMU);
            board.configure(A);
            board.configure(B);
            assertThat(board.configure("/dma@10020000")).isInstanceOfSatisfying(Configuration.Untranslated.class,
                    u -> assertThat(u.errno()).isEqualTo(Errno.EINVAL));
            board.core.release(board.client(A));
            board.core.release(board.client(B));
            assertThat(board.smmu(SMMU).state().streams().inUse()).isZero();
        }

        @Test
        void streamIndexingIsServedWithoutMatching() {
            TestBoard board = board("\"arm,smmu-v2\"", 1, "", master("10000000", "<&smmu 0x20>, <&smmu 0x21>"),
                    Map.of("smmu2.stream-matching", "false"), Parameters.DEFAULT);
            assertThat(board.probe(SMMU)).isInstanceOf(Bound.class);
            board.configure(A);
            expectTranslated(board, A);
            board.core.release(board.client(A));
            assertThat(board.read(A, 0, 0x5000).kind()).isEqualTo(Kind.FAULT);
            assertThat(board.findings()).isEmpty();
        }
    }

    @Nested
    class WideIds {
        /** ID0 of a version 2 with EXIDS, 15 + 1 id bits, 64 entries; ID2 with VMID16. */
        private final Map<String, String> options = Map.of("smmu2.id0", "0x7c013f40", "smmu2.id2", "0xf555");

        @Test
        void sixteenBitStreamsAreMatchedByExtendedEntries() {
            TestBoard board = board("\"arm,smmu-v2\"", 1, "", master("10000000", "<&smmu 0x8010>, <&smmu 0xffff>")
                    + master("10010000", "<&smmu 0x10>"), options, Parameters.DEFAULT);
            board.probe(SMMU);
            assertThat(board.configure(A)).isInstanceOf(Configuration.Grouped.class);
            assertThat(board.configure(B)).isInstanceOf(Configuration.Grouped.class);
            expectTranslated(board, A);
            expectTranslated(board, B);
            assertThat(registers(board).read32(Registers.SCR0) & Registers.SCR0_EXIDENABLE).isNotZero();
            board.core.release(board.client(A));
            assertThat(board.read(A, 0, 0x5000).kind()).isEqualTo(Kind.FAULT);
            assertThat(board.findings()).isEmpty();
        }

        @Test
        void sixteenBitVmidsStandInTheSecondAttributeRegister() {
            TestBoard board = board("\"arm,smmu-v2\"", 1, "", master("10000000", "<&smmu 0x10>"), options,
                    new Parameters(true, 2, false, false));
            board.probe(SMMU);
            board.configure(A);
            assertThat(registers(board).read32(0x1000 + Registers.cba2r(0))).isEqualTo(1 << 16 | 1);
            assertThat(registers(board).read32(0x1000 + Registers.cbar(0))).isZero();
            expectTranslated(board, A);
            assertThat(board.findings()).isEmpty();
        }
    }

    @Nested
    class FixedDomains {

        @Test
        void identityPassesAndBlockedAborts() {
            TestBoard board = board("\"arm,smmu-v2\"", 1, "", master("10000000", "<&smmu 3>"), Map.of(), Parameters.DEFAULT);
            board.probe(SMMU);
            board.configure(A);
            Domain identity = board.smmu(SMMU).allocate(DomainType.IDENTITY, board.client(A));
            Domain blocked = board.smmu(SMMU).allocate(DomainType.BLOCKED, board.client(A));
            assertThat(identity.attach(board.client(A))).isNull();
            assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(Kind.UNTRANSLATED);
            assertThat(blocked.attach(board.client(A))).isNull();
            assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(Kind.FAULT);
        }
    }

    @Nested
    class FirmwareStreams {
        private final String splash = "\"qcom,sdm845-smmu-500\", \"arm,mmu-500\"";

        @Test
        void keepRunningUntilTheirDeviceComes() {
            TestBoard board = board(splash, 2, "", master("10000000", "<&smmu 0x880 0x8>") + master("10010000", "<&smmu 1 0>"),
                    Map.of("smmu2.firmware-streams", "0x880/0x8"), Parameters.DEFAULT);
            assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(Kind.UNTRANSLATED);
            board.probe(SMMU);
            assertThat(board.read(A, 0, 0x80000000L).kind()).as("splash goes on").isEqualTo(Kind.UNTRANSLATED);
            assertThat(board.read(B, 0, 0x80000000L).kind()).as("others do not").isEqualTo(Kind.FAULT);
            board.configure(A);
            expectTranslated(board, A);
            assertThat(board.findings()).isEmpty();
        }

        @Test
        void areBrokenByADriverThatDoesNotKnowThem() {
            TestBoard board = board("\"arm,mmu-500\"", 2, "", master("10000000", "<&smmu 0x880 0x8>"),
                    Map.of("smmu2.firmware-streams", "0x880/0x8"), Parameters.DEFAULT);
            board.probe(SMMU);
            assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(Kind.FAULT);
        }

        @Test
        void bypassThroughADisabledContextWhereTheFirmwareRefusesBypass() {
            TestBoard board = board(splash, 2, "", master("10000000", "<&smmu 3 0>"), Map.of("smmu2.bypass-quirk", "true"),
                    Parameters.DEFAULT);
            board.probe(SMMU);
            board.configure(A);
            assertThat(board.smmu(SMMU).allocate(DomainType.IDENTITY, board.client(A)).attach(board.client(A))).isNull();
            assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(Kind.UNTRANSLATED);
            assertThat(board.findings()).isEmpty();
        }
    }

    @Test
    void calxedasSecureViewIsReachedThroughItsAliases() {
        TestBoard board = board("\"arm,smmu-v1\"", 1, "calxeda,smmu-secure-config-access;", master("10000000", "<&smmu 3>"),
                Map.of(), Parameters.DEFAULT);
        board.probe(SMMU);
        board.configure(A);
        expectTranslated(board, A);
        board.read(A, 0, 0x9000);
        assertThat(board.findings()).isEmpty();
    }

    @Test
    void caviumsInstancesUseNoTagTwice() {
        String second = TestBoard.smmu("\"cavium,smmu-v2\"", SIZE, 1, 8, "").replace("smmu:", "other:")
                .replace("2b400000", "2b500000");
        TestBoard board = board("\"cavium,smmu-v2\"", 1, "", second + master("10000000", "<&smmu 3>")
                + master("10010000", "<&other 3>"), Map.of(), Parameters.DEFAULT);
        board.probe(SMMU);
        board.probe("/iommu@2b500000");
        board.configure(A);
        board.configure(B);
        assertThat(board.domain(A).describe()).contains("ASID 0,");
        assertThat(board.domain(B).describe()).contains("ASID 8,");
    }

    @Test
    void resumeRestoresEverythingAfterALossOfPower() {
        TestBoard board = board("\"arm,mmu-500\"", 1, "", master("10000000", "<&smmu 3>"), Map.of(), Parameters.DEFAULT);
        board.probe(SMMU);
        board.configure(A);
        expectTranslated(board, A);
        board.bound.get(SMMU).binding().suspend();
        board.machine.reset(SMMU);
        assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(Kind.UNTRANSLATED);
        board.bound.get(SMMU).binding().resume();
        assertThat(board.read(A, 0, 0x5000).kind()).isEqualTo(Kind.TRANSLATED);
        assertThat(board.read(A, 0, 0x6000).kind()).isEqualTo(Kind.FAULT);
        assertThat(board.findings()).isEmpty();
    }

    @Test
    void shutdownLetsEverythingPass() {
        TestBoard board = board("\"arm,mmu-500\"", 1, "", master("10000000", "<&smmu 3>"), Map.of(), Parameters.DEFAULT);
        board.probe(SMMU);
        board.configure(A);
        board.bound.get(SMMU).binding().shutdown();
        assertThat(board.devices.get(SMMU).log).anyMatch(l -> l.contains("disabling translation"));
        assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(Kind.UNTRANSLATED);
    }

    @Nested
    class LegacyBinding {
        private final String boards = """
                smmu: iommu@2b400000 { compatible = "arm,smmu-v1"; reg = <0 0x2b400000 0 0x20000>; #global-interrupts = <1>;
                  interrupts = <0 100 4>, <0 101 4>; mmu-masters = <&dma 5 6>; };
                other: iommu@2b500000 { compatible = "arm,smmu-v1"; reg = <0 0x2b500000 0 0x20000>; #global-interrupts = <1>;
                  interrupts = <0 110 4>, <0 111 4>; #iommu-cells = <1>; };
                dma: dma@10000000 { compatible = "test,dma"; #stream-id-cells = <2>; };
                """;

        @Test
        void mastersAreTranslatedWithTheIdsTheSmmuNames() {
            TestBoard board = TestBoard.of(boards);
            board.probe(SMMU);
            assertThat(board.configureLegacy(A)).isInstanceOf(Configuration.Grouped.class);
            expectTranslated(board, A);
            assertThat(board.findings()).isEmpty();
        }

        @Test
        void asLinuxTheyGetIdentity() {
            TestBoard board = TestBoard.of(boards, Map.of(), new Parameters(true, 0, true, false));
            board.probe(SMMU);
            board.configureLegacy(A);
            assertThat(board.core.groupOf(board.client(A)).orElseThrow().current().type()).isEqualTo(DomainType.IDENTITY);
            assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(Kind.UNTRANSLATED);
        }

        @Test
        void asLinuxTheFirstInstanceDecidesForAll() {
            for (boolean legacyFirst : new boolean[] {true, false}) {
                TestBoard board = TestBoard.of(boards, Map.of(), new Parameters(true, 0, true, false));
                board.probe(legacyFirst ? SMMU : "/iommu@2b500000");
                assertThat(board.probe(legacyFirst ? "/iommu@2b500000" : SMMU)).isInstanceOfSatisfying(Failed.class,
                        f -> assertThat(f.text()).contains("mismatched DT properties"));
            }
        }

        @Test
        void otherwiseBothBindingsMayMeet() {
            TestBoard board = TestBoard.of(boards);
            assertThat(board.probe("/iommu@2b500000")).isInstanceOf(Bound.class);
            assertThat(board.probe(SMMU)).isInstanceOf(Bound.class);
        }
    }
}
