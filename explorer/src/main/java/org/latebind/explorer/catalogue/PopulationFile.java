package org.latebind.explorer.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.latebind.probe.Population;

/**
 * The devices a tree does not name, as JSON: PCI functions, and what sits behind virtio transports. The form is the one of
 * the recorded kernel boots (key {@code population}); docs/schedules.md specifies it.
 */
public final class PopulationFile {

    private static final Set<String> ROOT = Set.of("pci", "virtioMmio", "emptyVirtioMmio");
    private static final Set<String> PCI = Set.of("host", "rid", "device", "id", "driver", "accessPlatform", "creates",
            "groupKey", "aliases", "note");
    private static final Set<String> TRANSPORT = Set.of("transport", "device", "creates", "driver", "note");
    private static final Set<String> CHILD = Set.of("device", "id", "driver", "bus", "kind", "note");

    private PopulationFile() {
    }

    /**
     * Reads a population.
     *
     * @throws CatalogueException when the file is none; one line names file and place
     */
    public static Population read(Path file) {
        return StrictJson.read(file, (json, root) -> {
            JsonNode population = root.has("population") ? root.get("population") : root;
            json.object(population, "population", ROOT);
            List<Population.PciFunction> functions = new ArrayList<>();
            int index = 0;
            for (JsonNode function : json.list(population, "pci", "population")) {
                functions.add(function(json, function, "pci[" + index++ + "]"));
            }
            List<Population.Transport> transports = new ArrayList<>();
            index = 0;
            for (JsonNode transport : json.list(population, "virtioMmio", "population")) {
                String place = "virtioMmio[" + index++ + "]";
                json.object(transport, place, TRANSPORT);
                transports.add(new Population.Transport(json.needed(transport, "transport", place),
                        children(json, transport, place)));
            }
            return new Population(functions, transports, population.has("emptyVirtioMmio"));
        });
    }

    private static Population.PciFunction function(StrictJson json, JsonNode node, String place) {
        json.object(node, place, PCI);
        String[] id = json.needed(node, "id", place).split(":");
        if (id.length != 2 || !id[0].matches("[0-9a-fA-F]{4}") || !id[1].matches("[0-9a-fA-F]{4}")) {
            throw json.wrong(place + ".id", "is not vendor:device in hexadecimal");
        }
        String modalias = "pci:v0000" + id[0].toUpperCase(Locale.ROOT) + "d0000" + id[1].toUpperCase(Locale.ROOT)
                + "sv00000000sd00000000bc00sc00i00";
        List<Integer> aliases = new ArrayList<>();
        json.list(node, "aliases", place).forEach(alias -> aliases.add(alias.asInt()));
        return new Population.PciFunction(json.needed(node, "host", place), json.number(node, "rid", place, 0), aliases,
                json.needed(node, "device", place), modalias, json.text(node, "driver", place, null),
                json.text(node, "groupKey", place, null), children(json, node, place));
    }

    private static List<Population.Child> children(StrictJson json, JsonNode creator, String place) {
        List<Population.Child> children = new ArrayList<>();
        for (JsonNode child : json.list(creator, "creates", place)) {
            json.object(child, place + ".creates", CHILD);
            children.add(new Population.Child(json.needed(child, "id", place + ".creates") + "v00001AF4",
                    json.text(child, "driver", place + ".creates", null)));
        }
        return children;
    }
}
