package org.latebind.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.latebind.console.trace.TraceViews;
import org.latebind.explorer.catalogue.ClientModules;
import org.latebind.explorer.catalogue.ModuleSet;
import org.latebind.explorer.replay.ModelReplay;
import org.latebind.explorer.replay.ReplayDocument;
import org.latebind.explorer.replay.ReplayException;
import org.latebind.probe.Board;
import org.latebind.probe.LogRecord;
import org.latebind.probe.Outcome;
import org.latebind.probe.Parameters;
import org.latebind.probe.State;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;
import org.latebind.schedule.ScheduleException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Plays a schedule, on the model or on the live framework. */
@Command(name = "replay", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Plays a schedule on the model or on the live framework and shows where every device ends.")
final class ReplayCommand implements Callable<Integer> {

    /** Where a schedule is played. */
    enum On {
        /** The probe engine alone. */ MODEL,
        /** Felix with real bundles and simulated hardware. */ LIVE
    }

    @picocli.CommandLine.Parameters(index = "0", paramLabel = "BOARD",
            description = "A .dtb, .dts or IORT file, or a board's name.")
    private String board;

    @picocli.CommandLine.Parameters(index = "1", paramLabel = "SCHEDULE",
            description = "The schedule (docs/schedules.md), or a trace (*.jsonl) of 'run --trace', played live as it was.")
    private Path schedule;

    @Option(names = "--on", defaultValue = "model", description = "model or live (default ${DEFAULT-VALUE}).")
    private On on;

    @Option(names = "--modules", paramLabel = "DIR|FILE",
            description = "A kernel's module directory or a catalogue file. Default: the driver bundles that come with us.")
    private Path modules;

    @Option(names = "--builtins", paramLabel = "FILE",
            description = "With a module directory: strings of built-in drivers, one a line, or an uncompressed kernel image.")
    private Path builtins;

    @Option(names = "--population", paramLabel = "FILE",
            description = "PCI functions and virtio devices the tree does not name (.pci or JSON). Default: BOARD.pci beside it.")
    private Path population;

    @Option(names = "--policy", paramLabel = "POLICY", defaultValue = "timeout-multi",
            description = "Which generation of the driver core decides (default ${DEFAULT-VALUE}).")
    private String policy;

    @Option(names = "--clients", paramLabel = "K", defaultValue = "0",
            description = "K client modules (client-a, client-b ...) share the masters that no bundle drives; "
                    + "0: dma-client drives them all (default).")
    private int clients;

    @Mixin
    private PolicyOptions options = new PolicyOptions();

    @Option(names = "--json", description = "One JSON document of the end state.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        Installation installation = Installation.find();
        BoardFile file = BoardFile.open(board, installation);
        if (TraceFile.named(schedule)) {
            return replayTrace(installation, file);
        }
        if (clients < 0 || clients > ClientModules.SHARED_MAX) {
            throw new BadInput("--clients takes 0 to " + ClientModules.SHARED_MAX + ", not " + clients);
        }
        Schedule events = read(schedule);
        if (on == On.LIVE) {
            ScheduleCheck.onModel(events, file.devices(population), ModuleSource.read(null, null, file, installation, clients),
                    PolicyOptions.policy(policy), options.on(LiveRun.DEFAULTS));
            return LiveRun.play(installation, file, schedule, PolicyOptions.policy(policy),
                    options.on(LiveRun.DEFAULTS), population, events.steps().stream().filter(ReplayCommand::counts).count(),
                    clients, json);
        }
        ModuleSet set = ModuleSource.read(modules, builtins, file, installation, clients);
        Board devices = file.devices(population);
        options.checkBuiltins(module -> set.catalogue().moduleIndex(module) >= 0);
        try {
            ModelReplay replay = ModelReplay.play(devices, set.catalogue(), PolicyOptions.policy(policy),
                    options.on(Parameters.DEFAULTS), events);
            if (json) {
                Json.print(ReplayDocument.of(file.name(), replay));
            } else {
                print(replay);
            }
            return ExitCode.OK;
        } catch (ReplayException e) {
            throw new BadInput(e.getMessage());
        }
    }

    /** A trace is played where it was made, with the policy and the parameters of its first line. */
    private int replayTrace(Installation installation, BoardFile file) throws Exception {
        TraceFile trace = TraceFile.read(schedule);
        if (!trace.board().equals(file.name())) {
            throw new BadInput(schedule + ":1: a trace of board " + trace.board() + ", not of " + file.name());
        }
        Parameters parameters = Parameters.DEFAULTS;
        try {
            for (var parameter : trace.parameters().entrySet()) {
                parameters = parameters.with(parameter.getKey(), parameter.getValue());
            }
        } catch (IllegalArgumentException e) {
            throw new BadInput(schedule + ":1: " + e.getMessage());
        }
        Path events = Files.createTempFile("latebind-", ".schedule");
        try {
            Files.writeString(events, TraceViews.schedule(trace.log()));
            return LiveRun.play(installation, file, events, PolicyOptions.policy(trace.policy()), parameters, population,
                    LiveRun.EVENTS_AS_THEY_WERE, 0, json);
        } finally {
            Files.deleteIfExists(events);
        }
    }

    private static boolean counts(Schedule.Step step) {
        return !(step.event() instanceof ScheduleEvent.Dma) && !(step.event() instanceof ScheduleEvent.Param);
    }

    static Schedule read(Path file) {
        try {
            return Schedule.read(file);
        } catch (ScheduleException e) {
            throw new BadInput(e.getMessage());
        } catch (IOException e) {
            throw new BadInput(file + ": cannot be read: "
                    + (Files.isDirectory(file) ? "is a directory" : BoardFile.reason(e)));
        }
    }

    private static void print(ModelReplay replay) {
        State state = replay.state();
        Board board = replay.engine().board();
        for (LogRecord record : replay.log()) {
            if (record.kind() != LogRecord.Kind.TRIGGER && record.kind() != LogRecord.Kind.RETRY
                    && record.kind() != LogRecord.Kind.DEVICE_ADDED) {
                System.out.println(ModelLog.line(replay.engine(), record));
            }
        }
        replay.refusals().forEach(System.out::println);
        System.out.println();
        for (int d = 0; d < board.deviceCount(); d++) {
            if (state.present(d) && state.outcome(d) != Outcome.NO_DRIVER) {
                System.out.printf("%-44s %-17s %s%s%n", board.device(d).path(), state.outcome(d),
                        state.bound(d) ? replay.engine().catalogue().driver(state.driver(d)).name() : "-",
                        state.group(d) < 0 ? "" : "  group " + state.group(d));
            }
        }
        for (int d : state.deferredList()) {
            String reason = state.reasonText(d).strip();
            System.out.println("waiting: " + board.device(d).path() + (reason.isEmpty() ? "" : "  " + reason));
        }
    }
}
