package org.latebind.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.launcher.session.AgreementRequest;
import org.latebind.launcher.session.Request;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;

/** One run of the live framework from the command line. */
final class LiveRun {

    /**
     * Parameters of a live run unless asked otherwise: no bundle drives clocks, regulators or power domains, so nobody
     * waits for what nobody could bring.
     */
    static final Parameters DEFAULTS = Parameters.DEFAULTS.with("unknown_suppliers", "ready");

    /** The number of events in a document is what the core counted. */
    static final long EVENTS_AS_THEY_WERE = -1;

    /** The bundle whose thread reads commands as soon as it is started. */
    private static final String SHELL_READER = "org.apache.felix.gogo.jline.jar";

    /** How often a watched folder is looked at; a jar is taken when it did not change between two looks. */
    private static final String WATCH_POLL_MILLIS = "500";

    private LiveRun() {
    }

    /** Plays a schedule and leaves. */
    static int play(Installation installation, BoardFile board, Path schedule, Policy policy, Parameters parameters,
            Path population, long events, int clients, boolean json) throws Exception {
        board.devices(population);
        Path file = Populations.file(board, population);
        Request request = new Request(board.path().toAbsolutePath().toString(), board.name(), policy.name(), parameters.values(),
                List.of(), schedule.toAbsolutePath().toString(), file == null ? null : file.toAbsolutePath().toString(),
                "sim", false, false, json, false, clients, null, Map.of());
        Map<?, ?> answer = go(installation, request, Attendance.NONE);
        if (json) {
            Map<Object, Object> document = new java.util.LinkedHashMap<>((Map<?, ?>) answer.get("document"));
            // As on the model: the events of the schedule, not the services they turned into.
            if (events != EVENTS_AS_THEY_WERE) {
                document.put("events", events);
            }
            Json.print(document);
        }
        return (Integer) answer.get("exit");
    }

    /** Boots the framework and compares it with the model. */
    static Map<?, ?> compare(Installation installation, Request request, AgreementRequest comparison) throws Exception {
        List<Path> started = new ArrayList<>(installation.bundles(Installation.PLATFORM));
        started.addAll(installation.bundles(Installation.CORE));
        started.add(installation.home().resolve("lib").resolve("launcher.jar"));
        try (FelixHost host = new FelixHost(request.toProperties(), comparison.toProperties())) {
            host.start(started, installation.bundles(Installation.MODULES));
            return host.work(FelixHost.AGREEMENT);
        }
    }

    /**
     * What a run has beside its request.
     *
     * @param shell whether a shell opens and the run lasts until somebody leaves it
     * @param page  the live page, served until the program is interrupted or the shell is left; null for none
     * @param watch folder whose bundles come and go with its jars, as long; null for none
     */
    record Attendance(boolean shell, LivePage page, Path watch) {

        /** Nobody is there: the run ends when everything has settled. */
        static final Attendance NONE = new Attendance(false, null, null);

        boolean stays() {
            return shell || page != null || watch != null;
        }
    }

    /** Boots the framework, lets the session work, and stays as long as somebody attends. */
    static Map<?, ?> go(Installation installation, Request request, Attendance attendance) throws Exception {
        Path reader = attendance.shell() ? shellReader(installation) : null;
        List<Path> installed = new ArrayList<>(installation.bundles(Installation.MODULES));
        if (reader != null) {
            installed.add(reader);
        }
        try (FelixHost host = new FelixHost(request.toProperties(), settings(installation, attendance))) {
            host.start(started(installation, request, attendance, reader), installed);
            if (attendance.stays() && !attendance.shell()) {
                // An interrupted program takes its board down in order, too.
                Runtime.getRuntime().addShutdownHook(new Thread(host::close, "latebind-stop"));
            }
            Map<?, ?> answer = host.work(FelixHost.SESSION);
            if (answer.get("badInput") != null) {
                throw new BadInput((String) answer.get("badInput"));
            }
            if (attendance.page() != null) {
                System.err.println("Live page: " + attendance.page().address());
            }
            if (attendance.watch() != null) {
                System.err.println("Watching " + attendance.watch());
            }
            if (reader != null) {
                // Only now: its first line may name any command.
                host.openShell(reader);
            }
            if (attendance.stays()) {
                host.waitForStop();
            }
            return answer;
        }
    }

    private static List<Path> started(Installation installation, Request request, Attendance attendance, Path reader) {
        List<Path> started = new ArrayList<>(installation.bundles(Installation.PLATFORM));
        if (attendance.shell()) {
            started.addAll(installation.bundles(Installation.SHELL));
            started.remove(reader);
        }
        if (attendance.page() != null) {
            started.addAll(installation.bundles(Installation.WEB));
        }
        if (request.autoload() != null) {
            started.addAll(installation.bundles(Installation.AUTOLOAD));
        }
        if (attendance.watch() != null) {
            for (Path jar : installation.bundles(Installation.WATCH)) {
                // The log stands in two folders.
                if (started.stream().noneMatch(other -> other.getFileName().equals(jar.getFileName()))) {
                    started.add(jar);
                }
            }
        }
        started.addAll(installation.bundles(Installation.CORE));
        started.add(installation.home().resolve("lib").resolve("launcher.jar"));
        return started;
    }

    private static Map<String, String> settings(Installation installation, Attendance attendance) {
        Map<String, String> settings = new HashMap<>(attendance.page() == null ? Map.of() : attendance.page().settings());
        // The shell reads etc/gosh_profile there: scope, prompt, completions.
        settings.put("gosh.home", installation.home().toAbsolutePath().toString());
        if (System.console() == null) {
            // What comes through a pipe is nobody's typing: the history of the user's shell is neither read nor written.
            settings.put("gosh.args", "--nohistory");
        }
        if (attendance.watch() != null) {
            settings.put("felix.fileinstall.dir", attendance.watch().toString());
            settings.put("felix.fileinstall.filter", ".*\\.jar");
            settings.put("felix.fileinstall.poll", WATCH_POLL_MILLIS);
            settings.put("felix.fileinstall.noInitialDelay", "true");
            settings.put("felix.fileinstall.log.level", "2");
            // A jar that comes under a running board is started at once, and is gone with the run.
            settings.put("felix.fileinstall.bundles.new.start", "true");
            settings.put("felix.fileinstall.bundles.startTransient", "true");
        }
        return settings;
    }

    private static Path shellReader(Installation installation) {
        return installation.bundles(Installation.SHELL).stream().filter(jar -> jar.endsWith(SHELL_READER)).findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + SHELL_READER + " among the bundles of the shell"));
    }
}
