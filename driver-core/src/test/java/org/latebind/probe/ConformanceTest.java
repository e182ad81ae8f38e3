package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.yaml.snakeyaml.Yaml;

/** Every row of the era tables with a decidable outcome: situations as data, written from the sheet. */
class ConformanceTest {

    static final List<String> FILES = List.of("iommu-absent", "entries", "machinery", "legacy-xen-acpi", "groups-async",
        "stream-entries", "single-rows", "statements");
    static final Path PAGE = Path.of("../docs/conformance.md");

    @TestFactory
    List<DynamicTest> everySituationEndsAsTheSheetSays() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Situation s : all()) {
            tests.add(DynamicTest.dynamicTest(s.title(), () -> assertThat(s.check()).isEmpty()));
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(300);
        return tests;
    }

    @Test
    void theGeneratedPageIsUpToDate() throws IOException {
        String page = ConformancePage.of(all()) + ConformancePage.ofFacts(TreeFactsTest.all());
        if (Boolean.getBoolean("latebind.write")) {
            Files.writeString(PAGE, page);
        }
        assumeThat(PAGE.getParent()).exists();
        assertThat(PAGE).hasContent(page);
    }

    static List<Situation> all() throws IOException {
        List<Situation> all = new ArrayList<>();
        for (String file : FILES) {
            try (InputStream in = ConformanceTest.class.getResourceAsStream("/conformance/" + file + ".yaml")) {
                Map<?, ?> root = new Yaml().load(in);
                for (Object c : (List<?>) root.get("cases")) {
                    addCase(all, file, root, (Map<?, ?>) c);
                }
            }
        }
        return all;
    }

    private static void addCase(List<Situation> all, String file, Map<?, ?> root, Map<?, ?> c) {
        for (Map.Entry<?, ?> row : ((Map<?, ?>) c.get("rows")).entrySet()) {
            for (String policy : row.getKey().toString().split(" ")) {
                assertThat(Situation.SHORT).containsKey(policy);
                all.add(new Situation(file, text(c, root, "rule"), text(c, root, "sheet"), text(c, root, "board"),
                    map(c.get("drivers")), text(c, root, "builtin"), map(c.get("levels")), text(c, root, "extra"),
                    text(c, root, "params"), Boolean.TRUE.equals(c.get("acpi")), text(c, root, "events"),
                    Situation.SHORT.get(policy), row.getValue().toString()));
            }
        }
    }

    private static String text(Map<?, ?> c, Map<?, ?> root, String key) {
        Object value = c.containsKey(key) ? c.get(key) : root.get(key);
        return value == null ? "" : value.toString();
    }

    private static Map<String, String> map(Object value) {
        Map<String, String> result = new HashMap<>();
        if (value instanceof Map<?, ?> m) {
            m.forEach((k, v) -> result.put(k.toString(), v.toString()));
        }
        return result;
    }
}
