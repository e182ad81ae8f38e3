package org.latebind.machine.smmu3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.machine.Verdict;

/** What the model refuses, keeps and complains about beyond what transcripts of a forgiving device can show. */
class StrictSmmuV3Test {

    private static final long RAM = 0x4000_0000L;
    private static final long STREAMS = 0x4100_0000L;
    private static final long CONTEXT = 0x4104_0000L;
    private static final long COMMANDS = 0x4105_0000L;
    private static final long EVENTS = 0x4106_0000L;
    private static final long TABLE1 = 0x4110_0000L;
    private static final long TABLE2 = 0x4120_0000L;
    private static final int SID = 8;
    private static final String BOTH_STAGES = "0x0d44101b";
    private static final long S2_FLAGS = 1L << 51 | 1L << 54 | 1L << 58;

    private final StandAlone unit = new StandAlone(RAM, 0x4000_0000L, Map.of("smmu3.idr0", BOTH_STAGES));
    private int producer;

    private void enable() {
        unit.registers().write(0x80, 8, STREAMS);
        unit.write(0x88, 8);
        unit.registers().write(0x90, 8, COMMANDS | 8);
        unit.registers().write(0xa0, 8, EVENTS | 4);
        unit.write(0x2c, 2);
        unit.write(0x20, 0xc);
        command(0x04, 31);
        command(0x30, 0);
        unit.write(0x20, 0xd);
        assertThat(unit.findings).isEmpty();
    }

    private void command(long low, long high) {
        unit.memory().write64(COMMANDS + 16L * (producer & 0xff), low);
        unit.memory().write64(COMMANDS + 16L * (producer & 0xff) + 8, high);
        producer = producer + 1 & 0x1ff;
        unit.write(0x98, producer);
    }

    private void entry(long... words) {
        for (int i = 0; i < words.length; i++) {
            unit.memory().write64(STREAMS + 64L * SID + 8L * i, words[i]);
        }
        command(0x03 | (long) SID << 32, 1);
    }

    /** A 39-bit 4K stage-1 context; TTB0 at TABLE1. */
    private void context(int asid) {
        unit.memory().write64(CONTEXT, 0xe205_c000_3519L & 0xffff_ffff_ffffL | (long) asid << 48);
        unit.memory().write64(CONTEXT + 8, TABLE1);
        unit.memory().write64(CONTEXT + 24, 0xf404ff44L);
        command(0x05 | (long) SID << 32, 1);
    }

    /** Maps one page at stage 1: tables of three levels from TABLE1 on. */
    private void mapStage1(long iova, long output, long attributes) {
        table(TABLE1, iova >>> 30 & 0x1ff, TABLE1 + 0x1000 | 3);
        table(TABLE1 + 0x1000, iova >>> 21 & 0x1ff, TABLE1 + 0x2000 | 3);
        table(TABLE1 + 0x2000, iova >>> 12 & 0x1ff, output | attributes);
    }

    /** Maps one 2 MiB block at stage 2: 40 bits, start level 1, two concatenated tables. */
    private void mapStage2(long ipa, long output, long attributes) {
        table(TABLE2, ipa >>> 30 & 0x3ff, TABLE2 + 0x4000 + (ipa >>> 30 << 12) | 3);
        table(TABLE2 + 0x4000 + (ipa >>> 30 << 12), ipa >>> 21 & 0x1ff, output | attributes);
    }

    private void table(long base, long index, long descriptor) {
        unit.memory().write64(base + 8 * index, descriptor);
    }

    private static long stage2Word(int vmid) {
        return vmid | 0x23558L << 32 | S2_FLAGS;
    }

    private long[] lastEvent() {
        int index = (unit.read(0x100a8) & 0xf) - 1 & 0xf;
        long[] words = new long[4];
        for (int i = 0; i < 4; i++) {
            words[i] = unit.memory().read64(EVENTS + 32L * index + 8L * i);
        }
        return words;
    }

    private void stage1(int asid) {
        context(asid);
        entry(0xbL | CONTEXT, 0xd6, 0, 0);
    }

    @Nested
    class SecondStage {

        private static final long BLOCK_RW = 0x7fd;

        @Test
        void translatesAndFaultsWithTheIntermediateAddress() {
            enable();
            mapStage2(0x4020_0000L, 0x5000_0000L, BLOCK_RW);
            entry(0xd, 0, stage2Word(5), TABLE2);
            assertThat(unit.translate(SID, 0x4020_1234L, true)).isEqualTo(Verdict.translated(0x5000_1234L));
            assertThat(unit.translate(SID, 0x4060_1234L, false).kind()).isEqualTo(Kind.FAULT);
            assertThat(lastEvent()).containsExactly(0x10L | (long) SID << 32, 1L << 35 | 1L << 39 | 2L << 40, 0x4060_1234L,
                    0x4060_1000L);
            assertThat(unit.findings).isEmpty();
        }

        @Test
        void keepsAnUnmappedTranslationUntilItsCommandAndSaysSo() {
            enable();
            mapStage2(0x4020_0000L, 0x5000_0000L, BLOCK_RW);
            entry(0xd, 0, stage2Word(5), TABLE2);
            unit.translate(SID, 0x4020_0000L, false);
            mapStage2(0x4020_0000L, 0, 0);
            assertThat(unit.translate(SID, 0x4020_0000L, false).kind()).isEqualTo(Kind.TRANSLATED);
            assertThat(unit.rules()).containsExactly("smmu3-stale-translation");
            command(0x28 | 6L << 32, 0);
            assertThat(unit.translate(SID, 0x4020_0000L, false).kind()).as("another VMID").isEqualTo(Kind.TRANSLATED);
            command(0x2a | 5L << 32, 0x4020_0001L);
            assertThat(unit.translate(SID, 0x4020_0000L, false).kind()).isEqualTo(Kind.FAULT);
        }

        @Test
        void nestedWalksGoThroughItAndFaultsSayWhichStage() {
            enable();
            mapStage1(0x1000, 0x4400_0000L, 0xf43);
            mapStage2(CONTEXT & -0x20_0000L, CONTEXT & -0x20_0000L, BLOCK_RW);
            mapStage2(0x4400_0000L, 0x5200_0000L, BLOCK_RW);
            context(1);
            entry(0xfL | CONTEXT, 0xd6, stage2Word(3), TABLE2);
            assertThat(unit.translate(SID, 0x1008, true)).isEqualTo(Verdict.translated(0x5200_0008L));
            command(0x28 | 3L << 32, 0);
            mapStage2(0x4400_0000L, 0, 0);
            assertThat(unit.translate(SID, 0x1008, true).kind()).isEqualTo(Kind.FAULT);
            assertThat(lastEvent()).containsExactly(0x10L | (long) SID << 32, 1L << 39 | 2L << 40, 0x1008L, 0x4400_0000L);
            mapStage2(CONTEXT & -0x20_0000L, CONTEXT & -0x20_0000L, BLOCK_RW & ~0x3cL);
            command(0x28 | 3L << 32, 0);
            assertThat(unit.translate(SID, 0x1008, true).kind()).as("walk through device memory, S2PTW").isEqualTo(Kind.FAULT);
            assertThat(lastEvent()[0] & 0xff).isEqualTo(0x13);
            assertThat(lastEvent()[1]).isEqualTo(1L << 39 | 1L << 40);
            assertThat(unit.findings).isEmpty();
        }

        @Test
        void nestedTranslationSurvivesAnInvalidationOfTheIntermediateAddressAlone() {
            enable();
            mapStage1(0x1000, 0x4400_0000L, 0xf43);
            mapStage2(CONTEXT & -0x20_0000L, CONTEXT & -0x20_0000L, BLOCK_RW);
            mapStage2(0x4400_0000L, 0x5200_0000L, BLOCK_RW);
            context(1);
            entry(0xfL | CONTEXT, 0xd6, stage2Word(3), TABLE2);
            unit.translate(SID, 0x1008, true);
            mapStage2(0x4400_0000L, 0, 0);
            command(0x2a | 3L << 32, 0x4400_0001L);
            assertThat(unit.translate(SID, 0x1008, true).kind()).isEqualTo(Kind.TRANSLATED);
            command(0x10 | 3L << 32, 0);
            assertThat(unit.translate(SID, 0x1008, true).kind()).isEqualTo(Kind.FAULT);
        }
    }

    @Nested
    class Complaints {

        @Test
        void anEntryChangedWithoutItsCommandIsUsedAndReported() {
            enable();
            entry(9, 0, 0, 0);
            unit.translate(SID, 0x1000, false);
            unit.memory().write64(STREAMS + 64L * SID, 1);
            assertThat(unit.translate(SID, 0x1000, false).kind()).isEqualTo(Kind.UNTRANSLATED);
            assertThat(unit.rules()).containsExactly("smmu3-stale-configuration");
            command(0x03 | (long) SID << 32, 1);
            assertThat(unit.translate(SID, 0x1000, false).kind()).isEqualTo(Kind.BLOCKED);
        }

        @Test
        void aContextChangedWithoutItsCommandIsUsedAndReported() {
            enable();
            mapStage1(0x1000, 0x4400_0000L, 0xf43);
            stage1(1);
            unit.translate(SID, 0x1000, false);
            unit.memory().write64(CONTEXT, 0);
            assertThat(unit.translate(SID, 0x1000, false).kind()).isEqualTo(Kind.TRANSLATED);
            assertThat(unit.rules()).containsExactly("smmu3-stale-configuration");
        }

        @Test
        void aRangeWithTheWrongLevelHintLeavesTheTranslation() {
            enable();
            mapStage1(0x1000, 0x4400_0000L, 0xf43);
            stage1(1);
            unit.translate(SID, 0x1000, false);
            mapStage1(0x1000, 0, 0);
            long range = 0x1000 | 1 << 10 | 1;
            command(0x12 | 1L << 48, range | 2 << 8);
            assertThat(unit.translate(SID, 0x1000, false).kind()).isEqualTo(Kind.TRANSLATED);
            command(0x12 | 1L << 48, range | 3 << 8);
            assertThat(unit.translate(SID, 0x1000, false).kind()).isEqualTo(Kind.FAULT);
        }

        @Test
        void registersWrittenInTheWrongStateAreReported() {
            enable();
            unit.write(0x2c, 6);
            unit.registers().write(0x80, 8, STREAMS);
            unit.write(0x9c, 0);
            unit.write(0x100a8, 0);
            unit.write(0x44, 0x100000);
            unit.write(0x64, 1);
            assertThat(unit.findings).hasSize(7).allMatch(f -> f.rule().equals("smmu3-register-state"));
            assertThat(unit.read(0x9c)).as("CMDQ_CONS is read-only while the queue runs").isEqualTo(2);
        }

        @Test
        void queueMisuseIsReported() {
            enable();
            unit.write(0x20, 0);
            unit.registers().write(0x90, 8, COMMANDS + 0x40 | 8);
            unit.write(0x98, 0x102);
            unit.write(0x9c, 0);
            unit.write(0x20, 8);
            assertThat(unit.rules()).contains("smmu3-queue-misuse");
            assertThat(unit.findings.stream().filter(f -> f.rule().equals("smmu3-queue-misuse"))).hasSize(2);
        }

        @Test
        void enablingWithoutDroppingTheCachesIsReported() {
            unit.write(0x20, 1);
            assertThat(unit.rules()).containsExactly("smmu3-enabled-with-unknown-caches");
        }

        @Test
        void illegalEntriesAreReportedAndRecorded() {
            enable();
            entry(0xb | CONTEXT, 1 << 30, 0, 0);
            assertThat(unit.translate(SID, 0, false).detail()).startsWith("C_BAD_STE");
            entry(0xb | CONTEXT, 0xd6, 0, 0);
            assertThat(unit.translate(SID, 0, false).detail()).startsWith("C_BAD_CD");
            assertThat(unit.rules()).containsExactly("smmu3-illegal-configuration");
        }
    }

    @Nested
    class Architecture {

        @Test
        void bypassAttributesAbortWhileDisabled() {
            assertThat(unit.translate(SID, 0x1000, false).kind()).isEqualTo(Kind.UNTRANSLATED);
            unit.write(0x44, 0x80100000);
            assertThat(unit.read(0x44)).isEqualTo(0x100000);
            assertThat(unit.translate(SID, 0x1000, false).kind()).isEqualTo(Kind.BLOCKED);
        }

        @Test
        void accessFlagAddressSizeAndPrivilegeFault() {
            enable();
            stage1(1);
            mapStage1(0x1000, 0x4400_0000L, 0xb43);
            assertThat(unit.translate(SID, 0x1000, false).detail()).startsWith("F_ACCESS");
            mapStage1(0x1000, 1L << 46, 0xf43);
            unit.memory().write64(CONTEXT, unit.memory().read64(CONTEXT) & ~(7L << 32) | 4L << 32);
            command(0x05 | (long) SID << 32, 1);
            assertThat(unit.translate(SID, 0x1000, false).detail()).startsWith("F_ADDR_SIZE");
            mapStage1(0x1000, 0x4400_0000L, 0xf03);
            assertThat(unit.translate(SID, 0x1000, false).detail()).startsWith("F_PERMISSION");
            assertThat(lastEvent()[1]).isEqualTo(1L << 35 | 2L << 40);
        }

        @Test
        void fullEventQueueTogglesTheOverflowFlagOnceAndLeavesGlobalErrorsAlone() {
            enable();
            stage1(1);
            for (int i = 0; i < 20; i++) {
                unit.translate(SID, 0x1000, false);
            }
            assertThat(unit.read(0x100a8)).isEqualTo(0x8000_0010);
            assertThat(unit.read(0x60)).isZero();
            unit.write(0x100ac, 0x8000_0010);
            unit.translate(SID, 0x1000, false);
            assertThat(unit.read(0x100a8)).isEqualTo(0x8000_0011);
        }

        @Test
        void globalEntriesServeEveryAsidAndSurviveAnInvalidationByAsid() {
            enable();
            mapStage1(0x1000, 0x4400_0000L, 0x743);
            stage1(1);
            unit.translate(SID, 0x1000, false);
            context(2);
            mapStage1(0x1000, 0x4500_0000L, 0x743);
            command(0x11 | 1L << 48, 0);
            assertThat(unit.translate(SID, 0x1000, false).physicalAddress()).isEqualTo(0x4400_0000L);
            command(0x12 | 77L << 48, 0x1001);
            assertThat(unit.translate(SID, 0x1000, false).physicalAddress()).isEqualTo(0x4500_0000L);
        }

        @Test
        void commandsOfAbsentFeaturesAreIllegal() {
            for (long opcode : new long[] {0x20, 0x22, 0x40, 0x41, 0x44, 0x45, 0x46 | 3 << 12, 0x30 | 1 << 10, 0x50}) {
                StrictSmmuV3Test fresh = new StrictSmmuV3Test();
                fresh.enable();
                fresh.command(opcode, 0);
                assertThat(fresh.unit.read(0x9c) >>> 24).as("command 0x%x", opcode).isEqualTo(1);
                assertThat(fresh.unit.read(0x60)).isEqualTo(1);
            }
        }

        @Test
        void lossOfPowerForgetsRegistersAndCaches() {
            enable();
            entry(9, 0, 0, 0);
            unit.translate(SID, 0x1000, false);
            unit.powerCycle();
            assertThat(unit.read(0x20)).isZero();
            assertThat(unit.read(0x90)).isEqualTo(0x13);
        }
    }
}
