package org.latebind.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.latebind.launcher.session.Request;
import org.latebind.probe.Board;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Brings a board up on the live framework. */
@Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Brings a board up: its devices appear, driver modules come and go, devices bind and transfer.")
final class RunCommand implements Callable<Integer> {

    /** Hardware backends. */
    enum Backend {
        /** Simulated hardware. */ SIM,
        /** QEMU's virt machine with its SMMUv3. */ QEMU
    }

    private static final String GENERIC_CLIENT = "dma-client";
    private static final String QEMU_BOARD = "qemu-virt";
    private static final String QEMU_PROGRAM = "qemu-system-aarch64";

    @picocli.CommandLine.Parameters(arity = "0..1", paramLabel = "BOARD",
            description = "A .dtb, .dts or IORT file, or a board's name; none with --machine qemu, which brings its own.")
    private String board;

    @Option(names = "--policy", paramLabel = "POLICY", defaultValue = "latebind",
            description = "Which generation of the driver core decides (see 'latebind policies'; default ${DEFAULT-VALUE}).")
    private String policy;

    @Mixin
    private PolicyOptions options = new PolicyOptions();

    @Option(names = "--population", paramLabel = "FILE",
            description = "PCI functions and virtio devices the tree does not name (.pci or JSON). Default: BOARD.pci beside it.")
    private Path population;

    @Option(names = "--load", split = ",", paramLabel = "MODULE",
            description = "Modules to load, in this order. Default: all, unless there is a script; 'none' for none.")
    private List<String> load;

    @Option(names = "--autoload", arity = "0..1", paramLabel = "PLACE", fallbackValue = "",
            description = "Starts the driver bundle that a device asks for by its compatible strings, with what it needs, from"
                    + " our modules and PLACE: a folder of bundles, or a repository index (XML).")
    private String autoload;

    @Option(names = "--watch", paramLabel = "FOLDER",
            description = "Starts, updates and stops driver bundles as their jars come, change and go in FOLDER, until interrupted.")
    private Path watch;

    @Option(names = "--script", paramLabel = "FILE", description = "A schedule to play (docs/schedules.md).")
    private Path script;

    @Option(names = "--machine", paramLabel = "sim|qemu", defaultValue = "sim",
            description = "Simulated hardware, or QEMU's SMMUv3 and its edu devices (default ${DEFAULT-VALUE}).")
    private Backend machine;

    @Option(names = "--hardware", paramLabel = "NAME=VALUE", description = "An option of the simulated hardware, for example"
            + " prr.value=0x4f10 (an older chip) or ipmmu.firmware=tf-a; repeatable.")
    private Map<String, String> hardware = new LinkedHashMap<>();

    @Option(names = "--json", description = "One JSON document of the end state on standard output and nothing else.")
    private boolean json;

    @Option(names = "--exit", description = "Leave when everything has settled, instead of opening the shell.")
    private boolean exit;

    @Mixin
    private TraceOptions traces = new TraceOptions();

    @Option(names = "--web", arity = "0..1", paramLabel = "PORT", fallbackValue = "8080",
            description = "Serves the live page on this port of the loopback address (default ${FALLBACK-VALUE}; 0 for a free"
                    + " one) until interrupted.")
    private Integer web;

    @Override
    public Integer call() throws Exception {
        if ((web != null || watch != null) && (exit || json)) {
            throw new BadInput((web != null ? "--web" : "--watch") + " stays until it is interrupted, " + (exit ? "--exit" : "--json")
                    + " leaves: one of them");
        }
        traces.check();
        LivePage page = web == null ? null : LivePage.on(web);
        Installation installation = Installation.find();
        Request request = machine == Backend.QEMU ? onQemu(installation) : onSim(installation);
        LiveRun.Attendance attendance = new LiveRun.Attendance(wantsShell(), page, checkedWatch());
        if (!exit && !json && !attendance.stays()) {
            System.err.println("latebind: nothing to read commands from, so the board goes down again"
                    + " (--web or --watch keep it up, --exit says that this is meant)");
        }
        Map<?, ?> answer = LiveRun.go(installation, request, attendance);
        if (json) {
            Json.print(answer.get("document"));
        }
        if (traces.wanted()) {
            traces.write(request, (List<?>) answer.get("log"));
        }
        return (Integer) answer.get("exit");
    }

    /** Commands come from a terminal or a pipe; beside a page only from a terminal. */
    private boolean wantsShell() {
        return !exit && !json && (web == null || System.console() != null) && StandardInput.readable();
    }

    private Path checkedWatch() {
        if (watch != null && !Files.isDirectory(watch)) {
            throw new BadInput("--watch: " + watch + ": no such folder");
        }
        return watch == null ? null : watch.toAbsolutePath().normalize();
    }

    private Request onSim(Installation installation) {
        if (board == null) {
            throw new BadInput("run needs a BOARD (try 'latebind boards')");
        }
        BoardFile file = BoardFile.open(board, installation);
        Path devices = Populations.file(file, population);
        Board all = file.devices(population);
        Request request = request(installation, file.path().toAbsolutePath().toString(), file.name(),
                devices == null ? null : devices.toAbsolutePath().toString());
        if (script != null && autoload == null && watch == null) {
            ScheduleCheck.onModel(ReplayCommand.read(script), all, ModuleSource.read(null, null, file, installation),
                    PolicyOptions.policy(policy), options.on(LiveRun.DEFAULTS));
        }
        return request;
    }

    private Request onQemu(Installation installation) {
        if (board != null && !board.equals(QEMU_BOARD)) {
            throw new BadInput("--machine qemu brings its own board: give no BOARD, or " + QEMU_BOARD);
        }
        if (!Programs.onPath(QEMU_PROGRAM)) {
            throw new BadInput(QEMU_PROGRAM + " is not installed (Debian package qemu-system-arm)");
        }
        return request(installation, QEMU_BOARD, QEMU_BOARD, null);
    }

    private Request request(Installation installation, String file, String name, String devices) {
        if (autoload == null && watch == null) {
            options.checkBuiltins(module -> installation.module(module) != null);
        }
        return new Request(file, name, PolicyOptions.policy(policy).name(), options.on(LiveRun.DEFAULTS).values(),
                checkedModules(installation), checkedScript(installation), devices,
                machine.name().toLowerCase(java.util.Locale.ROOT), script == null, !exit && !json && script == null, json,
                traces.wanted(), 0, checkedPlace(), checkedHardware());
    }

    private Map<String, String> checkedHardware() {
        if (machine == Backend.QEMU && !hardware.isEmpty()) {
            throw new BadInput("--hardware is for simulated hardware, --machine qemu has its own");
        }
        hardware.forEach(HardwareOptions::check);
        return hardware;
    }

    private String checkedPlace() {
        if (autoload == null || autoload.isEmpty()) {
            return autoload;
        }
        if (!Files.exists(Path.of(autoload))) {
            throw new BadInput("--autoload: " + autoload + ": no such folder or index");
        }
        return Path.of(autoload).toAbsolutePath().toString();
    }

    private List<String> checkedModules(Installation installation) {
        if (load == null && autoload != null) {
            // The generic driver of masters serves what nobody claims; no compatible string asks for it.
            return script != null ? List.of() : List.of(GENERIC_CLIENT);
        }
        if (load == null) {
            return script != null ? List.of() : allModules(installation);
        }
        if (load.equals(List.of("none"))) {
            return List.of();
        }
        load.forEach(name -> checkModule(name, "--load", installation));
        return load;
    }

    private static List<String> allModules(Installation installation) {
        return installation.bundles(Installation.MODULES).stream().map(BoardFile::nameOf).toList();
    }

    private static void checkModule(String name, String where, Installation installation) {
        boolean jar = name.endsWith(".jar") && Files.isRegularFile(Path.of(name));
        if (!jar && installation.module(name) == null) {
            throw new BadInput(where + ": no module " + name + "; known: " + String.join(", ", allModules(installation)));
        }
    }

    private String checkedScript(Installation installation) {
        if (script == null) {
            return null;
        }
        for (Schedule.Step step : ReplayCommand.read(script).steps()) {
            if (step.event() instanceof ScheduleEvent.Load e) {
                checkModule(e.module(), script + ":" + step.line(), installation);
            } else if (step.event() instanceof ScheduleEvent.Unload e) {
                checkModule(e.module(), script + ":" + step.line(), installation);
            }
        }
        return script.toAbsolutePath().toString();
    }
}
