package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.driver.Driver;
import org.latebind.hardware.Machine;
import org.latebind.machine.SimMachine;
import org.latebind.runtime.Command;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DmaClient;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/**
 * The IPMMU bundle is installed, started, used and uninstalled again and again under clients of a whole SoC; every unloaded and
 * every loaded state equals the first one: outcomes, groups, contexts, micro-TLBs, memory, interrupt handlers, services, threads,
 * and no class loader of a departed bundle stays.
 */
@ExtendWith(PaxExamExtension.class)
public class LoadCyclesIT {

    private static final int CYCLES = Integer.getInteger("latebind.cycles", 200);
    /** The owner, the driver calls and the mirror may each still know their last task; what leaks would be one for each cycle. */
    private static final int LAST_TASKS = 3;

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()),
                CoreOptions.systemProperty("latebind.cycles").value(Integer.toString(CYCLES)));
    }

    /** Everything that must come back; equal states are equal maps. */
    private static Map<String, Object> state(Live live) throws Exception {
        CoreSnapshot snapshot = live.settled();
        Map<String, Object> state = new TreeMap<>();
        snapshot.devices().forEach(device -> state.put("device " + device.path(),
                device.outcome() + " " + device.driver() + " " + device.iommu() + " " + device.group() + " " + device.streams()));
        state.put("deferred", snapshot.deferred());
        state.put("units and contexts", snapshot.iommus());
        state.put("groups", snapshot.groups());
        state.put("drivers", snapshot.drivers());
        SimMachine machine = (SimMachine) live.service(Machine.class, null);
        state.put("memory", machine.pages().allocatedBytes());
        state.put("interrupt handlers", machine.interruptHandlers());
        state.put("findings", machine.findings());
        state.put("services", live.services());
        return state;
    }

    /** What differs, one line each: whole states would fill pages. */
    private static List<String> differences(Map<String, Object> expected, Map<String, Object> actual) {
        Set<String> keys = new TreeSet<>(expected.keySet());
        keys.addAll(actual.keySet());
        return keys.stream().filter(key -> !Objects.equals(expected.get(key), actual.get(key)))
                .map(key -> key + ": expected " + expected.get(key) + " but was " + actual.get(key)).toList();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter(name -> name.startsWith("latebind"))
                .sorted().toList();
    }

    @Test
    public void twoHundredCyclesLeaveNothingBehind() throws Exception {
        try (Live live = Live.board("salvator-xs-h3.dts", "latebind", Map.of())) {
            live.core().execute(new Command.LateInit());
            live.start("dma-client");
            // Once before: clients that the driver refuses by policy are bound for good from then on.
            Bundle first = live.start("ipmmu-vmsa");
            live.settled();
            first.uninstall();
            Map<String, Object> unloaded = state(live);
            assertThat(live.core().snapshot().deferred()).as("clients that wait again").isNotEmpty();
            Map<String, Object> loaded = null;
            List<String> threads = null;
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
            for (int cycle = 0; cycle < CYCLES; cycle++) {
                Bundle ipmmu = live.start("ipmmu-vmsa");
                Map<String, Object> now = state(live);
                if (loaded == null) {
                    loaded = now;
                    threads = threads();
                    assertThat(live.outcomes()).containsValue("BOUND_TRANSLATED");
                }
                assertThat(differences(loaded, now)).as("loaded, cycle %d", cycle).isEmpty();
                transfer(live);
                loaders.add(new WeakReference<>(ipmmu.adapt(BundleWiring.class).getClassLoader()));
                ipmmu.uninstall();
                assertThat(differences(unloaded, state(live))).as("unloaded, cycle %d", cycle).isEmpty();
            }
            assertThat(threads()).isEqualTo(threads);
            assertThat(live.service(Driver.class, "(latebind.driver=ipmmu-vmsa)")).isNull();
            assertThat(alive(loaders, live)).as("class loaders of departed bundles").isLessThanOrEqualTo(LAST_TASKS);
        }
    }

    /** One transfer of a translated client, so that tables are really built and micro-TLBs really filled. */
    private static void transfer(Live live) {
        String path = live.core().snapshot().devices().stream().filter(device -> device.outcome().equals("BOUND_TRANSLATED"))
                .findFirst().orElseThrow().path();
        DmaClient client = live.service(DmaClient.class, "(latebind.device.path=" + path + ")");
        assertThat(client.write(0, new byte[] {1, 2, 3}).intact()).isTrue();
    }

    /**
     * The collector is asked, not waited for: a loader that stays through many rounds is held by somebody. Each round gives the
     * core's threads something else to do.
     */
    private static long alive(List<WeakReference<ClassLoader>> loaders, Live live) throws Exception {
        long alive = loaders.size();
        for (int round = 0; round < 20 && alive > 0; round++) {
            state(live);
            System.gc();
            alive = loaders.stream().filter(reference -> reference.get() != null).count();
        }
        return alive;
    }
}
