package org.latebind.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs cases recorded from Linux' own library: descriptors, return values, partial counts, invalidations, warnings,
 * translations and register values. Another file of the same schema: {@code -Dlatebind.pgtable.vectors=FILE}.
 */
class PageTableVectorsTest {

    private static final String SCHEMA = "pgtable-vectors/1";

    @TestFactory
    List<DynamicTest> everyCaseGivesWhatTheKernelsLibraryGave() throws IOException {
        JsonNode file = vectors();
        assertThat(file.path("schema").asText()).isEqualTo(SCHEMA);
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode test : file.get("cases")) {
            for (Behaviour behaviour : generations(test.get("semantics").textValue())) {
                String name = test.get("id").textValue() + " " + test.get("format").textValue() + " as " + behaviour;
                tests.add(DynamicTest.dynamicTest(name, () -> {
                    new VectorRun(test, behaviour, true).run();
                    new VectorRun(test, behaviour, false).run();
                }));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests;
    }

    private static List<Behaviour> generations(String semantics) {
        return switch (semantics) {
            case "any" -> List.of(Behaviour.values());
            case "v6.12" -> List.of(Behaviour.V6_12);
            case "v7.3" -> List.of(Behaviour.V7_3);
            default -> throw new IllegalArgumentException("unknown semantics " + semantics);
        };
    }

    private static JsonNode vectors() throws IOException {
        String file = System.getProperty("latebind.pgtable.vectors");
        ObjectMapper mapper = new ObjectMapper();
        if (file != null && !file.isEmpty()) {
            return mapper.readTree(Files.readAllBytes(Path.of(file)));
        }
        try (InputStream in = PageTableVectorsTest.class.getResourceAsStream("/pagetable/pgtable-vectors.json")) {
            return mapper.readTree(in);
        }
    }
}
