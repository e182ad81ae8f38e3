package org.latebind.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.latebind.launcher.session.Request;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;
import org.latebind.schedule.ScheduleException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Brings a board up on the live framework. */
@Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Brings a board up: its devices appear, driver modules come and go, devices bind and transfer.")
final class RunCommand implements Callable<Integer> {

    @picocli.CommandLine.Parameters(paramLabel = "BOARD", description = "A .dtb, a .dts, or the name of a board.")
    private String board;

    @Option(names = "--policy", paramLabel = "POLICY", defaultValue = "latebind",
            description = "Which generation of the driver core decides (see 'latebind policies'; default ${DEFAULT-VALUE}).")
    private String policy;

    @Option(names = {"-p", "--param"}, paramLabel = "NAME=VALUE", description = "A parameter by its kernel name; repeatable.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(names = "--load", split = ",", paramLabel = "MODULE",
            description = "Modules to load, in this order. Default: all, unless there is a script; 'none' for none.")
    private List<String> load;

    @Option(names = "--script", paramLabel = "FILE", description = "A schedule to play (docs/schedules.md).")
    private Path script;

    @Option(names = "--json", description = "One JSON document of the end state on standard output and nothing else.")
    private boolean json;

    @Option(names = "--exit", description = "Leave when everything has settled, instead of opening the shell.")
    private boolean exit;

    @Option(names = "--trace", paramLabel = "FILE", description = "Writes the whole log as JSON lines.")
    private Path trace;

    @Override
    public Integer call() throws Exception {
        Installation installation = Installation.find();
        BoardFile file = BoardFile.open(board, installation);
        Request request = new Request(file.path().toAbsolutePath().toString(), file.name(), checkedPolicy(), checkedParameters(),
                checkedModules(installation), checkedScript(installation), script == null, !exit && script == null, json,
                trace != null);
        boolean shell = !exit && !json;
        List<Path> started = new ArrayList<>(installation.bundles(Installation.PLATFORM));
        if (shell) {
            started.addAll(installation.bundles(Installation.SHELL));
        }
        started.addAll(installation.bundles(Installation.CORE));
        started.add(installation.home().resolve("lib").resolve("launcher.jar"));
        try (FelixHost host = new FelixHost(request.toProperties(), shell)) {
            host.start(started, installation.bundles(Installation.MODULES));
            Map<?, ?> answer = host.work();
            if (json) {
                Json.print(answer.get("document"));
            }
            if (trace != null) {
                Json.printLines(trace, (List<?>) answer.get("log"));
            }
            if (shell) {
                host.waitForStop();
            }
            return (Integer) answer.get("exit");
        }
    }

    private String checkedPolicy() {
        try {
            return Policy.named(policy).name();
        } catch (IllegalArgumentException e) {
            throw new BadInput(e.getMessage());
        }
    }

    private Map<String, String> checkedParameters() {
        // No bundle drives clocks, regulators or power domains here: unless asked otherwise, nobody waits for what nobody could
        // bring.
        Parameters checked = Parameters.DEFAULTS.with("unknown_suppliers", "ready");
        try {
            for (Map.Entry<String, String> entry : parameters.entrySet()) {
                checked = checked.with(entry.getKey(), entry.getValue());
            }
        } catch (IllegalArgumentException e) {
            throw new BadInput(e.getMessage());
        }
        return checked.values();
    }

    private List<String> checkedModules(Installation installation) {
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
        try {
            Schedule schedule = Schedule.read(script);
            for (Schedule.Step step : schedule.steps()) {
                if (step.event() instanceof ScheduleEvent.Load e) {
                    checkModule(e.module(), script + ":" + step.line(), installation);
                } else if (step.event() instanceof ScheduleEvent.Unload e) {
                    checkModule(e.module(), script + ":" + step.line(), installation);
                }
            }
            return script.toAbsolutePath().toString();
        } catch (ScheduleException e) {
            throw new BadInput(e.getMessage());
        } catch (IOException e) {
            throw new BadInput(script + ": cannot be read: "
                    + (Files.isDirectory(script) ? "is a directory" : BoardFile.reason(e)));
        }
    }
}
