package org.latebind.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.latebind.console.module.DriverModules;
import org.latebind.hardware.Finding;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.Reason;

/** What is told of a change: all that changed, nothing else. */
class StateDeltaTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static DeviceStatus device(String path, String outcome) {
        boolean bound = outcome.startsWith("BOUND");
        return new DeviceStatus(path, path.substring(1), List.of("t,device"), bound ? "driver" : null, outcome, null, null, List.of(),
                bound ? null : new Reason("device", path, outcome + ": why", List.of(new Reason("iommu", "/mmu", "absent", List.of()))),
                bound ? List.of(1_500_000_000L) : List.of());
    }

    private static PageState state(long events, boolean loaded, DeviceStatus... devices) {
        CoreSnapshot core = new CoreSnapshot("board", "latebind", Map.of(), events * 1_000, events, List.of(devices),
                java.util.stream.Stream.of(devices).filter(one -> one.outcome().equals("PENDING")).map(DeviceStatus::path).toList(),
                List.of(), List.of(), List.of());
        return new PageState(core, List.of(new DriverModules.Module("driver", "1.0", loaded, List.of("driver"), List.of("t,device"))),
                List.of(), Map.of());
    }

    private static JsonNode between(PageState before, PageState after) {
        return JSON.valueToTree(StateDelta.between(before, after));
    }

    @Test
    void aReaderWithNothingGetsEverything() {
        JsonNode whole = between(null, state(3, true, device("/a", "BOUND_DIRECT"), device("/b", "PENDING")));
        assertThat(whole.fieldNames()).toIterable().contains("board", "policy", "parameters", "events", "time", "deferred", "iommus",
                "groups", "drivers", "devices", "modules", "findings", "clients");
        JsonNode waiting = whole.path("devices").path(1);
        assertThat(waiting.path("outcome").asText()).isEqualTo("PENDING");
        assertThat(waiting.path("reason").path("causes").path(0).path("subject").asText()).isEqualTo("/mmu");
        assertThat(whole.path("devices").path(0).path("boundAt").path(0).asDouble()).isEqualTo(1.5);
    }

    @Test
    void twoEqualStatesDifferInNothing() {
        assertThat(between(state(1, true, device("/a", "PENDING")), state(1, true, device("/a", "PENDING")))).isEmpty();
    }

    @Test
    void oneChangedDeviceIsToldAlone() {
        JsonNode delta = between(state(1, true, device("/a", "PENDING"), device("/b", "PENDING")),
                state(2, true, device("/a", "PENDING"), device("/b", "BOUND_DIRECT")));
        assertThat(delta.path("devices")).hasSize(1);
        assertThat(delta.path("devices").path(0).path("path").asText()).isEqualTo("/b");
        assertThat(delta.path("deferred")).hasSize(1);
        assertThat(delta.has("modules")).isFalse();
        assertThat(delta.has("board")).isFalse();
    }

    @Test
    void aDeviceThatWentIsNamed() {
        JsonNode delta = between(state(1, true, device("/a", "PENDING"), device("/b", "PENDING")),
                state(2, true, device("/a", "PENDING")));
        assertThat(delta.path("removed").path(0).asText()).isEqualTo("/b");
        assertThat(delta.has("devices")).isFalse();
    }

    @Test
    void aModuleThatCameIsToldWithoutTheDevices() {
        JsonNode delta = between(state(1, false, device("/a", "PENDING")), state(1, true, device("/a", "PENDING")));
        assertThat(delta.fieldNames()).toIterable().containsExactly("modules");
    }

    @Test
    void aFindingIsTold() {
        PageState before = state(1, true);
        PageState after = new PageState(before.core(), before.modules(), List.of(new Finding("stale-tlb", "/mmu", "used")),
                Map.of("/a", 2));
        JsonNode delta = between(before, after);
        assertThat(delta.path("findings").path(0).path("rule").asText()).isEqualTo("stale-tlb");
        assertThat(delta.path("clients").path("/a").asInt()).isEqualTo(2);
    }

    /** Method: a reader that merges every delta of a random walk, as the page does, ends with the devices of the last state. */
    @Test
    void mergedDeltasAreTheState() {
        long seed = Long.getLong("latebind.seed", 11);
        Random random = new Random(seed);
        String[] outcomes = {"NO_DRIVER", "PENDING", "BOUND_DIRECT", "BOUND_TRANSLATED", "FAILED"};
        Map<String, String> merged = new HashMap<>();
        PageState before = null;
        for (int step = 0; step < 300; step++) {
            List<DeviceStatus> devices = new ArrayList<>();
            Map<String, String> expected = new HashMap<>();
            for (int d = 0; d < 6; d++) {
                if (random.nextInt(5) > 0) {
                    devices.add(device("/d" + d, outcomes[random.nextInt(outcomes.length)]));
                    expected.put("/d" + d, devices.get(devices.size() - 1).outcome());
                }
            }
            PageState after = state(step, random.nextBoolean(), devices.toArray(new DeviceStatus[0]));
            JsonNode delta = between(before, after);
            delta.path("removed").forEach(path -> merged.remove(path.asText()));
            delta.path("devices").forEach(device -> merged.put(device.path("path").asText(), device.path("outcome").asText()));
            assertThat(merged).as("step %d, seed %d", step, seed).isEqualTo(expected);
            before = after;
        }
    }
}
