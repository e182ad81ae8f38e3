package org.latebind.benchmarks;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs every row of page tables, DMA API and address allocator with JMH and prints one table: nanoseconds, bytes allocated per
 * operation, and the ratio to Linux' C library on one core of the same kind of machine (above 1: faster than C; the
 * lower bound of its measured range counts). Argument {@code quick}: one iteration of 0.2 s, to see that it runs.
 */
public final class PageTableRows {

    /**
     * Row of the comparison.
     *
     * @param method name of the benchmark method
     * @param words  what it is
     * @param best   nanoseconds of the C library, the better bound
     * @param worst  the other bound
     */
    private record Peer(String method, String words, double best, double worst) {
    }

    private static final List<Peer> PEERS = List.of(
            new Peer("PageTableBenchmark.mapUnmapPage", "one page, map + unmap", 28, 30),
            new Peer("PageTableBenchmark.mapUnmapRunOf512Pages", "512 pages a call, per page", 1e3 / 316, 1e3 / 286),
            new Peer("PageTableBenchmark.mapUnmapBlock", "one 2 MiB block, map + unmap", 1e3 / 43, 1e3 / 38),
            new Peer("PageTableBenchmark.translateSequential", "translate, page after page", 1e3 / 139, 1e3 / 118),
            new Peer("PageTableBenchmark.translateRandom", "translate, all over 1 GiB", 1e3 / 53, 1e3 / 48));

    private PageTableRows() {
    }

    /** Runs all rows; about four and a half minutes. */
    public static void main(String[] arguments) throws RunnerException {
        boolean quick = arguments.length > 0 && arguments[0].equals("quick");
        PrintStream out = System.out;
        out.printf("%-34s %-14s %9s %7s %8s %13s %s%n", "row", "variant", "ns", "+-", "B/op", "C, ns", "C / ours");
        for (RunResult result : run(quick, "\\.PageTableBenchmark\\.", 3, 4)) {
            print(out, result);
        }
        for (RunResult result : run(quick, "\\.DmaBenchmark\\.", 3, 3)) {
            print(out, result);
        }
        for (RunResult result : run(quick, "\\.IovaBenchmark\\.", 2, 3)) {
            print(out, result);
        }
        for (RunResult result : run(quick, "\\.IovaThreadsBenchmark\\.", 2, 3)) {
            print(out, result);
        }
        int cores = Math.min(IovaThreadsBenchmark.THREADS, Runtime.getRuntime().availableProcessors());
        out.printf("Rows of IovaThreadsBenchmark: %d threads on %d cores; nanoseconds of one core per pair.%n",
                IovaThreadsBenchmark.THREADS, cores);
    }

    private static Collection<RunResult> run(boolean quick, String pattern, int warmups, int iterations) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder().include(pattern).addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT).warmupIterations(quick ? 1 : warmups).measurementIterations(quick ? 1 : iterations)
                .warmupTime(time(quick)).measurementTime(time(quick)).forks(1);
        return new Runner(options.build()).run();
    }

    private static TimeValue time(boolean quick) {
        return quick ? TimeValue.milliseconds(200) : TimeValue.seconds(1);
    }

    private static void print(PrintStream out, RunResult result) {
        BenchmarkParams params = result.getParams();
        String name = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.', params.getBenchmark()
                .lastIndexOf('.') - 1) + 1);
        StringBuilder variant = new StringBuilder();
        params.getParamsKeys().forEach(key -> variant.append(params.getParam(key)));
        int threads = params.getThreads();
        double share = threads == 1 ? 1 : Math.min(threads, Runtime.getRuntime().availableProcessors()) / (double) threads;
        double score = result.getPrimaryResult().getScore() * share;
        double error = result.getPrimaryResult().getScoreError() * share;
        Peer peer = PEERS.stream().filter(p -> p.method().equals(name)).findFirst().orElse(null);
        out.printf(Locale.ROOT, "%-34s %-14s %9.1f %7s %8.3f %13s %s%n", peer == null ? name : peer.words(), variant, score,
                Double.isNaN(error) ? "-" : String.format(Locale.ROOT, "%.1f", error), allocated(result),
                peer == null ? "" : String.format(Locale.ROOT, "%.1f-%.1f", peer.best(), peer.worst()),
                peer == null ? "" : String.format(Locale.ROOT, "%.2f-%.2f%s", peer.best() / score, peer.worst() / score,
                        peer.worst() < score ? "  SLOWER" : ""));
    }

    private static double allocated(RunResult result) {
        for (Result<?> secondary : result.getSecondaryResults().values()) {
            if (secondary.getLabel().endsWith("gc.alloc.rate.norm")) {
                return secondary.getScore();
            }
        }
        return Double.NaN;
    }
}
