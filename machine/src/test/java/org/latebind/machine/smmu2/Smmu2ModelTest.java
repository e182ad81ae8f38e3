package org.latebind.machine.smmu2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.hardware.DmaResult.Kind;

/** The model alone: what transactions become, what it records, and what it complains about. */
class Smmu2ModelTest {

    private static final long PAGE = 0x82000000L;
    private static final long RW1 = 0xf47;
    private static final long RW2 = 0x7ff;

    @Nested
    class Streams {

        @Test
        void everythingPassesWhileTheClientPortIsDisabled() {
            assertThat(Hardware.v2().read(PAGE).kind()).isEqualTo(Kind.UNTRANSLATED);
        }

        @Test
        void anUnmatchedStreamFaultsAndIsRecorded() {
            Hardware hw = Hardware.v2();
            hw.open(0);
            assertThat(hw.read(PAGE).kind()).isEqualTo(Kind.FAULT);
            assertThat(hw.mmio.read32(Offsets.SGFSR)).isEqualTo(Offsets.USF);
            assertThat(hw.mmio.read32(Offsets.SGFSYNR1)).isEqualTo(0x10);
            assertThat(hw.write(PAGE).kind()).isEqualTo(Kind.FAULT);
            assertThat(hw.mmio.read32(Offsets.SGFSR)).isEqualTo(Offsets.USF | Offsets.MULTI);
            hw.gr0(Offsets.SGFSR, -1);
            assertThat(hw.mmio.read32(Offsets.SGFSR)).isZero();
        }

        @Test
        void severalMatchesFaultAndAreFound() {
            Hardware hw = Hardware.v2();
            hw.stream(0, 0x10, Offsets.TYPE_BYPASS << 16);
            hw.stream(1, 0x10, Offsets.TYPE_BYPASS << 16);
            hw.open(0);
            assertThat(hw.read(PAGE).kind()).isEqualTo(Kind.FAULT);
            assertThat(hw.mmio.read32(Offsets.SGFSR)).isEqualTo(Offsets.SMCF);
            assertThat(hw.rules()).containsExactly("smmu2-smr-conflict", "smmu2-stream-match-conflict");
        }

        @Test
        void aMaskedEntryMatchesTheWholeSet() {
            Hardware hw = Hardware.v2();
            hw.gr0(Offsets.S2CR, Offsets.TYPE_BYPASS << 16);
            hw.gr0(Offsets.SMR, 1 << 31 | 0xf << 16 | 0x10);
            hw.open(0);
            assertThat(hw.read(PAGE).kind()).isEqualTo(Kind.UNTRANSLATED);
            assertThat(hw.machine.master(Hardware.MASTER).orElseThrow().read(1, PAGE, new byte[4]).kind())
                    .isEqualTo(Kind.UNTRANSLATED);
        }

        @Test
        void streamIndexingUsesTheIdAsIndex() {
            Hardware hw = new Hardware("arm,smmu-v2", Map.of("smmu2.stream-matching", "false"));
            hw.gr0(Offsets.S2CR + 4 * 0x10, Offsets.TYPE_BYPASS << 16);
            hw.open(0);
            assertThat(hw.read(PAGE).kind()).isEqualTo(Kind.UNTRANSLATED);
            hw.gr0(Offsets.S2CR + 4 * 0x10, Offsets.TYPE_FAULT << 16);
            assertThat(hw.read(PAGE).kind()).isEqualTo(Kind.FAULT);
            hw.gr0(Offsets.SMR, 5);
            assertThat(hw.rules()).containsExactly("smmu2-register-absent");
        }

        @Test
        void onlyTheImplementedIdBitsAreKept() {
            Hardware hw = new Hardware("arm,smmu-v2", Map.of("smmu2.stream-id-bits", "10"));
            hw.gr0(Offsets.SMR, 0x7fff7fff);
            assertThat(hw.mmio.read32(Offsets.SMR)).isEqualTo(0x03ff03ff);
        }

        @Test
        void aContextThatIsNotThereIsAGlobalFault() {
            Hardware hw = Hardware.v2();
            hw.stream(0, 0x10, 77);
            hw.open(0);
            assertThat(hw.read(PAGE).kind()).isEqualTo(Kind.FAULT);
            assertThat(hw.mmio.read32(Offsets.SGFSR)).isEqualTo(Offsets.UCBF);
            assertThat(hw.rules()).containsExactly("smmu2-context-absent");
        }
    }

    @Nested
    class Stages {

        @Test
        void stageOneTranslatesAndChecksRights() {
            Hardware hw = Hardware.v2();
            long root = hw.stage1(0, 3);
            hw.map(root, 0x1000, PAGE, RW1);
            hw.map(root, 0x2000, PAGE, RW1 | 1 << 7);
            hw.stream(0, 0x10, 0);
            hw.open(0);
            assertThat(hw.read(0x1000).kind()).isEqualTo(Kind.TRANSLATED);
            assertThat(hw.write(0x2000).kind()).isEqualTo(Kind.FAULT);
            assertThat(hw.readCb(0, Offsets.FSR) & Offsets.FSR_FAULTS).isEqualTo(Offsets.PF);
            assertThat(hw.readCb(0, Offsets.FSYNR0) & 1 << 4).isNotZero();
            assertThat(hw.readCb(0, Offsets.FAR)).isEqualTo(0x2000);
            assertThat(hw.mmio.read32(0x1000 + Offsets.CBFRSYNRA)).isEqualTo(0x10);
            assertThat(hw.rules()).isEmpty();
        }

        @Test
        void anAddressBeyondTheInputSizeIsATranslationFault() {
            Hardware hw = Hardware.v2();
            hw.stage1(0, 0);
            hw.stream(0, 0x10, 0);
            hw.open(0);
            assertThat(hw.read(1L << 39).detail()).contains("translation fault");
        }

        @Test
        void aClearAccessFlagFaults() {
            Hardware hw = Hardware.v2();
            hw.map(hw.stage1(0, 0), 0x1000, PAGE, RW1 & ~0x400);
            hw.stream(0, 0x10, 0);
            hw.open(0);
            assertThat(hw.read(0x1000).detail()).contains("access flag fault");
        }

        @Test
        void stageTwoHasRightsOfItsOwn() {
            Hardware hw = Hardware.v2();
            hw.map(hw.stage2(0, 5), 0x8000001000L, PAGE, RW2 & ~(1 << 7));
            hw.stream(0, 0x10, 0);
            hw.open(0);
            assertThat(hw.read(0x8000001000L).kind()).isEqualTo(Kind.TRANSLATED);
            assertThat(hw.write(0x8000001000L).kind()).isEqualTo(Kind.FAULT);
            assertThat(hw.rules()).isEmpty();
        }

        @Test
        void nestedWalksItsTablesThroughTheSecondStage() {
            Hardware hw = Hardware.v2();
            long second = hw.stage2(1, 5);
            long first = hw.stage1(0, 2);
            hw.cb(0, Offsets.SCTLR, 0);
            hw.gr1(Offsets.CBAR, 3 << 16 | 1 << 8 | 5);
            hw.cb(0, Offsets.TCR, 0x803519);
            hw.cb64(0, Offsets.TTBR0, first | 2L << 48);
            hw.cb(0, Offsets.SCTLR, 0x1067);
            hw.map(first, 0x1000, 0x40000000L, RW1);
            hw.map(second, 0x40000000L, PAGE, RW2);
            hw.stream(0, 0x10, 0);
            hw.open(0);
            assertThat(hw.read(0x1000).detail()).as("tables are not mapped at stage 2").contains("external fault");
            for (long table = first; table < first + 0x8000; table += 0x1000) {
                hw.map(second, table, table, RW2);
            }
            hw.cb(0, Offsets.FSR, -1);
            assertThat(hw.read(0x1000).kind()).isEqualTo(Kind.TRANSLATED);
            assertThat(hw.rules()).isEmpty();
        }

        @Test
        void shortDescriptorsAreWalked() {
            Hardware hw = new Hardware("arm,smmu-v1", Map.of());
            long root = 0x81100000L;
            hw.machine.memory().write32(root + 4, 0x82000000 | 0x31c02 & 0xfffff);
            hw.gr1(Offsets.CBAR, 0x1f300);
            hw.cb(0, Offsets.TCR, 0);
            hw.cb(0, Offsets.CONTEXTIDR, 1);
            hw.cb(0, Offsets.TTBR0, (int) root | 0x6a);
            hw.cb(0, Offsets.SCTLR, 0x1067);
            hw.stream(0, 0x10, 0);
            hw.open(0);
            assertThat(hw.read(0x100000).kind()).isEqualTo(Kind.TRANSLATED);
            assertThat(hw.read(0x200000).kind()).isEqualTo(Kind.FAULT);
        }

        @Test
        void hardwareAnswersAddressTranslationOnVersionOne() {
            Hardware hw = new Hardware("arm,mmu-401", Map.of());
            hw.map(hw.stage1(0, 0), 0x1000, PAGE, RW1);
            hw.cb64(0, Offsets.ATS1PR, 0x1000);
            assertThat(hw.readCb(0, Offsets.PAR)).isEqualTo((int) PAGE);
            hw.cb64(0, Offsets.ATS1PR, 0x5000);
            assertThat(hw.readCb(0, Offsets.PAR) & 1).isEqualTo(1);
        }
    }

    @Nested
    class Tlb {
        private final Hardware hw = Hardware.v2();
        private final long root = hw.stage1(0, 3);

        Tlb() {
            hw.map(root, 0x1000, PAGE, RW1);
            hw.stream(0, 0x10, 0);
            hw.open(0);
            assertThat(hw.read(0x1000).kind()).isEqualTo(Kind.TRANSLATED);
            hw.map(root, 0x1000, 0, 0);
        }

        @Test
        void keepsAnEntryUntilItIsTold() {
            assertThat(hw.read(0x1000).kind()).isEqualTo(Kind.TRANSLATED);
            assertThat(hw.rules()).containsExactly("smmu2-stale-translation");
        }

        @Test
        void keepsAnEntryUntilTheSynchronisation() {
            hw.cb64(0, Offsets.TLBIVAL, 1 | 3L << 48);
            assertThat(hw.read(0x1000).kind()).isEqualTo(Kind.TRANSLATED);
            assertThat(hw.rules()).containsExactly("smmu2-sync-missing");
            hw.cb(0, Offsets.TLBSYNC, -1);
            assertThat(hw.read(0x1000).kind()).isEqualTo(Kind.FAULT);
        }

        @Test
        void theOtherAddressSpaceKeepsItsEntries() {
            hw.cb64(0, Offsets.TLBIVAL, 1 | 4L << 48);
            hw.cb(0, Offsets.TLBIASID, 4);
            hw.gr0(Offsets.TLBIVMID, 9);
            hw.gr0(Offsets.STLBGSYNC, -1);
            assertThat(hw.read(0x1000).kind()).isEqualTo(Kind.TRANSLATED);
        }

        @Test
        void aContextsSynchronisationDoesNotCompleteGlobalOperations() {
            hw.gr0(Offsets.TLBIVMID, 0);
            hw.cb(0, Offsets.TLBSYNC, -1);
            assertThat(hw.read(0x1000).kind()).isEqualTo(Kind.TRANSLATED);
            hw.gr0(Offsets.STLBGSYNC, -1);
            assertThat(hw.read(0x1000).kind()).isEqualTo(Kind.FAULT);
        }

        @Test
        void aLeafOperationLeavesTheWalkCache() {
            hw.cb64(0, Offsets.TLBIVAL, 1 | 3L << 48);
            hw.cb(0, Offsets.TLBSYNC, -1);
            hw.machine.memory().write64(root, hw.table() | 3);
            hw.map(root, 0x1000, PAGE, RW1);
            hw.read(0x1000);
            assertThat(hw.rules()).containsExactly("smmu2-stale-walk-cache");
        }
    }

    @Nested
    class Complaints {
        private final Hardware hw = Hardware.v2();

        @Test
        void aStreamLedToADisabledContext() {
            hw.open(0);
            hw.stream(0, 0x10, 0);
            assertThat(hw.rules()).containsExactly("smmu2-context-not-set-up");
        }

        @Test
        void aMatchBeforeItsTarget() {
            hw.gr0(Offsets.SMR, 1 << 31);
            assertThat(hw.rules()).containsExactly("smmu2-smr-before-s2cr");
        }

        @Test
        void tablesBeforeTheirControl() {
            hw.cb64(0, Offsets.TTBR0, PAGE);
            assertThat(hw.rules()).containsExactly("smmu2-ttbr-before-tcr");
        }

        @Test
        void aContextStartedWithoutTables() {
            hw.cb(0, Offsets.SCTLR, 1);
            assertThat(hw.rules()).containsExactly("smmu2-context-started-before-tables");
        }

        @Test
        void aLiveContextChanged() {
            hw.stage1(0, 0);
            hw.cb(0, Offsets.TCR, 0x803518);
            assertThat(hw.rules()).containsExactly("smmu2-context-changed-while-enabled");
        }

        @Test
        void aContextDisabledUnderItsStreams() {
            hw.stage1(0, 0);
            hw.stream(0, 0x10, 0);
            hw.cb(0, Offsets.SCTLR, 0);
            assertThat(hw.rules()).containsExactly("smmu2-context-disabled-in-use");
        }

        @Test
        void oneTagForTwoTables() {
            hw.stage1(0, 3);
            hw.stage1(1, 3);
            assertThat(hw.rules()).containsExactly("smmu2-tag-shared");
        }

        @Test
        void aTagReusedWhileItsEntriesAreCached() {
            hw.map(hw.stage1(0, 3), 0x1000, PAGE, RW1);
            hw.stream(0, 0x10, 0);
            hw.open(0);
            hw.read(0x1000);
            hw.gr0(Offsets.S2CR, Offsets.TYPE_FAULT << 16);
            hw.cb(0, Offsets.SCTLR, 0);
            hw.stage1(0, 3);
            assertThat(hw.rules()).containsExactly("smmu2-tag-reused-without-invalidation");
        }

        @Test
        void clientsServedBeforeTheTlbWasEmptied() {
            hw.gr0(Offsets.SCR0, 0);
            assertThat(hw.rules()).containsExactly("smmu2-enabled-with-unknown-tlb");
        }

        @Test
        void clientsServedBeforeTheSynchronisation() {
            hw.gr0(Offsets.TLBIALLNSNH, -1);
            hw.gr0(Offsets.SCR0, 0);
            assertThat(hw.rules()).containsExactly("smmu2-enabled-before-sync");
        }

        @Test
        void identificationWritten() {
            hw.gr0(Offsets.ID0, 1);
            assertThat(hw.rules()).containsExactly("smmu2-read-only-register");
        }

        @Test
        void stageOneInABankOfStageTwo() {
            Hardware first = new Hardware("arm,smmu-v2", Map.of("smmu2.stage2-banks", "2"));
            first.stage1(1, 0);
            assertThat(first.rules()).containsExactly("smmu2-stage1-in-stage2-bank");
        }

        @Test
        void versionTwoRegistersOnVersionOne() {
            Hardware one = new Hardware("arm,mmu-400", Map.of());
            one.gr1(Offsets.CBA2R, 1);
            one.cb(0, Offsets.TLBIIPAS2, 0);
            assertThat(one.rules()).containsOnly("smmu2-register-absent");
        }

        @Test
        void resumeWithNothingHeld() {
            hw.cb(0, Offsets.RESUME, 0);
            assertThat(hw.rules()).containsExactly("smmu2-resume-nothing-held");
        }

        @Test
        void theLockedPrefetcher() {
            Hardware mmu500 = new Hardware("arm,mmu-500", Map.of());
            mmu500.cb(0, Offsets.ACTLR, 1);
            assertThat(mmu500.rules()).containsExactly("smmu2-actlr-locked");
            assertThat(mmu500.readCb(0, Offsets.ACTLR)).isEqualTo(3);
        }
    }
}
