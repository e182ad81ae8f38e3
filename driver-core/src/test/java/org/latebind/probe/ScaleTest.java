package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many masters behind one IOMMU that is loaded last, and the cost of a step of a small board; figures are printed. */
class ScaleTest {

    @Test
    void manyMastersBehindOneIommuLoadedLastAllEndTranslated() {
        for (int n : new int[] {1_000, 10_000, Integer.getInteger("latebind.masters", 100_000)}) {
            BoardBuilder b = Board.builder("wide");
            b.device("/smmu", "smmu").isIommu();
            for (int i = 0; i < n; i++) {
                b.device("/m" + i, "master").iommus("/smmu", i);
            }
            Board board = b.build();
            ModuleCatalogue catalogue = ModuleCatalogue.of(
                KernelModule.loadable("smmu", DriverDescription.named("smmu").withCompatible("smmu").withIommu(Unattached.ABORT)),
                KernelModule.builtin("master", 1, DriverDescription.named("master").withCompatible("master")));
            long start = cpuNanos();
            ProbeEngine engine = new ProbeEngine(board, catalogue, Policy.TIMEOUT_MULTI, Parameters.DEFAULTS);
            ProbeEngine.Runner runner = engine.runner(engine.model());
            State s = runner.run(runner.run(engine.initial(), new Event.Boot()), new Event.LateInit());
            assertThat(s.deferredList()).hasSize(n);
            s = runner.run(s, new Event.Load(0));
            System.out.printf("%d masters: %.1f ms, %.0f ns each%n", n, (cpuNanos() - start) / 1e6,
                (double) (cpuNanos() - start) / n);
            for (int d = 1; d <= n; d++) {
                assertThat(s.outcome(d)).isEqualTo(Outcome.BOUND_TRANSLATED);
            }
        }
    }

    @Test
    void aSmallBoardTakesManyStepsASecond() {
        BoardBuilder b = Board.builder("small");
        b.device("/smmu", "smmu").isIommu();
        List<KernelModule> modules = new ArrayList<>();
        modules.add(KernelModule.loadable("smmu",
            DriverDescription.named("smmu").withCompatible("smmu").withIommu(Unattached.ABORT)));
        for (int i = 0; i < 6; i++) {
            b.device("/m" + i, "m" + i).iommus("/smmu", i);
            modules.add(KernelModule.loadable("m" + i, DriverDescription.named("m" + i).withCompatible("m" + i)));
        }
        ProbeEngine engine = new ProbeEngine(b.build(), new ModuleCatalogue(modules), Policy.TIMEOUT_MULTI, Parameters.DEFAULTS);
        ProbeEngine.Runner runner = engine.runner(engine.model());
        State first = runner.run(engine.initial(), new Event.LateInit());
        Event[] loads = new Event[7];
        for (int i = 0; i < 7; i++) {
            loads[i] = new Event.Load((i + 1) % 7);
        }
        long steps = 0;
        long start = cpuNanos();
        for (int round = 0; round < Integer.getInteger("latebind.rounds", 20_000); round++) {
            State s = first;
            for (Event load : loads) {
                s = runner.run(s, load);
                steps++;
            }
            assertThat(s.outcome(1) == Outcome.BOUND_TRANSLATED).isTrue();
        }
        System.out.printf("%.2f million steps/s, %d bytes a state, key %d bytes%n", steps * 1e3 / (cpuNanos() - start),
            first.sizeBytes(), first.key().length);
    }

    /** Time of this thread on the processor: what else runs does not count. */
    private static long cpuNanos() {
        return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
