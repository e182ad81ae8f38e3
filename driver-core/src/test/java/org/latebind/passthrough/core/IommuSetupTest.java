package org.latebind.passthrough.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Errno;

/** The boot fixpoint, row by row of its table of outcomes. */
class IommuSetupTest {

    /** Probes that wait for another node, or always answer the same. */
    private static final class World implements Function<String, Errno> {
        private final Map<String, String> needs;
        private final Map<String, Errno> answers;
        private final List<String> up = new ArrayList<>();
        private final List<String> asked = new ArrayList<>();

        World(Map<String, String> needs, Map<String, Errno> answers) {
            this.needs = needs;
            this.answers = answers;
        }

        @Override
        public Errno apply(String node) {
            asked.add(node);
            if (answers.containsKey(node)) {
                return answers.get(node);
            }
            if (needs.containsKey(node) && !up.contains(needs.get(node))) {
                return Errno.EAGAIN;
            }
            up.add(node);
            return null;
        }
    }

    private static final Map<String, String> CACHES = Map.of("cacheA", "root", "cacheB", "root");

    @Test
    void rootFirstNeedsOneWalk() {
        World world = new World(CACHES, Map.of());
        assertThat(IommuSetup.run(List.of("root", "cacheA", "cacheB"), world).result()).isNull();
        assertThat(world.asked).hasSize(3);
    }

    @Test
    void deferredNodesAreTriedInReverseOrderOfTheTree() {
        World world = new World(CACHES, Map.of());
        assertThat(IommuSetup.run(List.of("cacheA", "cacheB", "root"), world).result()).isNull();
        assertThat(world.asked).containsExactly("cacheA", "cacheB", "root", "cacheB", "cacheA");
    }

    @Test
    void cachesAlonePanicWithEagain() {
        IommuSetup setup = IommuSetup.run(List.of("cacheA", "cacheB"), new World(CACHES, Map.of()));
        assertThat(setup.result()).isEqualTo(Errno.EAGAIN);
        assertThat(setup.panics()).isTrue();
        assertThat(setup.deferred()).containsExactly("cacheB", "cacheA");
    }

    @Test
    void refusedRootLeavesItsCachesWaiting() {
        IommuSetup setup = IommuSetup.run(List.of("cacheA", "root"), new World(CACHES, Map.of("root", Errno.ENODEV)));
        assertThat(setup.result()).isEqualTo(Errno.EAGAIN);
    }

    @Test
    void cacheWithoutRootBesideAWorkingSmmuStillPanics() {
        IommuSetup setup = IommuSetup.run(List.of("smmu", "cacheA"), new World(CACHES, Map.of()));
        assertThat(setup.up()).containsExactly("smmu");
        assertThat(setup.result()).isEqualTo(Errno.EAGAIN);
    }

    @Test
    void chainAgainstTheTreeNeedsOnePass() {
        World world = new World(Map.of("b", "a", "c", "b"), Map.of());
        assertThat(IommuSetup.run(List.of("c", "b", "a"), world).result()).isNull();
        assertThat(world.asked).containsExactly("c", "b", "a", "b", "c");
    }

    @Test
    void chainInMixedOrderNeedsTwoPasses() {
        World world = new World(Map.of("b", "a", "c", "b"), Map.of());
        assertThat(IommuSetup.run(List.of("b", "c", "a"), world).result()).isNull();
        assertThat(world.asked).containsExactly("b", "c", "a", "c", "b", "c");
    }

    @Test
    void noDeviceAtAllBootsOnWithoutIommu() {
        IommuSetup setup = IommuSetup.run(List.of("root"), new World(Map.of(), Map.of("root", Errno.ENODEV)));
        assertThat(setup.result()).isEqualTo(Errno.ENODEV);
        assertThat(setup.panics()).isFalse();
    }

    @Test
    void anyOtherErrorStopsTheWalkAtOnce() {
        World world = new World(Map.of(), Map.of("x", Errno.EINVAL));
        assertThat(IommuSetup.run(List.of("x", "y"), world).result()).isEqualTo(Errno.EINVAL);
        assertThat(world.asked).containsExactly("x");
    }

    /** In the passes "no device" is not ignored: the set-up ends, although something is up already. */
    @Test
    void noDeviceInAPassEndsTheSetup() {
        int[] calls = {0};
        IommuSetup setup = IommuSetup.run(List.of("late", "ok"), node -> {
            if (node.equals("ok")) {
                return null;
            }
            return calls[0]++ == 0 ? Errno.EAGAIN : Errno.ENODEV;
        });
        assertThat(setup.result()).isEqualTo(Errno.ENODEV);
        assertThat(setup.up()).containsExactly("ok");
    }
}
