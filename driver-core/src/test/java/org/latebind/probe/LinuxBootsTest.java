package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Boots of a real kernel, replayed: every judgeable device of every snapshot, the deferred list with order and reasons, DMA,
 * number of
 * binds, timer. {@code -Dlatebind.boots=FOLDER} names another folder of the same form.
 */
class LinuxBootsTest {

    @TestFactory
    List<DynamicTest> everyRecordedBootIsReproduced() throws IOException {
        Path folder = Path.of(System.getProperty("latebind.boots", "src/test/resources/linux-boots"));
        ModuleCatalogue catalogue = CatalogueJson.read(folder.resolve("modules-virt.json"));
        ObjectMapper json = new ObjectMapper();
        List<DynamicTest> tests = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("boots.jsonl"))) {
            if (!line.isBlank()) {
                JsonNode boot = json.readTree(line);
                tests.add(DynamicTest.dynamicTest(boot.get("id").asText(),
                    () -> assertThat(new RecordedBoot(boot, folder, catalogue).replay()).isEmpty()));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests;
    }
}
