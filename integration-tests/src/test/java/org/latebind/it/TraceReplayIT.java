package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A trace of a run plays again to the same document, byte for byte. */
class TraceReplayIT {

    private static final Path BOARDS = Path.of(System.getProperty("latebind.boards")).toAbsolutePath().normalize();
    private static final Path PROGRAM = BOARDS.resolveSibling("launcher/target/dist/latebind");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"salvator-xs-h3,late-iommu,latebind", "salvator-xs-h3,late-iommu,timeout-multi",
        "teaching,iommu-after-timeout,timeout-multi", "teaching,iommu-after-late-init,defer-late-init",
        "legacy-mmu-masters,late-smmu,timeout-multi", "xen-guest-virtio,late-grant,latebind"})
    void aTraceReplaysToTheSameEndState(String board, String schedule, String policy) throws Exception {
        String dts = BOARDS.resolve(board + ".dts").toString();
        Path trace = folder.resolve("trace.jsonl");
        String first = run("run", dts, "--script", BOARDS.resolve(schedule + ".schedule").toString(), "--policy", policy,
                "--json", "--trace", trace.toString());
        String again = run("replay", dts, trace.toString(), "--json");
        assertThat(first).contains("\"devices\"");
        assertThat(again).isEqualTo(first);
    }

    @Test
    void thePerfettoTraceKeepsToTheTraceEventFormatAndShowsTransfers() throws Exception {
        Path trace = folder.resolve("trace.jsonl");
        run("run", BOARDS.resolve("salvator-xs-h3.dts").toString(), "--script", BOARDS.resolve("late-iommu.schedule").toString(),
                "--json", "--trace", trace.toString());
        JsonNode document = new ObjectMapper().readTree(run("trace", "perfetto", trace.toString()));
        assertThat(TraceEventFormat.problems(document)).isEmpty();
        assertThat(document.path("traceEvents").findValuesAsText("name"))
                .anyMatch(name -> name.startsWith("dma write on stream 0") && name.contains("TRANSLATED, 17 bytes"))
                .anyMatch(name -> name.startsWith("dma write on stream 0 at 0xdead0000: FAULT"))
                .contains("waiting", "bound");
    }

    @Test
    void theCheckerOfTheFormatRefusesWhatTheFormatDoesNotKnow() throws Exception {
        String right = "{\"traceEvents\":[{\"ph\":\"X\",\"name\":\"a\",\"ts\":1,\"dur\":4,\"pid\":1,\"tid\":1},"
                + "{\"ph\":\"X\",\"name\":\"b\",\"ts\":2,\"dur\":2,\"pid\":1,\"tid\":1}]}";
        ObjectMapper mapper = new ObjectMapper();
        assertThat(TraceEventFormat.problems(mapper.readTree(right))).isEmpty();
        assertThat(TraceEventFormat.problems(mapper.readTree(right.replace("\"ts\":2,\"dur\":2", "\"ts\":2,\"dur\":9"))))
                .singleElement().asString().contains("nesting");
        assertThat(TraceEventFormat.problems(mapper.readTree(right.replace("\"dur\":4", "\"duration\":4")))).isNotEmpty();
        assertThat(TraceEventFormat.problems(mapper.readTree(right.replace("\"X\"", "\"Z\"")))).isNotEmpty();
    }

    private String run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
        command.addAll(List.of(words));
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command).redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return Files.readString(output);
    }
}
