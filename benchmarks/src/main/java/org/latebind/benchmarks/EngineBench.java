package org.latebind.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;
import org.latebind.probe.Board;
import org.latebind.probe.BoardBuilder;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Event;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.State;
import org.latebind.probe.Unattached;

/**
 * The engine's figures in processor time of the measuring thread, for machines that are busy with other things: the methods of
 * {@link EngineBenchmark}, and boards with N masters behind one IOMMU that is loaded last.
 */
public final class EngineBench {

    private static final int BATCHES = 12;
    private static final long BATCH_NANOS = 300_000_000L;
    private static final int[] MASTERS = {1_000, 3_000, 10_000, 30_000, 100_000};
    private static final int WARM_UPS = 60;
    private static final long SCALE_NANOS = 3_000_000_000L;

    private EngineBench() {
    }

    /** Prints both tables, or with the word {@code scale} the second one. */
    public static void main(String[] arguments) {
        if (arguments.length == 0) {
            steps();
        }
        for (DriverDescription.Grouping grouping : List.of(DriverDescription.Grouping.DEVICE, DriverDescription.Grouping.STREAM)) {
            System.out.println("masters grouped by " + grouping.name().toLowerCase(Locale.ROOT) + ":");
            for (int i = 0; i < WARM_UPS; i++) {
                load(board(MASTERS[0]), MASTERS[0], grouping);
            }
            for (int n : MASTERS) {
                scale(n, grouping);
            }
        }
    }

    private static void steps() {
        EngineBenchmark steps = new EngineBenchmark();
        steps.build();
        print("schedule", EngineBenchmark.SCHEDULED, () -> steps.schedule().driver(1));
        print("search", EngineBenchmark.SEARCHED, steps::search);
        print("searchWithKeys", EngineBenchmark.SEARCHED, steps::searchWithKeys);
    }

    private static void print(String name, int transitions, IntSupplier method) {
        double best = Double.MAX_VALUE;
        int sink = 0;
        for (int batch = 0; batch < BATCHES; batch++) {
            long start = cpuNanos();
            long calls = 0;
            do {
                for (int i = 0; i < 10; i++, calls++) {
                    sink += method.getAsInt();
                }
            } while (cpuNanos() - start < BATCH_NANOS);
            best = Math.min(best, (double) (cpuNanos() - start) / (calls * transitions));
        }
        System.out.printf(Locale.ROOT, "%-16s %6.0f ns a transition, %.1f million a second (%d)%n", name, best, 1e3 / best,
            sink & 1);
    }

    private static void scale(int masters, DriverDescription.Grouping grouping) {
        double best = Double.MAX_VALUE;
        long live = 0;
        // Small boards are measured as long as large ones: after a few runs of 1,000 masters half the code still awaits compilation.
        long begin = cpuNanos();
        for (int i = 0; i < 5 || cpuNanos() - begin < SCALE_NANOS; i++) {
            long before = i == 0 ? liveBytes() : 0;
            Board board = board(masters);
            long start = cpuNanos();
            State end = load(board, masters, grouping);
            best = Math.min(best, cpuNanos() - start);
            if (end.outcome(masters) != Outcome.BOUND_TRANSLATED) {
                throw new IllegalStateException("the last master is " + end.outcome(masters));
            }
            live = i == 0 ? liveBytes() - before : live;
            java.lang.ref.Reference.reachabilityFence(end);
        }
        System.out.printf(Locale.ROOT, "%,9d masters: %8.1f ms, %5.0f ns a master; live %.1f MB (board, tables, last state)%n",
            masters, best / 1e6, best / masters, live / 1e6);
    }

    private static Board board(int masters) {
        BoardBuilder b = Board.builder("wide");
        b.device("/smmu", "smmu").isIommu();
        for (int i = 0; i < masters; i++) {
            b.device("/m" + i, "master").iommus("/smmu", i);
        }
        return b.build();
    }

    /** Engine, boot with the masters' driver, late-init (all defer), then the IOMMU (all bind). */
    private static State load(Board board, int masters, DriverDescription.Grouping grouping) {
        ModuleCatalogue catalogue = ModuleCatalogue.of(
            KernelModule.loadable("smmu", DriverDescription.named("smmu").withCompatible("smmu").withIommu(Unattached.ABORT)
                .withGrouping(grouping)),
            KernelModule.builtin("master", 1, DriverDescription.named("master").withCompatible("master")));
        ProbeEngine engine = new ProbeEngine(board, catalogue, Policy.TIMEOUT_MULTI, Parameters.DEFAULTS);
        ProbeEngine.Runner runner = engine.runner(engine.model());
        State s = runner.run(runner.run(engine.initial(), new Event.Boot()), new Event.LateInit());
        if (s.deferredList().length != masters) {
            throw new IllegalStateException(s.deferredList().length + " devices defer");
        }
        return runner.run(s, new Event.Load(0));
    }

    private static long liveBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
