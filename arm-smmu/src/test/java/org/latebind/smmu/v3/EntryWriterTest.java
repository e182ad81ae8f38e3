package org.latebind.smmu.v3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.machine.memory.SparseMemory;
import org.latebind.pagetable.Registers;

/** Changes of entries as the hardware sees them: after every single store, not only when it is told. */
class EntryWriterTest {

    private static final long ENTRY = 0x1000;
    private static final Capabilities OVERRIDE = Capabilities.of(0x0d44101b, 0x0a730010, 0x1404, 0x75, Errata.NONE);
    private static final Registers.Stage1 TABLE1 = new Registers.Stage1(0x8000_0000L, 5, 0, 3, 1, 1, 16, 0xf404ff44L);
    private static final Registers.Stage1 TABLE2 = new Registers.Stage1(0x9000_0000L, 5, 0, 3, 1, 1, 16, 0xf404ff44L);
    private static final Registers.Stage2 STAGE2 = new Registers.Stage2(0xa000_0000L, 2, 0, 3, 1, 1, 1, 24);

    private final ObservedMemory memory = new ObservedMemory(new SparseMemory(0, 0x10000));
    private final List<long[]> states = new ArrayList<>();
    private int syncs;

    private static long[] entry(String kind) {
        long[] dss = TableEntry.stage1(0x4000, OVERRIDE, false);
        dss[1] = dss[1] & ~3 | 1 | 1L << 44;
        long[] dssElsewhere = TableEntry.stage1(0x5000, OVERRIDE, false);
        dssElsewhere[1] = dssElsewhere[1] & ~3 | 1 | 1L << 44;
        return switch (kind) {
            case "abort" -> TableEntry.abort();
            case "bypass" -> TableEntry.bypass(OVERRIDE);
            case "s1" -> TableEntry.stage1(0x4000, OVERRIDE, false);
            case "s1-dss-bypass" -> dss;
            case "s1-elsewhere-dss-bypass" -> dssElsewhere;
            case "s2" -> TableEntry.stage2(0, STAGE2, OVERRIDE, false);
            case "nested" -> TableEntry.nested(0x4000, 7, STAGE2, OVERRIDE, false);
            case "cd-none" -> new long[TableEntry.WORDS];
            case "cd-1" -> TableEntry.context(1, TABLE1, false);
            case "cd-1-other-asid" -> TableEntry.context(0x4321, TABLE1, false);
            case "cd-2" -> TableEntry.context(2, TABLE2, false);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private void change(long[] from, long[] to, UnaryOperator<long[]> used, long quiet) {
        for (int i = 0; i < from.length; i++) {
            memory.write64(ENTRY + 8L * i, from[i]);
        }
        EntryWriter writer = new EntryWriter(memory, used, quiet);
        memory.observe(address -> states.add(writer.read(ENTRY)));
        writer.write(ENTRY, to, () -> syncs++);
        memory.observe(address -> { });
        assertThat(writer.read(ENTRY)).containsExactly(to);
    }

    private static boolean looksLike(long[] state, long[] entry, UnaryOperator<long[]> used) {
        long[] bits = used.apply(entry);
        for (int i = 0; i < state.length; i++) {
            if (((state[i] ^ entry[i]) & bits[i]) != 0) {
                return false;
            }
        }
        return true;
    }

    @Nested
    class KernelExpectations {

        @ParameterizedTest
        @CsvSource({"bypass,abort,2", "abort,bypass,2", "s1,abort,2", "abort,s1,2", "s1,bypass,3", "bypass,s1,3",
            "s1,s1-dss-bypass,1", "s1-dss-bypass,s1,1", "s1-dss-bypass,bypass,2", "bypass,s1-dss-bypass,2", "s2,abort,2",
            "abort,s2,2", "s2,bypass,2", "bypass,s2,2", "s1,s2,3", "s2,s1,3"})
        void streamEntryChangesWithoutAHitTakeTheKernelsNumberOfSyncs(String from, String to, int expected) {
            long[] old = entry(from);
            long[] target = entry(to);
            change(old, target, TableEntry::usedStreamBits, TableEntry.quietWord());
            assertThat(syncs).isEqualTo(expected);
            assertThat(states).isNotEmpty().allSatisfy(s -> assertThat(looksLike(s, old, TableEntry::usedStreamBits)
                    || looksLike(s, target, TableEntry::usedStreamBits)).as(Arrays.toString(s)).isTrue());
        }

        @Test
        void twoWordsAtOnceTakeThreeSyncsAndAnAbortInBetween() {
            change(entry("s1"), entry("s1-elsewhere-dss-bypass"), TableEntry::usedStreamBits, TableEntry.quietWord());
            assertThat(syncs).isEqualTo(3);
            assertThat(states.get(0)[0]).isEqualTo(entry("abort")[0]);
        }

        @ParameterizedTest
        @CsvSource({"cd-none,cd-1,2", "cd-1,cd-none,2", "cd-1,cd-1-other-asid,1", "cd-1,cd-2,3"})
        void contextDescriptorChangesTakeTheKernelsNumberOfSyncs(String from, String to, int expected) {
            change(entry(from), entry(to), TableEntry::usedContextBits, 0);
            assertThat(syncs).isEqualTo(expected);
        }
    }

    @Test
    void writingWhatIsThereAlreadyStoresNothing() {
        change(entry("s1"), entry("s1"), TableEntry::usedStreamBits, TableEntry.quietWord());
        assertThat(states).isEmpty();
        assertThat(syncs).isZero();
    }

    /** Random entries of all kinds: the hardware sees the old one, the new one, or the quiet one, after every store. */
    @Test
    void noStoreEverShowsTheHardwareSomethingElse() {
        String[] kinds = {"abort", "bypass", "s1", "s1-dss-bypass", "s1-elsewhere-dss-bypass", "s2", "nested"};
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            long[] old = varied(entry(kinds[random.nextInt(kinds.length)]), random);
            long[] target = varied(entry(kinds[random.nextInt(kinds.length)]), random);
            states.clear();
            change(old, target, TableEntry::usedStreamBits, TableEntry.quietWord());
            for (long[] state : states) {
                boolean quiet = (state[0] & 0xf) == TableEntry.quietWord();
                assertThat(quiet || looksLike(state, old, TableEntry::usedStreamBits)
                        || looksLike(state, target, TableEntry::usedStreamBits)).as("seed %d: %s", seed, Arrays.toString(state))
                        .isTrue();
            }
        }
    }

    /** Changes a few fields that keep the entry legal: pointers, VMID, root. */
    private static long[] varied(long[] entry, Random random) {
        long[] result = entry.clone();
        if ((entry[0] >>> 1 & 5) == 5 && random.nextBoolean()) {
            result[0] ^= (long) random.nextInt(64) << 12;
        }
        if ((entry[0] >>> 1 & 6) == 6 && random.nextBoolean()) {
            result[2] ^= random.nextInt(0x10000);
            result[3] ^= (long) random.nextInt(64) << 12;
        }
        return result;
    }
}
