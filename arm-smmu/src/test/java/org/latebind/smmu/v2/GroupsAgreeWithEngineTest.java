package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.iommu.core.Specifier;
import org.latebind.iommu.core.StreamClient;
import org.latebind.probe.Board;
import org.latebind.probe.BoardBuilder;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Event;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Policy;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.State;
import org.latebind.probe.Unattached;

/**
 * The engine's tables and this driver decide the same: who is attached, who is refused, and every group's number and members, for
 * random streams with and without masks, PCI groups, and clients that come and go. Two pieces of code that share nothing.
 */
class GroupsAgreeWithEngineTest {

    private static final String SMMU = "/iommu@2b400000";
    private static final int SEQUENCES = Integer.getInteger("latebind.smmuv2.groups", 1_000);

    /** One random machine, twice: in the engine and as driver on simulated hardware. */
    private static final class Pair {
        private final Random random;
        private final TestBoard board = TestBoard.of(TestBoard.smmu("\"arm,mmu-500\"", 0x20000, 2, 8, ""));
        private final List<StreamClient> clients = new ArrayList<>();
        private final List<List<Specifier>> specifiers = new ArrayList<>();
        private final ProbeEngine engine;
        private State state;

        Pair(long seed, boolean masks) {
            random = new Random(seed);
            BoardBuilder tree = Board.builder("seed " + seed);
            List<KernelModule> modules = new ArrayList<>();
            tree.device(SMMU, "smmu").isIommu();
            modules.add(KernelModule.builtin("smmu", 0, DriverDescription.named("smmu").withCompatible("smmu")
                    .withIommu(Unattached.ABORT).withGrouping(DriverDescription.Grouping.STREAM)));
            int count = 2 + random.nextInt(4);
            for (int i = 0; i < count; i++) {
                String path = "/client@" + i;
                BoardBuilder.DeviceDraft draft = tree.device(path, "client" + i);
                String slot = random.nextInt(3) == 0 ? "slot" : null;
                draft.groupKey(slot);
                List<Specifier> list = new ArrayList<>();
                for (int n = 1 + random.nextInt(3); n > 0; n--) {
                    int id = random.nextInt(8);
                    int mask = masks && random.nextInt(3) == 0 ? random.nextInt(8) : 0;
                    draft.iommus(SMMU, id, mask);
                    list.add(new Specifier(SMMU, id, mask));
                }
                specifiers.add(list);
                clients.add(new StreamClient(path, path, slot != null, slot, board.tree.byPath(SMMU)));
                modules.add(KernelModule.loadable("client" + i, DriverDescription.named("client" + i)
                        .withCompatible("client" + i)));
            }
            engine = new ProbeEngine(tree.build(), new ModuleCatalogue(modules), Policy.TIMEOUT_MULTI,
                    org.latebind.probe.Parameters.DEFAULTS);
            state = engine.initial();
            run(new Event.Boot());
            run(new Event.LateInit());
            board.probe(SMMU);
        }

        private void run(Event event) {
            state = engine.run(state, event, engine.model()).state();
        }

        void comes(int i) {
            run(state.loaded(1 + i) ? new Event.AddDevice(1 + i) : new Event.Load(1 + i));
            board.core.configure(clients.get(i), specifiers.get(i), List.of());
        }

        void goes(int i) {
            run(new Event.RemoveDevice(1 + i));
            board.core.release(clients.get(i));
        }

        void step() {
            int i = random.nextInt(clients.size());
            if (state.loaded(1 + i) && state.present(1 + i)) {
                goes(i);
            } else {
                comes(i);
            }
        }

        void check(String where) {
            for (int i = 0; i < clients.size(); i++) {
                int number = board.core.groupOf(clients.get(i)).map(group -> group.number()).orElse(-1);
                assertThat(state.group(1 + i)).as(where + ", client " + i + " of " + specifiers).isEqualTo(number);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void clientsThatComeInAnyOrderAreGroupedAlike(boolean masks) {
        for (long seed = 0; seed < SEQUENCES; seed++) {
            Pair pair = new Pair(seed, masks);
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < pair.clients.size(); i++) {
                order.add(i);
            }
            java.util.Collections.shuffle(order, pair.random);
            for (int i : order) {
                pair.comes(i);
                pair.check("seed " + seed + ", order " + order);
            }
        }
    }

    /** An entry outlives its first owner, as wide as that one made it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void clientsThatComeAndGoAreGroupedAlike(boolean masks) {
        for (long seed = 1_000_000; seed < 1_000_000 + SEQUENCES; seed++) {
            Pair pair = new Pair(seed, masks);
            for (int n = 0; n < 12; n++) {
                pair.step();
                pair.check("seed " + seed + ", step " + n);
            }
        }
    }
}
