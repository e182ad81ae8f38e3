package org.latebind.launcher;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.latebind.explorer.catalogue.ModuleSet;
import org.latebind.explorer.explain.DeviceExplanation;
import org.latebind.explorer.explain.NearMiss;
import org.latebind.explorer.replay.ReplayDocument;
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

    @picocli.CommandLine.Parameters(index = "0", paramLabel = "BOARD",
            description = "A .dtb, .dts or IORT file, or a board's name.")
    private String board;

    @picocli.CommandLine.Parameters(index = "1", paramLabel = "DEVICE", description = "Path or name of the device.")
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

    @Override
    public Integer call() {
        Installation installation = Installation.find();
        BoardFile file = BoardFile.open(board, installation);
        Schedule events = schedule != null ? ReplayCommand.read(schedule)
                : new Schedule("late-init", List.of(new Schedule.Step(1, -1, new ScheduleEvent.LateInit())));
        ModuleSet set = ModuleSource.read(modules, builtins, file, installation);
        Board devices = file.devices(population);
        int index = devices.deviceIndex(device);
        if (index < 0) {
            throw new BadInput(device + ": no such device on " + file.name() + " ('latebind inspect' lists the masters)");
        }
        Parameters base = modules == null ? LiveRun.DEFAULTS : Parameters.DEFAULTS;
        try {
            DeviceExplanation explanation = DeviceExplanation.of(devices, set.catalogue(), PolicyOptions.policy(policy),
                    options.on(base), events, index);
            if (json) {
                Json.print(document(file, explanation));
            } else {
                print(explanation);
            }
            return ExitCode.OK;
        } catch (ReplayException e) {
            throw new BadInput(e.getMessage());
        }
    }

    private Map<String, Object> document(BoardFile file, DeviceExplanation e) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("board", file.name());
        document.put("policy", policy);
        document.put("device", e.path());
        document.put("outcome", e.before().name());
        document.put("reason", ReplayDocument.reason(e.reason()));
        document.put("cures", e.cures());
        document.put("outcomeWithAllModules", e.after().name());
        document.put("remaining", ReplayDocument.reason(e.remaining()));
        document.put("nearMiss", e.nearMiss().map(ExplainCommand::miss).orElse(null));
        return document;
    }

    private static Map<String, Object> miss(NearMiss miss) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("wanted", miss.wanted());
        row.put("offered", miss.offered());
        row.put("driver", miss.driver());
        row.put("module", miss.module());
        return row;
    }

    private static void print(DeviceExplanation e) {
        System.out.println(e.path() + ": " + e.before());
        if (e.reason() != null) {
            print(e.reason(), 1);
        }
        if (!e.cures().isEmpty()) {
            System.out.println("cure: " + String.join(", then ", e.cures()) + " -> " + e.after());
        } else if (e.reason() != null) {
            System.out.println("no known module changes that");
        }
        if (e.remaining() != null && !e.cures().isEmpty()) {
            System.out.println("and then:");
            print(e.remaining(), 1);
        }
        e.nearMiss().ifPresent(miss -> System.out.println("nearly: driver " + miss.driver() + " (module " + miss.module()
                + ") matches " + miss.offered() + ", not " + miss.wanted()));
    }

    private static void print(Reason reason, int depth) {
        System.out.println("  ".repeat(depth) + reason.text());
        reason.causes().forEach(cause -> print(cause, depth + 1));
    }
}
