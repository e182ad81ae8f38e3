package org.latebind.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.latebind.explorer.AllowedEvents;
import org.latebind.explorer.catalogue.ClientModules;
import org.latebind.launcher.session.AgreementRequest;
import org.latebind.launcher.session.Request;
import org.latebind.probe.Policy;
import picocli.CommandLine.Option;

/** {@code explore --live}: random schedules on the framework, each compared with the model after every event. */
final class LiveExploration {

    /** What may happen unless asked otherwise. */
    private static final String ALL_EVENTS = "load,unload,expire,fail,bind";

    @Option(names = "--live", paramLabel = "N",
            description = "Proves nothing: plays N random schedules on the live framework and compares each with the model. "
                    + "Default policies: all but xen; default events: all.")
    private Integer schedules;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "With --live: seed of the first schedule, each later one has the next (default ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--clients", paramLabel = "K",
            description = "K client modules (client-a, client-b ...) share the masters that no bundle drives; 0: dma-client drives "
                    + "them all (default; with --live 3 in most schedules).")
    private Integer clients;

    boolean asked() {
        return schedules != null;
    }

    /** Number of client modules for the model. */
    int clients() {
        checkClients();
        return clients == null ? 0 : clients;
    }

    private void checkClients() {
        if (clients != null && (clients < 0 || clients > ClientModules.SHARED_MAX)) {
            throw new BadInput("--clients takes 0 to " + ClientModules.SHARED_MAX + ", not " + clients);
        }
    }

    /**
     * Compares.
     *
     * @param policy a policy, {@code all}, or null for all but Xen's
     * @param allow  events, or null for all
     * @return the exit code: 0 when the two always agreed, 4 when not
     */
    int run(Installation installation, BoardFile board, Path population, PolicyOptions options, String policy, String allow,
            boolean json) throws Exception {
        if (schedules < 1) {
            throw new BadInput("--live takes a positive number, not " + schedules);
        }
        checkClients();
        List<String> policies = new ArrayList<>();
        if (policy == null || policy.equals("all")) {
            // Xen boots once, before there is anything to load modules into.
            Policy.all().stream().filter(one -> one != Policy.XEN).forEach(one -> policies.add(one.name()));
        } else {
            policies.add(PolicyOptions.policy(policy).name());
        }
        String events = allow == null ? ALL_EVENTS : allow;
        try {
            AllowedEvents.parse(events);
        } catch (IllegalArgumentException e) {
            throw new BadInput(e.getMessage());
        }
        board.tree();
        Populations.read(board, population);
        Path file = Populations.file(board, population);
        Request request = new Request(board.path().toAbsolutePath().toString(), board.name(), policies.get(0),
                options.on(LiveRun.DEFAULTS).values(), List.of(), null,
                file == null ? null : file.toAbsolutePath().toString(), "sim", false, false, true, false, 0, null, Map.of());
        Map<?, ?> answer = LiveRun.compare(installation, request,
                new AgreementRequest(schedules, seed, policies, events, clients == null ? -1 : clients));
        if (json) {
            Json.print(answer);
        } else {
            print(board, options, answer);
        }
        return ((List<?>) answer.get("disagreements")).isEmpty() ? ExitCode.OK : ExitCode.INTERNAL;
    }

    private static void print(BoardFile board, PolicyOptions options, Map<?, ?> answer) {
        List<?> disagreements = (List<?>) answer.get("disagreements");
        System.out.printf("%s: %s schedules from seed %s on, %s events, %d policies, %.1f s: %s%n", board.name(),
                answer.get("schedules"), answer.get("seed"), answer.get("events"), ((List<?>) answer.get("policies")).size(),
                ((Number) answer.get("millis")).longValue() / 1000.0,
                disagreements.isEmpty() ? "framework and model agree after every event" : "FRAMEWORK AND MODEL DISAGREE");
        for (Object one : disagreements) {
            Map<?, ?> found = (Map<?, ?>) one;
            System.out.printf("%npolicy %s, seed %s; the shortest schedule found:%n", found.get("policy"), found.get("seed"));
            ((List<?>) found.get("schedule")).forEach(line -> System.out.println("    " + line));
            ((List<?>) found.get("differences")).forEach(line -> System.out.println("  " + line));
            System.out.printf("  again, with these lines in FILE: ./latebind replay %s FILE --policy %s --clients %s%s --on live|model%n",
                    board.path(), found.get("policy"), found.get("clients"), options.asGiven());
        }
    }
}
