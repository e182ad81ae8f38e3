package org.latebind.probe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads the catalogue file of the recorded boots. */
final class CatalogueJson {

    private CatalogueJson() {
    }

    static ModuleCatalogue read(Path file) throws IOException {
        return of(new ObjectMapper().readTree(file.toFile()));
    }

    static ModuleCatalogue of(JsonNode root) {
        List<KernelModule> modules = new ArrayList<>();
        for (JsonNode m : root.get("modules")) {
            List<DriverDescription> drivers = new ArrayList<>();
            for (JsonNode d : m.path("drivers")) {
                drivers.add(driver(d));
            }
            modules.add(new KernelModule(m.get("name").asText(), m.path("builtin").asBoolean(), m.path("initcall").asText(null),
                m.path("bootRank").asInt(), drivers));
        }
        return new ModuleCatalogue(modules);
    }

    static DriverDescription driver(JsonNode d) {
        DriverDescription driver = DriverDescription.named(d.get("name").asText()).withBus(d.path("bus").asText("platform"))
            .withCompatible(strings(d.path("compatible"))).withIds(strings(d.path("ids"))).withAsync(d.path("async").asBoolean())
            .withManualBind(d.path("manualUnbind").asBoolean(true)).withSuppliersAsked(strings(d.path("suppliersAskedByDriver")));
        List<String> provides = List.of(strings(d.path("provides")));
        driver = driver.withPinController(provides.isEmpty() || provides.contains("pinctrl"));
        if (d.hasNonNull("createsDevices")) {
            driver = driver.withCreatesDevices(d.get("createsDevices").asText());
        }
        if (d.path("iommu").asBoolean()) {
            boolean smmu3 = List.of(strings(d.path("compatible"))).contains("arm,smmu-v3");
            String grouping = d.path("grouping").asText(smmu3 ? "exclusive" : "device").toUpperCase(Locale.ROOT);
            driver = driver.withIommu("abort".equals(d.path("unattached").asText()) ? Unattached.ABORT : Unattached.BYPASS)
                .withGrouping(DriverDescription.Grouping.valueOf(grouping))
                .withStreamIdMax(d.path("streamIdMax").asInt(Integer.MAX_VALUE));
        }
        return driver;
    }

    private static String[] strings(JsonNode list) {
        List<String> result = new ArrayList<>();
        list.forEach(s -> result.add(s.asText()));
        return result.toArray(new String[0]);
    }
}
