package org.latebind.machine.smmu3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.machine.Verdict;

/** Several contexts of one stream, chosen by the substream, and transactions that wait: what QEMU's SMMUv3 has not. */
class SubstreamsTest {

    private static final long STREAMS = 0x4100_0000L;
    private static final long CONTEXTS = 0x4110_0000L;
    private static final long LEAF = 0x4120_0000L;
    private static final long COMMANDS = 0x4105_0000L;
    private static final long EVENTS = 0x4106_0000L;
    private static final long TABLES = 0x4130_0000L;
    private static final int SID = 8;
    private static final int DSS_TERMINATE = 0;
    private static final int DSS_BYPASS = 1;
    private static final int DSS_CONTEXT_0 = 2;

    /** Stalling is a choice, two-level descriptor tables, 16 substream bits. */
    private final StandAlone unit = new StandAlone(0x4000_0000L, 0x4000_0000L, Map.of("smmu3.idr0", "0x0c4c101b",
            "smmu3.idr1", "0x02730410"));
    private int producer;

    SubstreamsTest() {
        unit.registers().write(0x80, 8, STREAMS);
        unit.write(0x88, 8);
        unit.registers().write(0x90, 8, COMMANDS | 8);
        unit.registers().write(0xa0, 8, EVENTS | 4);
        unit.write(0x20, 0xc);
        command(0x04, 31);
        command(0x30, 0);
        unit.write(0x20, 0xd);
    }

    private void command(long low, long high) {
        unit.memory().write64(COMMANDS + 16L * (producer & 0xff), low);
        unit.memory().write64(COMMANDS + 16L * (producer & 0xff) + 8, high);
        producer = producer + 1 & 0x1ff;
        unit.write(0x98, producer);
    }

    private void entry(int format, int contextBits, int dss) {
        unit.memory().write64(STREAMS + 64L * SID, 0xbL | (long) format << 4 | CONTEXTS | (long) contextBits << 59);
        unit.memory().write64(STREAMS + 64L * SID + 8, 0xd4 | dss);
        command(0x03 | (long) SID << 32, 1);
    }

    /** A context of its own table, in which 0x1000 leads to 0x5000_0000 + 0x1000 * asid. */
    private void context(long at, int asid, boolean stalls) {
        long table = TABLES + 0x4000L * asid;
        unit.memory().write64(at, 0xe205_c000_3519L | (stalls ? 1L << 44 : 0) | (long) asid << 48);
        unit.memory().write64(at + 8, table);
        unit.memory().write64(table, table + 0x1000 | 3);
        unit.memory().write64(table + 0x1000, table + 0x2000 | 3);
        unit.memory().write64(table + 0x2008, 0x5000_0000L + 0x1000L * asid | 0xf43);
    }

    private long event(int word) {
        int index = (unit.read(0x100a8) & 0xf) - 1 & 0xf;
        return unit.memory().read64(EVENTS + 32L * index + 8L * word);
    }

    private Verdict with(int substream) {
        return unit.translate(SID, substream, 0x1008, false);
    }

    @Nested
    class Descriptors {

        @ParameterizedTest
        @CsvSource({"0,3", "1,70", "2,1030"})
        void areFoundInTablesOfEveryFormat(int format, int substream) {
            int leafBits = format == 1 ? 6 : 10;
            long at = format == 0 ? CONTEXTS + 64L * substream : LEAF + 64L * (substream & (1 << leafBits) - 1);
            if (format != 0) {
                unit.memory().write64(CONTEXTS + 8L * (substream >>> leafBits), LEAF | 1);
            }
            context(at, 7, false);
            entry(format, 11, DSS_TERMINATE);
            assertThat(with(substream)).isEqualTo(Verdict.translated(0x5000_7008L));
            assertThat(unit.findings).isEmpty();
        }

        @Test
        void ofTwoSubstreamsAreApartAndDroppedApart() {
            context(CONTEXTS + 64, 1, false);
            context(CONTEXTS + 128, 2, false);
            entry(0, 4, DSS_TERMINATE);
            assertThat(with(1).physicalAddress()).isEqualTo(0x5000_1008L);
            assertThat(with(2).physicalAddress()).isEqualTo(0x5000_2008L);
            context(CONTEXTS + 64, 3, false);
            context(CONTEXTS + 128, 4, false);
            command(0x05 | 1L << 12 | (long) SID << 32, 1);
            assertThat(with(1).physicalAddress()).isEqualTo(0x5000_3008L);
            assertThat(with(2).physicalAddress()).as("not told").isEqualTo(0x5000_2008L);
            command(0x06 | (long) SID << 32, 0);
            assertThat(with(2).physicalAddress()).isEqualTo(0x5000_4008L);
        }

        @Test
        void aSubstreamThatIsNotThereIsRecordedWithItsNumber() {
            context(CONTEXTS, 1, false);
            entry(0, 4, DSS_CONTEXT_0);
            assertThat(with(16).detail()).startsWith("C_BAD_SUBSTREAMID");
            assertThat(event(0)).isEqualTo(0x08L | 1 << 11 | 16L << 12 | (long) SID << 32);
            assertThat(with(0).detail()).as("context 0 belongs to traffic without substream").startsWith("C_BAD_SUBSTREAMID");
            entry(0, 0, DSS_CONTEXT_0);
            assertThat(with(1).detail()).as("one context only").startsWith("C_BAD_SUBSTREAMID");
            entry(2, 11, DSS_CONTEXT_0);
            unit.memory().write64(CONTEXTS + 8, 0);
            assertThat(with(1030).detail()).as("level 1 not valid").startsWith("C_BAD_SUBSTREAMID");
        }

        @Test
        void trafficWithoutSubstreamGoesWhereTheEntrySays() {
            context(CONTEXTS, 1, false);
            entry(0, 4, DSS_CONTEXT_0);
            assertThat(unit.translate(SID, 0x1008, false).physicalAddress()).isEqualTo(0x5000_1008L);
            entry(0, 4, DSS_BYPASS);
            assertThat(unit.translate(SID, 0x1008, false).kind()).isEqualTo(Kind.UNTRANSLATED);
            entry(0, 4, DSS_TERMINATE);
            assertThat(unit.translate(SID, 0x1008, false).detail()).startsWith("F_STREAM_DISABLED");
        }
    }

    @Nested
    class Stalls {

        private static final long RETRY = 1 << 12;

        private int stall() {
            context(CONTEXTS, 1, true);
            entry(0, 0, DSS_CONTEXT_0);
            assertThat(unit.translate(SID, 0x9000, true).detail()).contains("stalled");
            assertThat(event(0) & 0xff).isEqualTo(0x10);
            assertThat(event(1) >>> 31 & 1).isEqualTo(1);
            return (int) event(1) & 0xffff;
        }

        @Test
        void waitForTheirOwnTagAndAreTriedAgainOnce() {
            int tag = stall();
            command(0x44 | RETRY | (long) SID << 32, tag + 1);
            assertThat(unit.rules()).containsExactly("smmu3-resume-nothing-held");
            assertThat(unit.retries(SID, 0x9000)).isFalse();
            command(0x44 | RETRY | (long) SID << 32, tag);
            assertThat(unit.retries(SID, 0x9000)).isTrue();
            assertThat(unit.retries(SID, 0x9000)).isFalse();
        }

        @Test
        void areAbortedByResumeAndByStallTerm() {
            int tag = stall();
            command(0x44 | 2 << 12 | (long) SID << 32, tag);
            assertThat(unit.retries(SID, 0x9000)).isFalse();
            int second = stall();
            command(0x45 | (long) SID << 32, 0);
            command(0x44 | RETRY | (long) SID << 32, second);
            assertThat(unit.rules()).as("it is gone").containsExactly("smmu3-resume-nothing-held");
        }

        @Test
        void endAtOnceWhenTheirEventCannotBeWritten() {
            context(CONTEXTS, 1, true);
            entry(0, 0, DSS_CONTEXT_0);
            unit.write(0x20, 0x9);
            assertThat(unit.translate(SID, 0x9000, true).detail()).contains("terminated");
            unit.write(0x20, 0xd);
            assertThat(unit.retries(SID, 0x9000)).isFalse();
        }

        @Test
        void aResumeOfAnUnknownKindIsIllegal() {
            command(0x44 | 3 << 12 | (long) SID << 32, 0);
            assertThat(unit.read(0x9c) >>> 24).isEqualTo(1);
        }
    }
}
