package org.latebind.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.latebind.explorer.AllowedEvents;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Explorer;
import org.latebind.explorer.ExplorerInput;
import org.latebind.explorer.Limits;
import org.latebind.explorer.Verdict;
import org.latebind.probe.Board;
import org.latebind.probe.BoardBuilder;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Policy;
import org.latebind.probe.Unattached;

/**
 * SPIN and the explorer side by side on K client modules behind one modular IOMMU and one timer. The Promela source is made
 * here ({@link PromelaModel}); {@code spin} and {@code cc} have to be installed. Arguments: values of K that both do, then
 * {@code alone} and values that the explorer does alone; {@code seconds=N} and {@code megabytes=N} bound SPIN's checker.
 */
public final class SpinComparison {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final int REPEATS = 10;
    private static final Pattern STORED = Pattern.compile("([0-9.e+]+) states, stored");

    private long seconds = 90;
    private long megabytes = 4_000;

    private SpinComparison() {
    }

    /** Runs the comparison and prints one line for each K. */
    public static void main(String[] arguments) throws Exception {
        new SpinComparison().run(arguments.length == 0 ? new String[] {"12", "14", "16", "alone", "64", "1000"} : arguments);
    }

    private void run(String... arguments) throws Exception {
        boolean alone = false;
        for (String word : arguments) {
            if (word.startsWith("seconds=")) {
                seconds = Long.parseLong(word.substring("seconds=".length()));
            } else if (word.startsWith("megabytes=")) {
                megabytes = Long.parseLong(word.substring("megabytes=".length()));
            }
        }
        // Class loading and the start of the virtual machine belong to no K.
        for (int i = 0; i < REPEATS; i++) {
            Explorer.explore(input(3, Limits.DEFAULT.withRepairs(false)));
        }
        for (String word : arguments) {
            if (word.equals("alone")) {
                alone = true;
            } else if (word.matches("[0-9]+")) {
                int clients = Integer.parseInt(word);
                if (alone) {
                    ours(clients);
                } else {
                    compare(clients);
                }
            }
        }
    }

    /** What either side found. */
    private record Answer(double seconds, boolean finished, boolean orderDependent, List<Set<String>> fates, long finals,
            String cost) {
    }

    private void compare(int clients) throws IOException, InterruptedException {
        Answer ours = ours(clients);
        Answer spin = spin(clients);
        System.out.printf(Locale.ROOT, "K=%d  SPIN: %s%.2f s, %s%n", clients, spin.finished() ? "" : "not finished after ",
                spin.seconds(), spin.cost());
        if (!spin.finished()) {
            System.out.printf(Locale.ROOT, "K=%d  ratio: more than %.0f (SPIN was stopped at %d s or %d MB)%n", clients,
                    spin.seconds() / ours.seconds(), seconds, megabytes);
            return;
        }
        // A device's outcomes are free of those of the others exactly when the final states are all their combinations.
        boolean agree = ours.orderDependent() == spin.orderDependent() && ours.fates().equals(spin.fates())
                && ours.finals() == spin.finals();
        System.out.printf(Locale.ROOT, "K=%d  ratio: %.0f; %s: order-dependent %s, %d final states (ours: %s, %d)%n", clients,
                spin.seconds() / ours.seconds(), agree ? "both agree" : "THEY DISAGREE", spin.orderDependent(), spin.finals(),
                ours.orderDependent(), ours.finals());
        if (!agree) {
            throw new IllegalStateException("SPIN and the explorer disagree for K=" + clients);
        }
    }

    // ---- the explorer

    private static Answer ours(int clients) {
        ExplorerInput input = input(clients, Limits.DEFAULT.withRepairs(false));
        double first = 0;
        double best = Double.MAX_VALUE;
        Exploration found = null;
        double until = 0;
        for (int i = 0; i < REPEATS && until < 20; i++) {
            long start = System.nanoTime();
            found = Explorer.explore(input);
            double took = (System.nanoTime() - start) / NANOS_PER_SECOND;
            first = i == 0 ? took : first;
            best = Math.min(best, took);
            until += took;
        }
        List<Set<String>> fates = new ArrayList<>();
        double finals = 1;
        for (int c = 0; c < clients; c++) {
            Set<String> outcomes = new TreeSet<>();
            found.device("/client@" + c).outcomes().forEach(reachable -> outcomes.add(reachable.outcome().name()));
            fates.add(outcomes);
            finals *= outcomes.size();
        }
        String orders = found.stats().orders().toString();
        System.out.printf(Locale.ROOT, "K=%d  explorer: first %.4f s, best of %d %.4f s; %s orders, %d states, %d transitions, %s%n",
                clients, first, REPEATS, best, orders.length() < 20 ? orders : "10^" + (orders.length() - 1),
                found.stats().states(), found.stats().transitions(), found.verdict());
        return new Answer(first, true, found.verdict() == Verdict.ORDER_DEPENDENT, fates, finals < 1e15 ? (long) finals : -1, "");
    }

    /** One IOMMU, K clients behind it, a module for each; loads, late-init and one expiry in any order. */
    static ExplorerInput input(int clients, Limits limits) {
        BoardBuilder builder = Board.builder("one IOMMU, " + clients + " clients");
        List<KernelModule> modules = new ArrayList<>();
        builder.device("/iommu", "iommu").isIommu();
        modules.add(KernelModule.loadable("iommu",
                DriverDescription.named("iommu").withCompatible("iommu").withIommu(Unattached.ABORT)));
        for (int c = 0; c < clients; c++) {
            builder.device("/client@" + c, "client" + c).iommus("/iommu", c);
            modules.add(KernelModule.loadable("client" + c, DriverDescription.named("client" + c).withCompatible("client" + c)));
        }
        return ExplorerInput.of(builder.build(), new ModuleCatalogue(modules), Policy.TIMEOUT_MULTI)
                .withEvents(AllowedEvents.DEFAULT).withLimits(limits);
    }

    // ---- SPIN

    private Answer spin(int clients) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("latebind-spin");
        try {
            Files.writeString(folder.resolve("model.pml"), PromelaModel.of(clients));
            long start = System.nanoTime();
            call(folder, "spin", "-a", "model.pml");
            call(folder, "cc", "-O2", "-DSAFETY", "-DMEMLIM=" + megabytes, "-o", "pan", "pan.c");
            long made = System.nanoTime();
            boolean ended = start(folder, seconds, "./pan", "-m1000000", "-w25");
            long end = System.nanoTime();
            return read(folder.resolve("output"), clients, (end - start) / NANOS_PER_SECOND,
                    (made - start) / NANOS_PER_SECOND, ended);
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static Answer read(Path output, int clients, double seconds, double making, boolean ended) throws IOException {
        Set<String> finals = new HashSet<>();
        String stored = "unknown";
        boolean whole = ended;
        for (String line : Files.readAllLines(output)) {
            Matcher states = STORED.matcher(line);
            if (line.startsWith("FINAL ")) {
                finals.add(line.substring("FINAL ".length()));
            } else if (states.find()) {
                stored = states.group(1);
            } else if (line.contains("MEMLIM") || line.contains("out of memory") || line.contains("depth too small")) {
                whole = false;
            }
        }
        List<Set<String>> fates = new ArrayList<>();
        for (int c = 0; c < clients; c++) {
            Set<String> one = new TreeSet<>();
            for (String last : finals) {
                one.add(switch (last.charAt(c)) {
                    case '2' -> Outcome.BOUND_DIRECT.name();
                    case '3' -> Outcome.BOUND_TRANSLATED.name();
                    case '4' -> Outcome.BOUND_BLOCKED.name();
                    default -> Outcome.PENDING.name();
                });
            }
            fates.add(one);
        }
        return new Answer(seconds, whole, fates.stream().anyMatch(one -> one.size() > 1), fates, finals.size(),
                String.format(Locale.ROOT, "%s states stored, %.2f s of it spin -a and cc", stored, making));
    }

    private static void call(Path folder, String... command) throws IOException, InterruptedException {
        if (!start(folder, 120, command)) {
            throw new IllegalStateException(command[0] + " does not end");
        }
    }

    /** Runs a program, its output in a file; false when it had to be stopped. */
    private static boolean start(Path folder, long seconds, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile()).start();
        if (process.waitFor(seconds, TimeUnit.SECONDS)) {
            return true;
        }
        process.destroyForcibly().waitFor();
        return false;
    }
}
