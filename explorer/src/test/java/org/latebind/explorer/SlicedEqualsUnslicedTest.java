package org.latebind.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.latebind.probe.Outcome;

/**
 * On random small boards, with all policies, the explorer's outcomes are those of the plainest search, device by device. Every
 * way has been replayed by then: the explorer drops what does not replay and calls the rest incomplete.
 * {@code -Dlatebind.boards.random=N} sets the number of boards
 * (5000 take about two minutes), {@code -Dlatebind.boards.seed=S} the first seed.
 */
class SlicedEqualsUnslicedTest {

    private static final int STATES_MAX = 60_000;

    @Test
    void slicesFindTheOutcomesOfThePlainestSearchOnRandomBoards() {
        int boards = Integer.getInteger("latebind.boards.random", 5_000);
        long first = Long.getLong("latebind.boards.seed", 1);
        int judged = 0;
        int dependent = 0;
        for (long seed = first; seed < first + boards; seed++) {
            ExplorerInput input = RandomMachine.of(seed);
            Reference reference = new Reference(new Machine(input), STATES_MAX);
            if (!reference.complete) {
                continue;
            }
            judged++;
            dependent += compare("seed " + seed + " sliced", input, reference) ? 1 : 0;
            if (seed % 10 == 0) {
                compare("seed " + seed + " in one piece", input.withLimits(input.limits().withSliced(false)), reference);
            }
        }
        assertThat(judged).as("boards small enough for the plain search").isGreaterThan(boards * 9 / 10);
        assertThat(dependent).as("boards where the order decides").isGreaterThan(boards / 20);
    }

    @Test
    void soTheyDoWhereDriversCreateBeforeTheyAskAndEveryLivelockIsFound() {
        int boards = Integer.getInteger("latebind.boards.creating", 150);
        int judged = 0;
        int livelocks = 0;
        for (long seed = 1; seed <= boards; seed++) {
            ExplorerInput input = RandomMachine.creatingFirst(seed);
            Machine machine = new Machine(input);
            Reference reference = new Reference(machine, STATES_MAX);
            if (!reference.complete) {
                continue;
            }
            judged++;
            compare("seed " + seed + " creating first", input, reference);
            for (int d = 0; d < input.board().deviceCount(); d++) {
                assertThat(Livelocks.shortest(machine, d) != null).as("seed " + seed + ", " + input.board().device(d).path())
                    .isEqualTo(reference.reprobed.get(d));
            }
            livelocks += reference.reprobed.cardinality();
        }
        assertThat(judged).as("boards small enough for the plain search").isGreaterThan(boards / 2);
        assertThat(livelocks).as("devices that probe without end").isGreaterThan(boards / 20);
    }

    private static boolean compare(String what, ExplorerInput input, Reference reference) {
        Machine machine = new Machine(input);
        int devices = input.board().deviceCount();
        Map<Integer, Ways> ways = new Cones(machine, input.limits(), new KnownCones())
            .solve(java.util.stream.IntStream.range(0, devices).toArray());
        boolean dependent = false;
        for (int d = 0; d < devices; d++) {
            String where = what + ", " + input.policy().name() + " " + input.parameters() + ", "
                + input.board().device(d).path();
            assertThat(found(ways.get(d), Search.Kind.FORCED)).as(where).isEqualTo(reference.outcomes.get(d));
            assertThat(found(ways.get(d), Search.Kind.PLAIN)).as(where + ", plain").isEqualTo(reference.plain.get(d));
            assertThat(ways.get(d).complete()).as(where + ", complete").isTrue();
            dependent |= reference.plain.get(d).size() > 1;
        }
        return dependent;
    }

    private static Set<Outcome> found(Ways ways, Search.Kind kind) {
        return ways.outcomes(kind).stream().collect(Collectors.toSet());
    }
}
