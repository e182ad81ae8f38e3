package org.latebind.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A board can be an IORT table where nobody needs a device tree; that it runs live is shown by the integration tests. */
class IortBoardTest {

    private static final String CATALOGUE = """
            { "modules": [
              { "name": "arm_smmu_v3", "builtin": false, "drivers": [
                { "name": "arm-smmu-v3", "bus": "platform", "compatible": ["arm,smmu-v3"], "iommu": true, "unattached": "abort" } ] },
              { "name": "dma", "builtin": true, "bootRank": 1, "drivers": [
                { "name": "dma", "bus": "platform", "compatible": ["\\\\_SB.DMA1"] } ] } ] }
            """;

    @TempDir
    private static Path folder;
    private static String board;

    private record Result(int code, String out, String err) {
    }

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/iasl")), "no iasl (Debian package acpica-tools)");
        Path source = Files.copy(Path.of("../driver-core/src/test/resources/acpi/iort.asl"), folder.resolve("iort.asl"));
        Process iasl = new ProcessBuilder("/usr/bin/iasl", "-p", folder.resolve("iort").toString(), source.toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("iasl.log").toFile()).start();
        assertThat(iasl.waitFor(60, TimeUnit.SECONDS)).isTrue();
        board = folder.resolve("iort.aml").toString();
        Files.writeString(folder.resolve("modules.json"), CATALOGUE);
        Files.writeString(folder.resolve("load.txt"), "late-init at 1\nload arm_smmu_v3 at 20\n");
    }

    private static Result latebind(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        try {
            int code = Main.run(arguments);
            return new Result(code, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static String modules() {
        return folder.resolve("modules.json").toString();
    }

    @Test
    void aScheduleIsReplayedOnTheTable() {
        Result result = latebind("replay", board, folder.resolve("load.txt").toString(), "--modules", modules());
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isEqualTo(ExitCode.OK);
        assertThat(result.out()).containsPattern("DMA1 +BOUND_TRANSLATED");
    }

    @Test
    void aWaitingComponentIsExplained() {
        Result result = latebind("explain", board, "/\\_SB.DMA1", "--modules", modules());
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("PENDING").contains("arm_smmu_v3");
    }

    @Test
    void whatNeedsADeviceTreeSaysSoInOneLine() {
        for (String[] command : new String[][] {{"inspect", board}, {"explore", board, "--live", "1"},
            {"explore", board, "--modules", modules(), "--format", "html"}}) {
            Result result = latebind(command);
            assertThat(result.code()).as(command[0]).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(result.out()).isEmpty();
            assertThat(result.err().strip()).contains("iort.aml", "device tree").doesNotContain("\n");
        }
    }

    @Test
    void aBrokenTableIsNamed() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.iort"), "IORT and nothing else");
        Result result = latebind("replay", broken.toString(), folder.resolve("load.txt").toString());
        assertThat(result.code()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(result.err().strip()).contains("broken.iort").doesNotContain("\n");
    }
}
