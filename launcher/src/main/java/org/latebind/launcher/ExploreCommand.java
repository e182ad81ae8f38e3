package org.latebind.launcher;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.latebind.explorer.AllowedEvents;
import org.latebind.explorer.Certificates;
import org.latebind.explorer.Constraints;
import org.latebind.explorer.ContradictionException;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Explorer;
import org.latebind.explorer.ExplorerInput;
import org.latebind.explorer.KnownCones;
import org.latebind.explorer.Limits;
import org.latebind.explorer.Verdict;
import org.latebind.explorer.catalogue.ModuleSet;
import org.latebind.explorer.report.Atlas;
import org.latebind.explorer.report.ExplorationDocument;
import org.latebind.explorer.report.ExplorationText;
import org.latebind.explorer.report.HtmlReport;
import org.latebind.explorer.report.JUnitXml;
import org.latebind.explorer.report.Sarif;
import org.latebind.probe.Board;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Explores every order of loading and unloading. */
@Command(name = "explore", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Proves what every order of module loads leads to, says which order breaks which device, and repairs it.")
final class ExploreCommand implements Callable<Integer> {

    /** Output formats. */
    enum Format {
        /** For people. */ TEXT,
        /** One document. */ JSON,
        /** For CI servers. */ JUNIT,
        /** For code-scanning tools. */ SARIF,
        /** One page that opens from disk. */ HTML
    }

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int THREADS_MAX = 1024;

    @picocli.CommandLine.Parameters(paramLabel = "BOARD",
            description = "A .dtb, .dts or IORT file, a board's name, or a folder (a summary of its trees with an IOMMU).")
    private String board;

    @Option(names = "--modules", paramLabel = "DIR|FILE",
            description = "A kernel's module directory or a catalogue file. Default: the driver bundles that come with us.")
    private Path modules;

    @Option(names = "--builtins", paramLabel = "FILE",
            description = "With a module directory: strings of built-in drivers, one a line, or an uncompressed kernel image.")
    private Path builtins;

    @Option(names = "--population", paramLabel = "FILE",
            description = "PCI functions and virtio devices the tree does not name (.pci or JSON). Default: BOARD.pci beside it.")
    private Path population;

    @Option(names = "--policy", paramLabel = "POLICY|all",
            description = "Which generation of the driver core decides, or all side by side (default timeout-multi).")
    private String policy;

    @Mixin
    private PolicyOptions options = new PolicyOptions();

    @Option(names = "--allow", paramLabel = "EVENTS",
            description = "load, unload, expire, fail, bind; comma separated (default load,expire).")
    private String allow;

    @Option(names = "--unloads", paramLabel = "N", description = "With unload: how many unloads may happen (default 1).")
    private Integer unloads;

    @Option(names = "--initramfs", split = ",", paramLabel = "MODULE", description = "Modules that load before all others.")
    private Set<String> initramfs = new TreeSet<>();

    @Option(names = "--start-level", split = ",", paramLabel = "MODULE=LEVEL", description = "Start levels of bundles.")
    private Map<String, Integer> startLevels = new TreeMap<>();

    @Option(names = "--before", split = ",", paramLabel = "FIRST:SECOND", description = "Orders that hold anyway.")
    private List<String> before = new ArrayList<>();

    @Option(names = "--format", defaultValue = "text", description = "text, json, junit, sarif or html (default text).")
    private Format format;

    @Option(names = "--output", paramLabel = "FILE", description = "Writes there instead of to standard output.")
    private Path output;

    @Option(names = "--certificate", paramLabel = "FILE",
            description = "Writes a certificate that 'latebind verify' checks without the search; compressed when it ends in .gz.")
    private Path certificate;

    @Option(names = "--max-states", paramLabel = "N", description = "States stored at most; reaching it ends with exit code 3.")
    private Long states;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all cores).")
    private Integer threads;

    @Mixin
    private LiveExploration live = new LiveExploration();

    @Override
    public Integer call() throws Exception {
        Installation installation = Installation.find();
        if (live.asked()) {
            return onTheFramework(installation);
        }
        OutputFile.check(output);
        OutputFile.check(certificate);
        policy = policy == null ? "timeout-multi" : policy;
        allow = allow == null ? "load,expire" : allow;
        if (Files.isDirectory(Path.of(board))) {
            return folder(installation);
        }
        BoardFile file = BoardFile.open(board, installation);
        if (format == Format.HTML) {
            file.tree();
        }
        if (certificate != null && "all".equals(policy)) {
            throw new BadInput("a certificate is about one policy");
        }
        List<Exploration> explorations = new ArrayList<>();
        try {
            ModuleSet set = new ModuleSource(modules, builtins, installation, live.clients()).forBoard(file);
            List<Policy> policies = "all".equals(policy) ? Policy.all() : List.of(PolicyOptions.policy(policy));
            Board devices = file.devices(population);
            Constraints constraints = constraints(set);
            options.checkBuiltins(module -> set.catalogue().moduleIndex(module) >= 0);
            Limits limits = policies.size() == 1 ? limits() : limits().withThreads(1);
            List<Callable<Exploration>> tasks = new ArrayList<>();
            for (Policy one : policies) {
                tasks.add(() -> Explorer.explore(new ExplorerInput(devices, set.catalogue(), one,
                        options.on(Parameters.DEFAULTS), constraints, events(), limits)));
            }
            inOrder(tasks, policies.size() == 1 ? 1 : limits().threads(), explorations::add);
            if (certificate != null) {
                certify(file, new ExplorerInput(devices, set.catalogue(), policies.get(0), options.on(Parameters.DEFAULTS),
                        constraints, events(), limits()), explorations.get(0));
            }
        } catch (ContradictionException e) {
            throw new BadInput(e.getMessage());
        }
        write(render(file, explorations));
        return exitCode(explorations);
    }

    private int onTheFramework(Installation installation) throws Exception {
        if (modules != null || format != Format.TEXT && format != Format.JSON || output != null) {
            throw new BadInput("--live runs the driver bundles that come with us, and prints text or JSON");
        }
        return live.run(installation, BoardFile.open(board, installation), population, options, policy, allow,
                format == Format.JSON);
    }

    private void certify(BoardFile file, ExplorerInput input, Exploration exploration) {
        if (exploration.verdict() == Verdict.LIMIT) {
            System.err.println("latebind: a limit was reached, so there is nothing to certify; " + certificate + " is not written");
            return;
        }
        Map<String, String> inputs = new TreeMap<>();
        inputs.put("board", board);
        given(inputs, "modules", modules);
        given(inputs, "builtins", builtins);
        given(inputs, "population", Populations.file(file, population));
        inputs.put("clients", String.valueOf(live.clients()));
        try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(certificate));
                OutputStream out = certificate.toString().endsWith(".gz") ? new GZIPOutputStream(raw) : raw;
                Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8)) {
            Certificates.write(input, exploration, inputs, writer);
        } catch (IOException e) {
            throw new BadInput(certificate + ": cannot be written: " + BoardFile.reason(e));
        }
    }

    private static void given(Map<String, String> inputs, String name, Path path) {
        if (path != null) {
            inputs.put(name, path.toString());
        }
    }

    /** All trees below a folder that have an IOMMU, each on one thread, as a summary for each policy. */
    private int folder(Installation installation) {
        if (format != Format.TEXT) {
            throw new BadInput(board + ": a folder of boards is summed up as text");
        }
        long start = System.nanoTime();
        List<Policy> policies = "all".equals(policy) ? Policy.all() : List.of(PolicyOptions.policy(policy));
        ModuleSource source = new ModuleSource(modules, builtins, installation, live.clients());
        List<Atlas> atlases = policies.stream().map(one -> new Atlas()).toList();
        KnownCones known = new KnownCones();
        List<Callable<Consumer<List<Atlas>>>> tasks = new ArrayList<>();
        List<Path> trees = BoardFile.below(Path.of(board));
        if (trees.isEmpty()) {
            throw new BadInput(board + ": no .dtb and no .dts in this folder");
        }
        for (Path path : trees) {
            tasks.add(() -> rows(path, source, installation, policies, known));
        }
        inOrder(tasks, limits().threads(), row -> row.accept(atlases));
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < policies.size(); i++) {
            texts.add(atlases.get(i).text(policies.get(i).name(), (System.nanoTime() - start) / NANOS_PER_MILLI));
        }
        write(String.join("\n", texts));
        List<Atlas.Row> rows = atlases.stream().flatMap(atlas -> atlas.rows().stream()).toList();
        return rows.stream().anyMatch(row -> row.findings() > 0) ? ExitCode.FINDING
                : rows.stream().anyMatch(row -> row.verdict() == Verdict.LIMIT) ? ExitCode.LIMIT : ExitCode.OK;
    }

    /** Explores one tree of a folder on one thread. */
    private Consumer<List<Atlas>> rows(Path path, ModuleSource source, Installation installation, List<Policy> policies,
            KnownCones known) {
        BoardFile file = BoardFile.open(path.toString(), installation);
        if (!Atlas.hasIommu(file.tree())) {
            return atlases -> atlases.forEach(Atlas::addWithoutIommu);
        }
        ModuleSet set = source.forBoard(file);
        Board devices = file.devices(population);
        List<Exploration> explorations = new ArrayList<>();
        try {
            for (Policy one : policies) {
                explorations.add(Explorer.explore(new ExplorerInput(devices, set.catalogue(), one,
                        options.on(Parameters.DEFAULTS), constraints(set), events(), limits().withThreads(1)), known));
            }
        } catch (ContradictionException e) {
            throw new BadInput(path + ": " + e.getMessage());
        }
        return atlases -> {
            for (int i = 0; i < policies.size(); i++) {
                atlases.get(i).add(file.name(), file.tree(), explorations.get(i));
            }
        };
    }

    /** Runs the tasks on that many threads and takes their results in order. */
    private static <T> void inOrder(List<Callable<T>> tasks, int threads, Consumer<T> result) {
        ExecutorService pool = Executors.newFixedThreadPool(threads, work -> {
            Thread thread = new Thread(work, "explore");
            thread.setDaemon(true);
            return thread;
        });
        try {
            for (Future<T> future : tasks.stream().map(pool::submit).toList()) {
                result.accept(future.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private Constraints constraints(ModuleSet set) {
        List<Constraints.Order> orders = new ArrayList<>();
        for (ModuleSet.Edge edge : set.edges()) {
            orders.add(new Constraints.Order(edge.first(), edge.second(),
                    edge.source().equals("modules.dep") ? Constraints.Origin.DEP : Constraints.Origin.SOFTDEP));
        }
        for (String pair : before) {
            String[] names = pair.split(":");
            if (names.length != 2) {
                throw new BadInput("--before takes FIRST:SECOND, not \"" + pair + "\"");
            }
            known(names[0], set);
            known(names[1], set);
            orders.add(new Constraints.Order(names[0], names[1], Constraints.Origin.GIVEN));
        }
        initramfs.forEach(name -> known(name, set));
        startLevels.keySet().forEach(name -> known(name, set));
        return new Constraints(orders, initramfs, startLevels);
    }

    private static void known(String module, ModuleSet set) {
        if (set.catalogue().moduleIndex(module) < 0 && !module.equals(Constraints.LATE_INIT)
                && !module.equals(Constraints.EXPIRE)) {
            throw new BadInput("no module " + module + " matters for this board");
        }
    }

    private AllowedEvents events() {
        AllowedEvents events;
        try {
            events = AllowedEvents.parse(allow);
        } catch (IllegalArgumentException e) {
            throw new BadInput("--allow: " + e.getMessage());
        }
        try {
            return unloads == null ? events : events.withUnloads(unloads);
        } catch (IllegalArgumentException e) {
            throw new BadInput("--unloads: " + e.getMessage());
        }
    }

    private Limits limits() {
        if (states != null && states < 1) {
            throw new BadInput("--max-states takes a positive number, not " + states);
        }
        if (threads != null && (threads < 1 || threads > THREADS_MAX)) {
            throw new BadInput("--threads takes 1 to " + THREADS_MAX + ", not " + threads);
        }
        Limits limits = states == null ? Limits.DEFAULT : Limits.DEFAULT.withStates(states);
        limits = threads == null ? limits : limits.withThreads(threads);
        return System.console() == null || output == null && format != Format.TEXT ? limits : limits.withProgress(
                (done, of, stored) -> System.err.printf("\r%d of %d cones, %d states ", done, of, stored));
    }

    private String render(BoardFile file, List<Exploration> explorations) {
        return switch (format) {
            case TEXT -> String.join("\n", explorations.stream().map(e -> ExplorationText.of(file.name(), e)).toList());
            case JSON -> explorations.size() == 1 ? Json.text(ExplorationDocument.of(file.name(), explorations.get(0)))
                    : Json.text(Map.of("explorations",
                            explorations.stream().map(e -> ExplorationDocument.of(file.name(), e)).toList()));
            case JUNIT -> JUnitXml.of(file.name(), explorations);
            case SARIF -> Json.text(Sarif.of(file.path().toString(), explorations));
            case HTML -> HtmlReport.of(file.name(), file.tree(),
                    explorations.stream().map(e -> ExplorationDocument.of(file.name(), e)).toList(), Json::text);
        };
    }

    private void write(String text) {
        if (output == null) {
            System.out.print(text);
            return;
        }
        OutputFile.write(output, text);
    }

    private static int exitCode(List<Exploration> explorations) {
        boolean limit = explorations.stream().anyMatch(e -> e.verdict() == Verdict.LIMIT);
        boolean finding = explorations.stream().anyMatch(e -> !e.findings().isEmpty());
        return finding ? ExitCode.FINDING : limit ? ExitCode.LIMIT : ExitCode.OK;
    }
}
