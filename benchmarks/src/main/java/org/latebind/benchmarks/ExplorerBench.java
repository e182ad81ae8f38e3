package org.latebind.benchmarks;

import java.util.Locale;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Explorer;
import org.latebind.explorer.Limits;

/**
 * The explorer's search in one piece (unsliced), on K client modules behind one modular IOMMU: transitions a second, bytes of heap
 * for each stored state, one core against all. Arguments: {@code speed K}, {@code memory K}, {@code cores K}.
 */
public final class ExplorerBench {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final int REPEATS = 3;

    private ExplorerBench() {
    }

    /** Prints one line for each measurement; without arguments all three. */
    public static void main(String[] arguments) {
        String what = arguments.length == 0 ? "all" : arguments[0];
        int clients = arguments.length < 2 ? 10 : Integer.parseInt(arguments[1]);
        if (!what.equals("memory")) {
            double one = speed(clients, 1);
            int cores = Runtime.getRuntime().availableProcessors();
            if (!what.equals("speed")) {
                double all = speed(clients, cores);
                System.out.printf(Locale.ROOT, "%d cores against one: %.2f times as fast%n", cores, all / one);
            }
        }
        if (what.equals("all") || what.equals("memory")) {
            memory(clients);
        }
    }

    private static Exploration search(int clients, Limits limits) {
        return Explorer.explore(SpinComparison.input(clients, limits.withRepairs(false).withSliced(false).withReduced(false)));
    }

    /** Transitions a second, the best of some runs. */
    private static double speed(int clients, int threads) {
        double best = 0;
        Exploration.Stats stats = null;
        for (int i = 0; i < REPEATS; i++) {
            long start = System.nanoTime();
            stats = search(clients, Limits.DEFAULT.withThreads(threads)).stats();
            best = Math.max(best, stats.transitions() / ((System.nanoTime() - start) / NANOS_PER_SECOND));
        }
        System.out.printf(Locale.ROOT, "K=%d unsliced, %d thread%s: %,d states, %,d transitions, %.2f million transitions a second%n",
                clients, threads, threads == 1 ? "" : "s", stats.states(), stats.transitions(), best / 1e6);
        return best;
    }

    /** Heap in use at the last report of a search, with everything collected, less what was in use before it. */
    private static void memory(int clients) {
        search(clients, Limits.DEFAULT);
        long before = usedBytes();
        long[] most = {0, 1};
        search(clients, Limits.DEFAULT.withThreads(1).withProgress((done, of, states) -> {
            if (states > 2 * most[1]) {
                most[0] = usedBytes() - before;
                most[1] = states;
            }
        }));
        System.out.printf(Locale.ROOT, "K=%d unsliced: %.1f MB for %,d states: %.1f bytes each, with table and way back%n", clients,
                most[0] / 1e6, most[1], (double) most[0] / most[1]);
    }

    private static long usedBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
