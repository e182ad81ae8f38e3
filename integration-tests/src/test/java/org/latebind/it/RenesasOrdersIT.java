package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtbReader;
import org.latebind.devicetree.Node;
import org.latebind.hardware.Machine;
import org.latebind.runtime.Command;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;

/**
 * Every Renesas tree with the bundles as shipped, started in different orders around late-init, on H3 and V4H in all of
 * them: whatever comes first, all IPMMUs are up and every device ends the same.
 */
@ExtendWith(PaxExamExtension.class)
public class RenesasOrdersIT {

    private static final String LATE_INIT = "late-init";
    private static final List<String> STEPS = List.of("ipmmu-vmsa", "dma-client", LATE_INIT);
    /** What a board does by itself, and the IOMMU driver last of all; for trees that are much like those of ALL_ORDERS. */
    private static final List<List<String>> FIRST_AND_WORST = List.of(STEPS, List.of("dma-client", LATE_INIT, "ipmmu-vmsa"));
    private static final List<String> ALL_ORDERS = List.of("r8a77951-salvator-xs", "r8a779g0-white-hawk");
    private static final List<String> TREES = List.of("r8a7790-lager", "r8a77951-salvator-xs", "r8a77960-salvator-xs",
            "r8a77965-salvator-xs", "r8a77990-ebisu", "r8a774a1-hihope-rzg2m", "r8a779g0-white-hawk");
    /** Masters the mainline rule translates on these boards: SDHI that the board enables, on SoCs that are not denied. */
    private static final Map<String, Integer> TRANSLATED = Map.of("r8a7790-lager", 0, "r8a77960-salvator-xs", 0,
            "r8a774a1-hihope-rzg2m", 0, "r8a779g0-white-hawk", 1);

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()));
    }

    private static Map<String, String> run(DeviceTree tree, List<String> order) throws Exception {
        try (Live live = Live.tree(tree, "latebind", Map.of("unknown_suppliers", "ready"))) {
            for (String step : order) {
                if (step.equals(LATE_INIT)) {
                    live.core().execute(new Command.LateInit());
                } else {
                    live.start(step);
                }
                live.settled();
            }
            assertThat(live.service(Machine.class, null).findings()).as("%s", order).isEmpty();
            return live.outcomes();
        }
    }

    private static List<List<String>> orders(List<String> steps) {
        if (steps.isEmpty()) {
            return List.of(List.of());
        }
        List<List<String>> all = new ArrayList<>();
        for (String first : steps) {
            List<String> rest = new ArrayList<>(steps);
            rest.remove(first);
            for (List<String> tail : orders(rest)) {
                List<String> order = new ArrayList<>(List.of(first));
                order.addAll(tail);
                all.add(order);
            }
        }
        return all;
    }

    @Test
    public void ordersOfBundlesEndTheSameOnEveryTree() throws Exception {
        for (String board : TREES) {
            Path file = Path.of(System.getProperty("latebind.shared"), "data", "dtb", board + ".dtb");
            assumeTrue(Files.exists(file), "the compiled tree is not here: " + file);
            DeviceTree tree = DtbReader.read(file);
            Map<String, String> first = null;
            for (List<String> order : ALL_ORDERS.contains(board) ? orders(STEPS) : FIRST_AND_WORST) {
                Map<String, String> outcomes = run(tree, order);
                first = first == null ? outcomes : first;
                assertThat(new TreeMap<>(outcomes)).as("%s, %s", board, order).isEqualTo(first);
            }
            for (Node unit : tree.nodes()) {
                if (unit.name().startsWith("iommu@") && unit.available()) {
                    assertThat(first.get(unit.path())).as(board + unit.path()).isEqualTo("BOUND_DIRECT");
                }
            }
            long translated = first.values().stream().filter("BOUND_TRANSLATED"::equals).count();
            if (TRANSLATED.containsKey(board)) {
                assertThat(translated).as(board).isEqualTo(TRANSLATED.get(board).longValue());
            } else {
                assertThat(translated).as(board).isPositive();
            }
        }
    }
}
