package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Errno;

/** Who gets which stream entry. */
class StreamMapTableTest {

    private static int fwid(int id, int mask) {
        return mask << 16 | id;
    }

    @Nested
    class Rules {
        private final StreamMapTable table = new StreamMapTable(3, true, true);
        private final int[] taken = new int[4];

        @Test
        void aStreamInsideAnEntrySharesIt() {
            assertThat(table.allocate(new int[] {fwid(0x100, 0x0f)}, taken)).isNull();
            assertThat(table.allocate(new int[] {fwid(0x105, 0x02)}, taken)).isNull();
            assertThat(taken[0]).isZero();
            assertThat(table.entry(0).users).isEqualTo(2);
            assertThat(table.entry(0).mask).isEqualTo(0x0f);
        }

        @Test
        void aWiderStreamConflictsWithAnEntryInsideIt() {
            assertThat(table.allocate(new int[] {fwid(0x105, 0)}, taken)).isNull();
            assertThat(table.allocate(new int[] {fwid(0x100, 0x0f)}, taken)).isEqualTo(Errno.EINVAL);
        }

        @Test
        void partialOverlapConflicts() {
            assertThat(table.allocate(new int[] {fwid(0x0, 0x3)}, taken)).isNull();
            assertThat(table.allocate(new int[] {fwid(0x2, 0xc)}, taken)).isEqualTo(Errno.EINVAL);
        }

        @Test
        void aFailureInTheMiddleGivesEverythingBack() {
            assertThat(table.allocate(new int[] {1, 2, 3, 4}, taken)).isEqualTo(Errno.ENOSPC);
            assertThat(table.inUse()).isZero();
        }

        @Test
        void theLastUserFreesTheEntry() {
            table.allocate(new int[] {7}, taken);
            table.allocate(new int[] {7}, taken);
            assertThat(table.release(0)).isFalse();
            assertThat(table.release(0)).isTrue();
            assertThat(table.entry(0).valid).isFalse();
            assertThat(table.entry(0).type).isEqualTo(StreamMapTable.Type.FAULT);
        }

        @Test
        void withoutMatchingTheIdIsTheIndex() {
            StreamMapTable indexed = new StreamMapTable(128, false, true);
            assertThat(indexed.allocate(new int[] {77, 77}, taken)).isNull();
            assertThat(taken[0]).isEqualTo(77);
            assertThat(indexed.entry(77).users).isEqualTo(2);
        }

        @Test
        void anInheritedEntryIsTakenOverByAMatchingDevice() {
            table.inherit(1, 0x880, 0x8);
            assertThat(table.entry(1).type).isEqualTo(StreamMapTable.Type.BYPASS);
            assertThat(table.allocate(new int[] {fwid(0x880, 0x8)}, taken)).isNull();
            assertThat(taken[0]).isEqualTo(1);
        }
    }

    /**
     * Goal: sharing, conflicts and exhaustion are those of the sets of stream ids. Method: the oracle enumerates every id of
     * a small universe into bit sets and knows no masks; random devices come and go on both.
     */
    @Test
    void agreesWithEnumeratedSetsOnRandomIdsAndMasks() {
        long seed = Long.getLong("latebind.seed", 20190521L);
        int rounds = Integer.getInteger("latebind.smr.rounds", 100_000);
        Random random = new Random(seed);
        int[] outcomes = new int[4];
        int done = 0;
        while (done < rounds) {
            int bits = 3 + random.nextInt(6);
            int groups = 1 + random.nextInt(12);
            StreamMapTable table = new StreamMapTable(groups, true, random.nextBoolean());
            Oracle oracle = new Oracle(groups, bits);
            List<int[]> devices = new ArrayList<>();
            for (int step = 0; step < 20; step++, done++) {
                String where = "seed " + seed + ", round " + done;
                if (!devices.isEmpty() && random.nextInt(4) == 0) {
                    for (int entry : devices.remove(random.nextInt(devices.size()))) {
                        assertThat(table.release(entry)).as(where).isEqualTo(oracle.release(entry));
                    }
                    continue;
                }
                int[] ids = randomIds(random, bits);
                int[] taken = new int[ids.length];
                int[] expected = new int[ids.length];
                Errno error = table.allocate(ids, taken);
                assertThat(error).as(where).isEqualTo(oracle.allocate(ids, expected));
                if (error == null) {
                    assertThat(taken).as(where).isEqualTo(expected);
                    devices.add(taken);
                }
                outcomes[error == null ? 0 : error == Errno.EINVAL ? 1 : error == Errno.ENOSPC ? 2 : 3]++;
                assertThat(oracle.idsInSeveralEntries(table)).as(where).isEmpty();
            }
        }
        assertThat(outcomes[0]).isGreaterThan(rounds / 20);
        assertThat(outcomes[1]).isGreaterThan(rounds / 20);
        assertThat(outcomes[2]).isGreaterThan(rounds / 200);
        assertThat(outcomes[3]).isZero();
    }

    private static int[] randomIds(Random random, int bits) {
        int[] ids = new int[1 + random.nextInt(3)];
        for (int i = 0; i < ids.length; i++) {
            int all = (1 << bits) - 1;
            int mask = random.nextInt(all + 1) & random.nextInt(all + 1) & random.nextInt(all + 1);
            ids[i] = fwid(random.nextInt(all + 1), mask);
        }
        return ids;
    }

    /** Sets of ids, enumerated one by one. */
    private static final class Oracle {
        private final BitSet[] sets;
        private final int[] users;
        private final int bits;

        Oracle(int groups, int bits) {
            sets = new BitSet[groups];
            users = new int[groups];
            this.bits = bits;
        }

        private BitSet enumerate(int fwid) {
            BitSet set = new BitSet();
            for (int sid = 0; sid < 1 << bits; sid++) {
                boolean matches = true;
                for (int bit = 0; bit < bits; bit++) {
                    boolean compared = (fwid >>> 16 >> bit & 1) == 0;
                    matches &= !compared || (sid >> bit & 1) == (fwid >> bit & 1);
                }
                set.set(sid, matches);
            }
            return set;
        }

        Errno allocate(int[] fwids, int[] taken) {
            for (int i = 0; i < fwids.length; i++) {
                BitSet wanted = enumerate(fwids[i]);
                int found = -1;
                int free = -1;
                boolean conflict = false;
                for (int e = 0; e < sets.length; e++) {
                    if (sets[e] == null) {
                        free = free < 0 ? e : free;
                        continue;
                    }
                    BitSet outside = (BitSet) wanted.clone();
                    outside.andNot(sets[e]);
                    if (outside.isEmpty()) {
                        found = e;
                    } else {
                        conflict |= sets[e].intersects(wanted);
                    }
                }
                int index = found >= 0 ? found : free;
                if (found < 0 && (conflict || free < 0)) {
                    while (--i >= 0) {
                        release(taken[i]);
                    }
                    return conflict ? Errno.EINVAL : Errno.ENOSPC;
                }
                if (sets[index] == null) {
                    sets[index] = wanted;
                }
                users[index]++;
                taken[i] = index;
            }
            return null;
        }

        boolean release(int index) {
            if (--users[index] > 0) {
                return false;
            }
            sets[index] = null;
            return true;
        }

        List<Integer> idsInSeveralEntries(StreamMapTable table) {
            BitSet seen = new BitSet();
            List<Integer> twice = new ArrayList<>();
            for (int e = 0; e < table.size(); e++) {
                if (table.entry(e).valid) {
                    BitSet set = enumerate(fwid(table.entry(e).id, table.entry(e).mask));
                    set.stream().filter(seen::get).forEach(twice::add);
                    seen.or(set);
                }
            }
            return twice;
        }
    }
}
