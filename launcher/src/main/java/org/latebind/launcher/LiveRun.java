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

    private LiveRun() {
    }

    /** Plays a schedule and leaves. */
    static int play(Installation installation, BoardFile board, Path schedule, Policy policy, Parameters parameters,
            Path population, long events, int clients, boolean json) throws Exception {
        board.tree();
        Populations.read(board, population);
        Path file = Populations.file(board, population);
        Request request = new Request(board.path().toAbsolutePath().toString(), board.name(), policy.name(), parameters.values(),
                List.of(), schedule.toAbsolutePath().toString(), file == null ? null : file.toAbsolutePath().toString(),
                "sim", false, false, json, false, clients, null);
        Map<?, ?> answer = go(installation, request, false);
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

    /** Boots the framework, lets the session work, and with {@code shell} stays until somebody leaves it. */
    static Map<?, ?> go(Installation installation, Request request, boolean shell) throws Exception {
        return go(installation, request, shell, null);
    }

    /** The same with a live page, which is served until the program is interrupted or the shell is left; null for none. */
    static Map<?, ?> go(Installation installation, Request request, boolean shell, LivePage page) throws Exception {
        List<Path> started = new ArrayList<>(installation.bundles(Installation.PLATFORM));
        List<Path> installed = new ArrayList<>(installation.bundles(Installation.MODULES));
        Path reader = shell ? shellReader(installation) : null;
        if (shell) {
            started.addAll(installation.bundles(Installation.SHELL));
            started.remove(reader);
            installed.add(reader);
        }
        if (page != null) {
            started.addAll(installation.bundles(Installation.WEB));
        }
        started.addAll(installation.bundles(Installation.CORE));
        started.add(installation.home().resolve("lib").resolve("launcher.jar"));
        Map<String, String> settings = new HashMap<>(page == null ? Map.of() : page.settings());
        // The shell reads etc/gosh_profile there: scope, prompt, completions.
        settings.put("gosh.home", installation.home().toAbsolutePath().toString());
        try (FelixHost host = new FelixHost(request.toProperties(), settings)) {
            host.start(started, installed);
            if (page != null) {
                // An interrupted program takes its board down in order, too.
                Runtime.getRuntime().addShutdownHook(new Thread(host::close, "latebind-stop"));
            }
            Map<?, ?> answer = host.work(FelixHost.SESSION);
            if (page != null) {
                System.err.println("Live page: " + page.address());
            }
            if (shell) {
                // Only now: its first line may name any command.
                host.openShell(reader);
            }
            if (shell || page != null) {
                host.waitForStop();
            }
            return answer;
        }
    }

    private static Path shellReader(Installation installation) {
        return installation.bundles(Installation.SHELL).stream().filter(jar -> jar.endsWith(SHELL_READER)).findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + SHELL_READER + " among the bundles of the shell"));
    }
}
