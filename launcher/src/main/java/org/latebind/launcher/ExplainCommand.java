package org.latebind.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.latebind.devicetree.PathSearch;
import org.latebind.explorer.catalogue.ModuleSet;
import org.latebind.explorer.explain.DeviceExplanation;
import org.latebind.explorer.explain.ExplanationReport;
import org.latebind.explorer.replay.ReplayException;
import org.latebind.probe.Board;
import org.latebind.probe.Parameters;
import org.latebind.probe.Reason;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Explains one device. */
@Command(name = "explain", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Says why a device is not translated, and which command cures it.")
final class ExplainCommand implements Callable<Integer> {

    private static final String LOAD = "load ";

    @picocli.CommandLine.Parameters(index = "0", paramLabel = "BOARD",
            description = "A .dtb, .dts or IORT file, or a board's name.")
    private String board;

    @picocli.CommandLine.Parameters(index = "1", paramLabel = "DEVICE", description = "Path, node name or unit address.")
    private String device;

    @Option(names = "--policy", paramLabel = "POLICY", defaultValue = "timeout-multi",
            description = "Which generation of the driver core decides (default ${DEFAULT-VALUE}).")
    private String policy;

    @Mixin
    private PolicyOptions options = new PolicyOptions();

    @Option(names = "--modules", paramLabel = "DIR|FILE",
            description = "A kernel's module directory or a catalogue file. Default: the driver bundles that come with us.")
    private Path modules;

    @Option(names = "--builtins", paramLabel = "FILE",
            description = "With a module directory: strings of built-in drivers, one a line, or an uncompressed kernel image.")
    private Path builtins;

    @Option(names = "--population", paramLabel = "FILE",
            description = "PCI functions and virtio devices the tree does not name (.pci or JSON). Default: BOARD.pci beside it.")
    private Path population;

    @Option(names = "--schedule", paramLabel = "FILE",
            description = "What happened so far. Default: late-init, no module loaded.")
    private Path schedule;

    @Option(names = "--json", description = "One JSON document instead of text.")
    private boolean json;

    @Option(names = "--load", split = ",", paramLabel = "MODULE",
            description = "Modules that are loaded already, in this order. Not with --schedule.")
    private List<String> load = List.of();

    @Override
    public Integer call() {
        Installation installation = Installation.find();
        BoardFile file = BoardFile.open(board, installation);
        ModuleSet set = ModuleSource.read(modules, builtins, file, installation);
        Board devices = file.devices(population);
        options.checkBuiltins(module -> set.catalogue().moduleIndex(module) >= 0);
        int index = device(file, devices);
        Parameters base = modules == null ? LiveRun.DEFAULTS : Parameters.DEFAULTS;
        try {
            DeviceExplanation explanation = DeviceExplanation.of(devices, set.catalogue(), PolicyOptions.policy(policy),
                    options.on(base), events(), index);
            if (json) {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put("board", file.name());
                document.put("policy", policy);
                document.putAll(ExplanationReport.document(explanation));
                Json.print(document);
            } else {
                System.out.print(ExplanationReport.text(explanation));
                howTo(explanation).forEach(System.out::println);
                spelling(explanation).forEach(System.out::println);
            }
            return ExitCode.OK;
        } catch (ReplayException e) {
            throw new BadInput(e.getMessage());
        }
    }

    private Schedule events() {
        if (schedule != null && !load.isEmpty()) {
            throw new BadInput("--load and --schedule both say what happened so far; give one");
        }
        if (schedule != null) {
            return ReplayCommand.read(schedule);
        }
        List<Schedule.Step> steps = new ArrayList<>();
        load.forEach(module -> steps.add(new Schedule.Step(0, -1, new ScheduleEvent.Load(module))));
        steps.add(new Schedule.Step(1, -1, new ScheduleEvent.LateInit()));
        return new Schedule("--load", steps);
    }

    private int device(BoardFile file, Board devices) {
        int index = devices.deviceIndex(device);
        if (index >= 0) {
            return index;
        }
        List<String> paths = new ArrayList<>();
        for (int d = 0; d < devices.deviceCount(); d++) {
            paths.add(devices.device(d).path());
        }
        List<String> found = PathSearch.find(paths, device);
        if (found.size() > 1) {
            throw new BadInput(device + ": several devices on " + file.name() + ": " + String.join(", ", found));
        }
        if (found.isEmpty()) {
            throw new BadInput(device + ": no such device on " + file.name() + " ('latebind inspect' lists the masters)");
        }
        return devices.deviceIndex(found.get(0));
    }

    /** What to write into the tree, should it be the tree that is wrong. */
    private static List<String> spelling(DeviceExplanation e) {
        return e.nearMiss().map(miss -> {
            String node = e.remaining() == null ? null : node(e.remaining(), miss.wanted());
            return List.of("if the tree is wrong: " + (node == null ? e.path() : node) + " needs compatible = \"" + miss.offered() + "\"");
        }).orElse(List.of());
    }

    /** The node of the tree of reasons that nobody drives by this string, or null. */
    private static String node(Reason reason, String wanted) {
        for (Reason cause : reason.causes()) {
            if (cause.kind() == Reason.Kind.NOTHING && cause.subject().equals(wanted)) {
                return reason.subject();
            }
            String below = node(cause, wanted);
            if (below != null) {
                return below;
            }
        }
        return null;
    }

    /** What to type for the cure, on our live board or on a kernel. */
    private List<String> howTo(DeviceExplanation e) {
        List<String> loads = e.cures().stream().filter(cure -> cure.startsWith(LOAD)).map(cure -> cure.substring(LOAD.length()))
                .toList();
        if (loads.isEmpty() || loads.size() < e.cures().size() || !e.after().isBound()) {
            return List.of();
        }
        if (modules != null) {
            return List.of("on the machine: " + String.join(" && ", loads.stream().map(name -> "modprobe " + name).toList()));
        }
        List<String> all = new ArrayList<>(load);
        all.addAll(loads);
        return schedule != null ? List.of() : List.of("see it: latebind run " + board + " --policy " + policy + " --load "
                + String.join(",", all) + " --exit");
    }
}
