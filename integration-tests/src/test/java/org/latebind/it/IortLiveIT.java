package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A board that is an IORT table runs on the real framework with simulated SMMUs of both generations, and comes to what the
 * model says under the rules for ACPI.
 */
class IortLiveIT {

    private static final Path PROGRAM = Path.of(System.getProperty("latebind.boards")).toAbsolutePath().normalize()
            .resolveSibling("launcher/target/dist/latebind");

    @TempDir
    private static Path folder;
    private static String board;

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/iasl")), "no iasl (Debian package acpica-tools)");
        Path source = Files.copy(Path.of("src/test/resources/acpi/two-smmus.asl"), folder.resolve("acpi.asl"));
        Process iasl = new ProcessBuilder("/usr/bin/iasl", "-p", folder.resolve("acpi").toString(), source.toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("iasl.log").toFile()).start();
        assertThat(iasl.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(iasl.exitValue()).as("iasl").isZero();
        board = folder.resolve("acpi.aml").toString();
        Files.writeString(folder.resolve("acpi.pci"), "/rc@0 00:01.0 1af4:1000 020000 endpoint\n");
        Files.writeString(folder.resolve("comes.txt"), "late-init at 1\nload dma-client at 2\nload arm-smmu at 30\n");
        Files.writeString(folder.resolve("never.txt"), "late-init at 1\nload dma-client at 2\nadvance 60\n");
    }

    @Test
    void runShowsTheDevicesOfTheTableBehindTheirSmmus() throws Exception {
        String text = latebind("run", board, "--exit");
        assertThat(text).containsPattern("DMA0 +BOUND_TRANSLATED +dma-client +\\d +/smmu@9050000 +9")
                .containsPattern("DMA1 +BOUND_TRANSLATED +dma-client +\\d +/smmu@2b400000 +5,? ?6")
                .containsPattern("DMA2 +BOUND_DIRECT").containsPattern("rc@0@8 +BOUND_TRANSLATED .* 264");
    }

    /** Policies of one IOMMU driver are left out: the bundle brings two, and which is first is not part of its contract. */
    @ParameterizedTest
    @CsvSource({"comes,latebind", "comes,timeout-multi", "comes,early-group", "never,timeout-multi",
        "never,early-group", "never,latebind"})
    void frameworkAndModelAgree(String schedule, String policy) throws Exception {
        String file = folder.resolve(schedule + ".txt").toString();
        List<String> model = outcomes(latebind("replay", board, file, "--policy", policy, "--json"));
        List<String> live = outcomes(latebind("replay", board, file, "--policy", policy, "--on", "live", "--json"));
        assertThat(live).isEqualTo(model).hasSize(7);
    }

    private static List<String> outcomes(String json) throws IOException {
        List<String> outcomes = new ArrayList<>();
        for (JsonNode device : new ObjectMapper().readTree(json).get("devices")) {
            outcomes.add(device.get("path").asText() + " " + device.get("outcome").asText() + " " + device.get("iommu")
                    + " " + device.get("boundAt"));
        }
        return outcomes;
    }

    private static String latebind(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
        command.addAll(List.of(words));
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command).redirectOutput(output.toFile())
                .redirectError(folder.resolve("errors").toFile()).start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s", Files.readString(folder.resolve("errors"))).isZero();
        return Files.readString(output);
    }
}
