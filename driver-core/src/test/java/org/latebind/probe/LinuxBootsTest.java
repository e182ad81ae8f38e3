package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Boots of real kernels, replayed: every judgeable device of every snapshot, the deferred list with order and reasons, DMA,
 * number of
 * binds, timer. {@code -Dlatebind.boots=FOLDER} names another folder of the same form. Folders below it hold the boots of
 * other kernels; a boot names the policy that claims to be its kernel.
 */
class LinuxBootsTest {

    @TestFactory
    List<DynamicNode> everyRecordedBootIsReproduced() throws IOException {
        Path top = Path.of(System.getProperty("latebind.boots", "src/test/resources/linux-boots"));
        List<DynamicNode> kernels = new ArrayList<>();
        try (Stream<Path> files = Files.walk(top, 2)) {
            for (Path boots : files.filter(f -> f.endsWith("boots.jsonl")).sorted().toList()) {
                kernels.add(DynamicContainer.dynamicContainer(boots.getParent().getFileName().toString(), tests(boots.getParent())));
            }
        }
        assertThat(kernels).isNotEmpty();
        return kernels;
    }

    private static List<DynamicTest> tests(Path folder) throws IOException {
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
