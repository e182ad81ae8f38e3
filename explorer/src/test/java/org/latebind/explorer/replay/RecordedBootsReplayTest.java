package org.latebind.explorer.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.latebind.devicetree.DeviceTreeFile;
import org.latebind.explorer.catalogue.CatalogueFile;
import org.latebind.explorer.catalogue.PopulationFile;
import org.latebind.probe.Board;
import org.latebind.probe.BoardReader;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.schedule.Schedule;

/**
 * Goal: the schedule language, the catalogue file and the population file are enough to say what a real kernel was told.
 * Method: each recorded boot is written as these three texts, played, and the end state compared with the kernel's.
 */
class RecordedBootsReplayTest {

    private static final Path BOOTS = Path.of("..", "driver-core", "src", "test", "resources", "linux-boots");

    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> everyBootEndsAsTheKernelEnded() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.walk(BOOTS, 2)) {
            for (Path file : files.filter(f -> f.endsWith("boots.jsonl")).sorted().toList()) {
                for (String line : Files.readAllLines(file)) {
                    JsonNode boot = mapper.readTree(line);
                    if (sayable(boot)) {
                        tests.add(DynamicTest.dynamicTest(file.getParent().getFileName() + " " + boot.get("id").asText(),
                                () -> replay(mapper, file.getParent(), boot)));
                    }
                }
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    /**
     * The schedule language has no words for removed PCI functions, and a schedule begins when the machine is up, too late for
     * hardware that fails in the first probe.
     */
    private static boolean sayable(JsonNode boot) {
        if (boot.get("population").has("failing")) {
            return false;
        }
        for (JsonNode e : boot.get("events")) {
            if (Set.of("remove", "rescan").contains(e.get("op").asText())) {
                return false;
            }
        }
        return true;
    }

    private void replay(ObjectMapper mapper, Path boots, JsonNode boot) throws IOException {
        Path population = folder.resolve(boot.get("id").asText() + ".json");
        mapper.writeValue(population.toFile(), boot.get("population"));
        Board board = BoardReader.read(DeviceTreeFile.read(boots.resolve(boot.get("dtb").asText())),
                PopulationFile.read(population));
        ModuleCatalogue catalogue = CatalogueFile.read(boots.resolve("modules-virt.json"));
        ModelReplay replay = ModelReplay.play(board, catalogue, Policy.named(boot.path("policy").asText("timeout-multi")),
                Parameters.DEFAULTS, Schedule.parse(boot.get("id").asText(), schedule(boot, catalogue)));
        Map<String, Object> document = ReplayDocument.of("virt", replay);
        for (JsonNode name : boot.get("judgeable")) {
            JsonNode expected = boot.get("expect").get("final").get(name.asText());
            Map<String, Object> found = device(document, name.asText());
            assertThat(found != null).as("%s present", name).isEqualTo(expected.path("present").asBoolean(true));
            if (found != null) {
                assertThat(found.get("driver")).as("driver of %s", name)
                        .isEqualTo(expected.path("driver").asText(null));
                assertThat(found.get("group") != null).as("group of %s", name).isEqualTo(expected.path("group").asBoolean());
            }
        }
        List<String> waiting = new ArrayList<>();
        for (int d : replay.state().deferredList()) {
            waiting.add(replay.state().deviceName(d));
        }
        List<String> expected = new ArrayList<>();
        boot.get("expect").get("deferredList").forEach(e -> expected.add(e.isTextual() ? e.asText() : e.get("device").asText()));
        boot.path("unjudged").forEach(n -> waiting.remove(n.asText()));
        boot.path("unjudged").forEach(n -> expected.remove(n.asText()));
        if (boot.path("orderOpen").asBoolean()) {
            assertThat(waiting).containsExactlyInAnyOrderElementsOf(expected);
        } else {
            assertThat(waiting).isEqualTo(expected);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> device(Map<String, Object> document, String name) {
        return ((List<Map<String, Object>>) document.get("devices")).stream().filter(d -> name.equals(d.get("name"))).findFirst()
                .orElse(null);
    }

    /** Late-named devices go by the path of their creator. */
    private static String address(JsonNode boot, JsonNode event) {
        String name = event.get("device").asText();
        for (JsonNode list : List.of(boot.get("population").get("pci"), boot.get("population").get("virtioMmio"))) {
            for (JsonNode creator : list) {
                if (name.equals(creator.get("creates").path(0).path("device").asText())) {
                    return creator.has("rid") ? String.format("%s@%x/virtio", creator.get("host").asText(), creator.get("rid").asInt())
                            : creator.get("transport").asText() + "/virtio";
                }
            }
        }
        return name;
    }

    private static String schedule(JsonNode boot, ModuleCatalogue catalogue) {
        StringBuilder text = new StringBuilder();
        JsonNode params = boot.get("params");
        text.append("param deferred_probe_timeout=").append(params.get("deferred_probe_timeout").asText()).append('\n');
        text.append("param fw_devlink=").append(params.get("fw_devlink").asText()).append('\n');
        text.append("param fw_devlink.strict=").append(params.get("fw_devlink.strict").asBoolean() ? 1 : 0).append('\n');
        for (String name : List.of("driver_async_probe", "iommu.passthrough", "iommu.strict")) {
            if (params.has(name)) {
                text.append("param ").append(name).append('=').append(params.get(name).asText()).append('\n');
            }
        }
        double last = 0;
        for (JsonNode e : boot.get("events")) {
            double t = e.get("t").asDouble();
            if (e.has("module") && e.get("module").isTextual() && catalogue.moduleIndex(e.get("module").asText()) < 0) {
                continue; // this kernel does not have it
            }
            String event = switch (e.get("op").asText()) {
                case "load", "unload" -> e.get("op").asText() + " " + e.get("module").asText();
                case "unbind" -> "unbind " + address(boot, e);
                // A name that no driver has keeps all away, as one of another bus does.
                case "override" -> "override " + address(boot, e) + (e.has("driver") ? " pci-host-generic" : "");
                case "bind" -> "bind " + address(boot, e) + (e.has("driver") ? " " + e.get("driver").asText() : "");
                case "late-init", "register", "init" -> e.get("op").asText();
                default -> "advance " + Math.max(0, Math.round((t - last) * 1e6)) / 1e6;
            };
            text.append(event).append(event.startsWith("advance") ? "" : " at " + t).append('\n');
            last = t;
        }
        return text.toString();
    }
}
