package org.latebind.launcher.session;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.latebind.console.module.DriverModules;
import org.latebind.explorer.AllowedEvents;
import org.latebind.explorer.catalogue.BundleModules;
import org.latebind.explorer.replay.ModelReplay;
import org.latebind.explorer.replay.RandomSchedule;
import org.latebind.probe.Board;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Plays random schedules on the framework and on the model and compares the two after every event. A schedule on which they
 * differ is made as short as leaving out single events makes it. The framework stays; each schedule has a board of its own.
 */
@Component(service = Callable.class, property = "latebind.session=agreement")
public final class Agreement implements Callable<Map<String, Object>> {

    private static final int EVENTS = 12;
    /** Client modules while the request leaves it open, and how many of how many schedules have them. */
    private static final int CLIENTS = 3;
    private static final int SHARED_OF = 4;
    private static final int DISAGREEMENTS_MAX = 3;

    private final BundleContext context;
    private final Request request;
    private final AgreementRequest wanted;
    private final DriverModules modules;
    private final ClientBundles clients;
    private final List<Map<String, Object>> disagreements = new ArrayList<>();
    private BoardInput input;
    private Board board;
    private long events;

    /** Takes what it works with. */
    @Activate
    public Agreement(BundleContext context, @Reference DriverModules modules, @Reference ClientBundles clients,
            @Reference DriverParameters written) {
        this.context = context;
        this.request = Request.from(context);
        this.wanted = AgreementRequest.from(context);
        this.modules = modules;
        this.clients = clients;
    }

    @Override
    public Map<String, Object> call() throws Exception {
        long start = System.nanoTime();
        input = BoardInput.of(request);
        board = input.devices();
        int shared = wanted.clients() >= 0 ? wanted.schedules() : wanted.schedules() - wanted.schedules() / SHARED_OF;
        play(0, shared, wanted.clients() >= 0 ? wanted.clients() : CLIENTS);
        play(shared, wanted.schedules(), 0);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("board", request.name());
        answer.put("policies", wanted.policies());
        answer.put("schedules", wanted.schedules());
        answer.put("seed", wanted.seed());
        answer.put("events", events);
        answer.put("disagreements", disagreements);
        answer.put("millis", (System.nanoTime() - start) / 1_000_000);
        return answer;
    }

    private void play(int from, int to, int shared) throws InterruptedException {
        if (from >= to) {
            return;
        }
        if (shared > 0) {
            clients.share(input.tree(), shared);
        }
        try {
            ModuleCatalogue catalogue = new ModuleCatalogue(BundleModules.forBoard(clients.jars(), input.tree(), shared));
            for (int number = from; number < to && disagreements.size() < DISAGREEMENTS_MAX; number++) {
                String policy = wanted.policies().get(number % wanted.policies().size());
                long seed = wanted.seed() + number;
                RandomSchedule random = new RandomSchedule(seed, AllowedEvents.parse(wanted.allow()));
                Duel duel = new Duel(catalogue, policy);
                boolean agree = duel.fight(new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return duel.played.size() < EVENTS;
                    }

                    @Override
                    public ScheduleEvent next() {
                        return random.next(duel.model);
                    }
                });
                events += duel.played.size();
                if (!agree) {
                    disagreements.add(shorter(duel).document(seed, shared));
                }
            }
        } finally {
            if (shared > 0) {
                clients.withdraw();
            }
        }
    }

    /** Leaves out one event after the other as long as what is left still tells the two apart. */
    private Duel shorter(Duel found) throws InterruptedException {
        Duel best = found;
        for (int leaveOut = best.played.size() - 2; leaveOut >= 0; leaveOut--) {
            List<ScheduleEvent> fewer = new ArrayList<>(best.played);
            fewer.remove(leaveOut);
            Duel duel = new Duel(best.catalogue, best.policy);
            if (!duel.fight(fewer.iterator())) {
                best = duel;
                leaveOut = Math.min(leaveOut, best.played.size() - 1);
            }
        }
        return best;
    }

    /** One schedule on both sides. */
    private final class Duel {

        private final ModuleCatalogue catalogue;
        private final String policy;
        private final ModelReplay model;
        private final List<ScheduleEvent> played = new ArrayList<>();
        private List<String> differences = List.of();

        Duel(ModuleCatalogue catalogue, String policy) {
            this.catalogue = catalogue;
            this.policy = policy;
            Parameters parameters = Parameters.DEFAULTS;
            for (Map.Entry<String, String> entry : input.parameters().entrySet()) {
                if (Parameters.NAMES.containsKey(entry.getKey())) {
                    parameters = parameters.with(entry.getKey(), entry.getValue());
                }
            }
            model = ModelReplay.start(board, catalogue, Policy.named(policy), parameters);
        }

        /** Plays until the events end or the two differ; true when they never did. */
        boolean fight(Iterator<ScheduleEvent> schedule) throws InterruptedException {
            try (LiveBoard live = new LiveBoard(context, input.under(policy), request.machine())) {
                ScheduleRunner runner = new ScheduleRunner(live.core(), modules, List::of, line -> { }, line -> { });
                while (differences.isEmpty() && schedule.hasNext()) {
                    ScheduleEvent event = schedule.next();
                    played.add(event);
                    String refused = model.play(event);
                    String refusedLive = runner.step(event);
                    compare(live, refused, refusedLive);
                }
            } finally {
                modules.modules().stream().filter(module -> module.loaded() && isOurs(module.name()))
                        .forEach(module -> modules.unload(module.name()));
            }
            return differences.isEmpty();
        }

        private boolean isOurs(String module) {
            return catalogue.moduleIndex(module) >= 0;
        }

        private void compare(LiveBoard live, String refused, String refusedLive) {
            List<String> found = new ArrayList<>();
            if ((refused == null) != (refusedLive == null)) {
                found.add("the last event: the model says " + Objects.requireNonNullElse(refused, "done")
                        + ", the framework " + Objects.requireNonNullElse(refusedLive, "did it"));
            }
            Map<String, String> said = model.standing();
            Map<String, String> came = live.standing();
            Set<String> keys = new TreeSet<>(said.keySet());
            keys.addAll(came.keySet());
            for (String key : keys) {
                if (!Objects.equals(said.get(key), came.get(key))) {
                    found.add(key + ": the model says " + said.get(key) + ", the framework came to " + came.get(key));
                }
            }
            differences = found;
        }

        Map<String, Object> document(long seed, int shared) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("policy", policy);
            document.put("seed", seed);
            document.put("clients", shared);
            document.put("schedule", played.stream().map(Schedule::format).toList());
            document.put("differences", differences);
            return document;
        }
    }
}
