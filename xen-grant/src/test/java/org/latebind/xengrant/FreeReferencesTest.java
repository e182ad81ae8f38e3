package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Goal: the order of references is the one of the vectors in the reference, and no reference is ever in two hands. */
class FreeReferencesTest {

    /** A table on a simulated Xen: growth by frames of 512 up to a limit. */
    private static GuestGrantTable table(int maxFrames) {
        return new XenBench(maxFrames).table();
    }

    private static final GrantOwner OWNER = () -> "/owner";

    private static int one(GuestGrantTable table) {
        return table.allocate(1, OWNER);
    }

    private static int sequence(GuestGrantTable table, int count) {
        return table.allocate(count, OWNER);
    }

    private static void singlesWithEvenOnesPutBack(GuestGrantTable table, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(one(table)).isEqualTo(8 + i);
        }
        for (int ref = 8; ref < 8 + count; ref += 2) {
            table.free(ref, 1);
        }
    }

    @Nested
    class Vectors {

        @Test
        void singlesAndSequencesInterleave() {
            GuestGrantTable table = table(64);
            assertThat(List.of(one(table), sequence(table, 3), one(table))).containsExactly(8, 9, 12);
            assertThat(table.freeCount()).isEqualTo(499);
            table.free(8, 1);
            assertThat(List.of(sequence(table, 2), one(table))).containsExactly(13, 8);
            table.free(9, 3);
            assertThat(List.of(one(table), sequence(table, 3), sequence(table, 2))).containsExactly(9, 15, 18);
        }

        @Test
        void aSequenceMayTakeTheWholeTable() {
            GuestGrantTable table = table(1);
            assertThat(sequence(table, 504)).isEqualTo(8);
            assertThat(one(table)).isEqualTo(GuestGrantTable.NO_SPACE);
        }

        @Test
        void theLastReferenceIsASingle() {
            GuestGrantTable table = table(1);
            assertThat(List.of(sequence(table, 503), one(table), one(table)))
                    .containsExactly(8, 511, GuestGrantTable.NO_SPACE);
        }

        @Test
        void aFragmentedTableThatCannotGrowHasNoSequence() {
            GuestGrantTable table = table(1);
            singlesWithEvenOnesPutBack(table, 504);
            assertThat(table.freeCount()).isEqualTo(252);
            assertThat(sequence(table, 2)).isEqualTo(GuestGrantTable.NO_SPACE);
            assertThat(one(table)).isEqualTo(8);
        }

        @Test
        void aFragmentedTableGrowsAndSkipsTheFirstNewReference() {
            GuestGrantTable table = table(2);
            singlesWithEvenOnesPutBack(table, 504);
            assertThat(sequence(table, 2)).isEqualTo(513);
            assertThat(table.frames()).isEqualTo(2);
            assertThat(table.freeCount()).isEqualTo(252 + 512 - 2);
        }

        @Test
        void aSequenceCrossesTheFrameBoundary() {
            GuestGrantTable table = table(2);
            assertThat(sequence(table, 500)).isEqualTo(8);
            assertThat(sequence(table, 10)).isEqualTo(508);
            assertThat(table.frames()).isEqualTo(2);
            assertThat(table.freeCount()).isEqualTo(506);
        }

        @Test
        void aSequenceMayTakeTheLargestTable() {
            GuestGrantTable table = table(64);
            assertThat(sequence(table, 32761)).isEqualTo(GuestGrantTable.NO_SPACE);
            assertThat(sequence(table, 32760)).isEqualTo(8);
            assertThat(one(table)).isEqualTo(GuestGrantTable.NO_SPACE);
        }

        @Test
        void aRunThatWouldPassTheEndGrowsTheTableByOneMoreFrame() {
            GuestGrantTable table = table(64);
            singlesWithEvenOnesPutBack(table, 1528);
            assertThat(sequence(table, 512)).isEqualTo(1537);
            assertThat(table.frames()).isEqualTo(5);
        }
    }

    @Test
    void aRefusedSequenceChangesNothingASingleCanSee() {
        GuestGrantTable table = table(1);
        int before = table.freeCount();
        assertThat(sequence(table, 505)).isEqualTo(GuestGrantTable.NO_SPACE);
        assertThat(table.freeCount()).isEqualTo(before);
        assertThat(one(table)).isEqualTo(8);
    }

    @Test
    void aReferenceCannotBePutBackTwice() {
        FreeReferences free = new FreeReferences();
        free.grow(512);
        int ref = free.takeOne();
        free.put(ref);
        assertThatThrownBy(() -> free.put(ref)).isInstanceOf(IllegalStateException.class).hasMessageContaining("8");
    }

    @Test
    void reservedReferencesAreIgnoredWhenPutBack() {
        FreeReferences free = new FreeReferences();
        free.grow(512);
        free.put(3);
        assertThat(free.freeCount()).isEqualTo(504);
        assertThat(free.isFree(3)).isFalse();
    }

    /** Property: after any sequence of calls, every run handed out is disjoint from all others, and all come back. */
    @Test
    void noReferenceIsEverInTwoHands() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            FreeReferences free = new FreeReferences();
            free.grow(64);
            List<int[]> live = new ArrayList<>();
            BitSet taken = new BitSet();
            for (int step = 0; step < 600; step++) {
                if (random.nextInt(5) < 3) {
                    int count = 1 + random.nextInt(1 + random.nextInt(12));
                    int first = count == 1 ? free.takeOne() : free.takeRun(count);
                    if (first == FreeReferences.NONE && free.size() < 512) {
                        free.grow(free.size() + 64);
                        first = count == 1 ? free.takeOne() : free.takeTrailing(count);
                    }
                    if (first != FreeReferences.NONE) {
                        assertThat(taken.get(first, first + count).isEmpty()).as("seed %d step %d", seed, step).isTrue();
                        assertThat(first + count).as("seed %d step %d", seed, step).isLessThanOrEqualTo(free.size());
                        taken.set(first, first + count);
                        live.add(new int[] {first, count});
                    }
                } else if (!live.isEmpty()) {
                    int[] run = live.remove(random.nextInt(live.size()));
                    taken.clear(run[0], run[0] + run[1]);
                    free.putRun(run[0], run[1]);
                }
                assertThat(free.freeCount()).as("seed %d step %d", seed, step)
                        .isEqualTo(free.size() - FreeReferences.RESERVED - taken.cardinality());
            }
            live.forEach(run -> free.putRun(run[0], run[1]));
            int left = free.freeCount();
            for (int i = 0; i < left; i++) {
                int ref = free.takeOne();
                assertThat(ref).as("seed %d", seed).isGreaterThanOrEqualTo(FreeReferences.RESERVED);
                assertThat(free.isFree(ref)).isFalse();
            }
            assertThat(free.takeOne()).as("seed %d", seed).isEqualTo(FreeReferences.NONE);
        }
    }
}
