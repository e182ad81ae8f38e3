package org.latebind.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Bound;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.latebind.iommu.core.ToyIommu;
import org.latebind.probe.Board;
import org.latebind.probe.BoardBuilder;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Event;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.State;
import org.latebind.probe.Unattached;
import org.latebind.runtime.Command;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;

/**
 * The live shell, whose engine learns of drivers as they come, and the pure engine, which knows them all from the start, agree
 * after every event of random sequences on random boards. A failure names its seed.
 */
class LiveShellTest {

    private static final int SEQUENCES = Integer.getInteger("latebind.live.sequences", 100_000);
    private static final int EVENTS = 12;
    private static final List<Policy> POLICIES = Policy.all().stream().filter(policy -> policy != Policy.XEN).toList();

    @Test
    void theShellDoesWhatTheEngineSays() {
        // Each sequence has threads of its own; several at a time keep the processors busy while those hand over.
        Set<String> words = IntStream.range(0, SEQUENCES).parallel().mapToObj(LiveShellTest::play).flatMap(Set::stream)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(words).as("outcomes that were met").contains("NO_DRIVER", "PENDING", "FAILED", "BOUND_TRANSLATED",
                "BOUND_DIRECT", "BOUND_BLOCKED", "GROUPED_UNBOUND", "FORCED_OFF");
    }

    /** Plays one sequence and returns the outcomes it met. */
    private static Set<String> play(int seed) {
        Policy policy = POLICIES.get(seed % POLICIES.size());
        Set<String> words = new TreeSet<>();
        try (Run run = new Run(seed, policy)) {
            for (int event = 0; event < EVENTS; event++) {
                run.next();
                State live = run.settled();
                if (!standing(live).equals(standing(run.state))) {
                    throw new AssertionError("seed " + seed + ", " + policy + ": " + run.done + "\nthe shell: " + standing(live)
                            + "\nthe engine: " + standing(run.state));
                }
                for (int device = 0; device < run.board.deviceCount(); device++) {
                    words.add(live.outcome(device).name());
                }
            }
            assertThat(run.live()).as("seed %d, %s: %s", seed, policy, run.done).isEqualTo(run.model());
        }
        return words;
    }

    /** Where every device stands: outcome, driver, group; and the deferred list. */
    private static String standing(State state) {
        StringBuilder text = new StringBuilder();
        for (int device = 0; device < state.board().deviceCount(); device++) {
            int driver = state.driver(device);
            text.append(state.outcome(device)).append(' ')
                    .append(driver < 0 ? "-" : state.catalogue().driver(driver).name()).append(' ')
                    .append(state.group(device)).append(", ");
        }
        return text.append(Arrays.toString(state.deferredList())).toString();
    }

    /** One board, live and as a model. */
    private static final class Run implements AutoCloseable {
        private final Random random;
        private final Board board;
        private final ProbeEngine engine;
        private final LiveBoard live;
        private final Map<Integer, LiveDriver> present = new HashMap<>();
        private final List<String> done = new ArrayList<>();
        private State state;

        Run(long seed, Policy policy) {
            random = new Random(seed);
            int iommus = 1 + random.nextInt(2);
            int clients = 1 + random.nextInt(4);
            board = board(seed, iommus, clients);
            engine = new ProbeEngine(board, catalogue(iommus, clients), policy, Parameters.DEFAULTS);
            state = engine.run(engine.initial(), new Event.Boot(), engine.model()).state();
            live = new LiveBoard(board, policy);
        }

        private Board board(long seed, int iommus, int clients) {
            BoardBuilder builder = Board.builder("random " + seed);
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < iommus + clients + 1; i++) {
                order.add(i);
            }
            java.util.Collections.shuffle(order, random);
            for (int i : order) {
                if (i < iommus) {
                    BoardBuilder.DeviceDraft unit = builder.device("/iommu@" + i, "iommu" + i).isIommu();
                    if (random.nextInt(4) == 0) {
                        unit.supplier("vdd-supply", "/reg@0");
                    }
                } else if (i < iommus + clients) {
                    client(builder, i - iommus, iommus);
                } else {
                    builder.device("/reg@0", "reg0");
                }
            }
            return builder.build();
        }

        private void client(BoardBuilder builder, int number, int iommus) {
            BoardBuilder.DeviceDraft draft = builder.device("/client@" + number, "client" + number % 2);
            if (random.nextInt(3) == 0) {
                draft.supplier("vdd-supply", "/reg@0");
            }
            int entries = random.nextInt(3);
            for (int entry = 0; entry < entries; entry++) {
                draft.iommus("/iommu@" + random.nextInt(iommus), random.nextInt(4));
            }
        }

        private ModuleCatalogue catalogue(int iommus, int clients) {
            List<KernelModule> modules = new ArrayList<>();
            for (int i = 0; i < iommus; i++) {
                Unattached unattached = random.nextBoolean() ? Unattached.ABORT : Unattached.BYPASS;
                modules.add(module(DriverDescription.named("iommu" + i).withIommu(unattached)
                        .withClientLinks(random.nextInt(4) == 0), "iommu" + i));
            }
            for (int i = 0; i < Math.min(2, clients); i++) {
                modules.add(module(DriverDescription.named("client" + i), "client" + i));
            }
            modules.add(module(DriverDescription.named("reg"), "reg0"));
            return new ModuleCatalogue(modules);
        }

        private static KernelModule module(DriverDescription driver, String compatible) {
            return KernelModule.loadable(driver.name() + "-bundle", driver.withCompatible(compatible));
        }

        void next() {
            int device = random.nextInt(board.deviceCount());
            String path = board.device(device).path();
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3, 4, 5 -> toggle(random.nextInt(engine.catalogue().drivers().size()));
                case 6 -> both(new Command.LateInit(), new Event.LateInit());
                case 7 -> both(new Command.Expire(), new Event.Expire());
                case 8 -> {
                    long micros = random.nextInt(4_000_000);
                    both(new Command.Advance(micros * 1000), new Event.Advance(state.nowMicros() + micros));
                }
                case 9 -> both(new Command.Unbind(path), new Event.Unbind(device));
                case 10 -> both(new Command.Bind(path, null), new Event.Bind(device, -1));
                default -> fail(device, path);
            }
        }

        private void fail(int device, String path) {
            // The shell knows only drivers that came at least once.
            if (!present.isEmpty()) {
                int driver = present.keySet().iterator().next();
                Errno errno = random.nextBoolean() ? Errno.EIO : null;
                String name = engine.catalogue().driver(driver).name();
                both(new Command.Fail(name, path, errno), new Event.InjectFailure(driver, device,
                        errno == null ? 0 : errno.number()));
            }
        }

        private void both(Command command, Event event) {
            done.add(command.toString());
            live.loop.execute(command);
            state = engine.run(state, event, engine.model()).state();
        }

        private void toggle(int number) {
            LiveDriver driver = present.remove(number);
            DriverDescription description = engine.catalogue().driver(number);
            if (driver != null) {
                done.add("leave " + description);
                live.loop.leave(driver);
                state = engine.run(state, new Event.UnregisterDriver(number), engine.model()).state();
                return;
            }
            done.add("arrive " + description);
            present.put(number, live.arrive(description, device -> description.iommu()
                    ? new Bound(() -> { }, unit(device.path(), description)) : ProbeResult.bound(() -> { })));
            state = engine.run(state, new Event.RegisterDriver(number), engine.model()).state();
        }

        private static ToyIommu unit(String path, DriverDescription description) {
            ToyIommu unit = new ToyIommu(path, new ArrayList<>());
            unit.aborts = description.unattached() == Unattached.ABORT;
            return unit;
        }

        State settled() {
            live.settle();
            return live.loop.moment().state();
        }

        Map<String, String> live() {
            live.settle();
            CoreSnapshot snapshot = live.loop.moment().snapshot();
            Map<String, String> all = new TreeMap<>();
            for (DeviceStatus device : snapshot.devices()) {
                all.put(device.path(), device.outcome() + " " + device.driver() + " " + device.group());
            }
            all.put("deferred", snapshot.deferred().toString());
            all.put("misbehaviour", live.misbehaviour().toString());
            return all;
        }

        Map<String, String> model() {
            Map<String, String> all = new TreeMap<>();
            for (int device = 0; device < board.deviceCount(); device++) {
                int driver = state.driver(device);
                Integer group = state.group(device) < 0 ? null : Integer.valueOf(state.group(device));
                all.put(board.device(device).path(), state.outcome(device) + " "
                        + (driver < 0 ? null : engine.catalogue().driver(driver).name()) + " " + group);
            }
            all.put("deferred", Arrays.stream(state.deferredList()).mapToObj(number -> board.device(number).path()).toList()
                    .toString());
            all.put("misbehaviour", "[]");
            return all;
        }

        @Override
        public void close() {
            live.close();
            assertThat(live.calls).as("%s", done).noneMatch(call -> call.startsWith("internal error"));
        }
    }
}
