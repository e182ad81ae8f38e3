package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.iommu.core.Configuration;

/** The board of docs/legacy-mmu-masters.md: edges from the tree make every order end alike. */
class LegacyBoardTest {

    private static final DeviceTree TREE = DtsReader.read(Path.of("../boards/legacy-mmu-masters.dts"));
    private static final List<String> SMMUS = List.of("/soc/smmu-io@2b400000", "/soc/smmu-display@2b500000");
    private static final Map<String, String> OWNER = Map.of("/soc/ethernet@10000000", SMMUS.get(0),
            "/soc/dma@10010000", SMMUS.get(0), "/soc/display@10020000", SMMUS.get(1));

    private static List<List<String>> orders(List<String> events) {
        if (events.isEmpty()) {
            return List.of(List.of());
        }
        List<List<String>> all = new ArrayList<>();
        for (String first : events) {
            List<String> rest = new ArrayList<>(events);
            rest.remove(first);
            orders(rest).forEach(tail -> {
                List<String> order = new ArrayList<>(List.of(first));
                order.addAll(tail);
                all.add(order);
            });
        }
        return all;
    }

    @Test
    void theTreeNamesTheOwnerOfEveryMaster() {
        for (Node node : TREE.nodes()) {
            for (Reference reference : ReferenceList.mmuMasters(TREE, node).entries()) {
                assertThat(OWNER).containsEntry(reference.target().path(), node.path());
            }
        }
    }

    @Test
    void everyOrderOfLoadingEndsTranslated() {
        List<String> events = new ArrayList<>(SMMUS);
        events.addAll(OWNER.keySet());
        for (List<String> order : orders(events)) {
            TestBoard board = TestBoard.of(TREE, Map.of(), Parameters.DEFAULT);
            Set<String> waiting = new HashSet<>();
            for (String event : order) {
                if (SMMUS.contains(event)) {
                    board.probe(event);
                } else {
                    waiting.add(event);
                }
                for (String master : List.copyOf(waiting)) {
                    if (board.bound.containsKey(OWNER.get(master))) {
                        assertThat(board.configureLegacy(master)).as(order + ": " + master)
                                .isInstanceOf(Configuration.Grouped.class);
                        waiting.remove(master);
                    }
                }
            }
            assertThat(waiting).isEmpty();
            long page = 0x80000000L;
            for (String master : OWNER.keySet()) {
                board.domain(master).map(0x1000, page, 4096, 1, 1);
                int streams = board.machine.master(master).orElseThrow().streams();
                for (int stream = 0; stream < streams; stream++) {
                    assertThat(board.read(master, stream, 0x1000).kind()).as(order + ": " + master).isEqualTo(Kind.TRANSLATED);
                }
            }
            assertThat(board.findings()).isEmpty();
        }
    }

    @Test
    void aMasterThatDidNotWaitRunsDead() {
        TestBoard board = TestBoard.of(TREE, Map.of(), Parameters.DEFAULT);
        board.probe(SMMUS.get(1));
        assertThat(board.read("/soc/display@10020000", 0, 0x80000000L).kind()).isEqualTo(Kind.FAULT);
        assertThat(board.read("/soc/dma@10010000", 0, 0x80000000L).kind()).isEqualTo(Kind.UNTRANSLATED);
    }
}
