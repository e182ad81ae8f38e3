package org.latebind.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.latebind.machine.SimMachine;
import org.latebind.machine.ipmmu.IpmmuFactory;
import org.latebind.machine.ipmmu.ProductRegisterFactory;

/** Bad input: one line, exit code 2, nothing started. */
class BadInputTest {

    private static final String BOARD = """
            /dts-v1/;
            / { compatible = "test,board"; model = "Test"; #address-cells = <1>; #size-cells = <1>; };
            """;

    @TempDir
    private Path folder;

    private record Result(int code, String out, String err) {
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

    private static void assertOneLine(Result result, String... parts) {
        assertThat(result.code()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().strip()).startsWith("latebind: ").contains(parts).doesNotContain("\n").doesNotContain("\tat ");
    }

    private String board() throws IOException {
        return Files.writeString(folder.resolve("b.dts"), BOARD).toString();
    }

    @Test
    void anUnknownBoardIsNamed() {
        assertOneLine(latebind("run", "no-such-board", "--exit"), "no-such-board", "no such board");
    }

    @Test
    void aFolderIsNoBoard() {
        assertOneLine(latebind("inspect", folder.toString()), folder.toString(), "is a directory");
    }

    @Test
    void aTruncatedTreeIsRefusedWithItsFile() throws IOException {
        Path file = Files.write(folder.resolve("t.dtb"), new byte[] {(byte) 0xd0, 0x0d, (byte) 0xfe, (byte) 0xed, 0, 0, 1});
        assertOneLine(latebind("inspect", file.toString()), "t.dtb");
    }

    @Test
    void aSourceErrorNamesLineAndColumn() throws IOException {
        Path file = Files.writeString(folder.resolve("e.dts"), "/dts-v1/;\n/ { a = <; };\n");
        assertOneLine(latebind("inspect", file.toString()), "e.dts:2:");
    }

    @Test
    void anUnknownPolicyListsTheKnownOnes() throws IOException {
        assertOneLine(latebind("run", board(), "--policy", "guess", "--exit"), "guess", "timeout-multi");
    }

    @Test
    void anUnknownParameterListsTheKnownOnes() throws IOException {
        assertOneLine(latebind("run", board(), "-p", "speed=9", "--exit"), "speed", "deferred_probe_timeout");
    }

    @Test
    void hardwareOptionsAreCheckedByNameAndValue() throws IOException {
        assertOneLine(latebind("run", board(), "--hardware", "prr.value=new", "--exit"), "prr.value", "\"new\"");
        assertOneLine(latebind("run", board(), "--hardware", "ipmmu.speed=9", "--exit"), "ipmmu.speed", "ipmmu.firmware");
    }

    /** The names are written down twice, because the models are not on the program's own class path. */
    @Test
    void hardwareOptionsAreThoseOfTheModels() {
        assertThat(HardwareOptions.KNOWN.keySet()).containsExactlyInAnyOrder(SimMachine.POWER_OFF, ProductRegisterFactory.VALUE,
                IpmmuFactory.STRICT, IpmmuFactory.DIRTY, IpmmuFactory.FIRMWARE, IpmmuFactory.SECGRP, IpmmuFactory.CACHE_FAULTS,
                IpmmuFactory.MULTIPLE_HITS, IpmmuFactory.FLUSH_MICROS, IpmmuFactory.FLUSH_STUCK);
    }

    @Test
    void anUnknownModuleIsNamed() throws IOException {
        assertOneLine(latebind("run", board(), "--load", "warp-drive", "--exit"), "warp-drive");
    }

    @Test
    void aMalformedScriptLineIsNamedWithFileAndLine() throws IOException {
        Path script = Files.writeString(folder.resolve("s.schedule"), "# fine\nlode ipmmu-vmsa\n");
        assertOneLine(latebind("run", board(), "--script", script.toString(), "--exit"), "s.schedule:2:", "lode");
    }

    @Test
    void aMissingScriptIsNamed() throws IOException {
        String missing = folder.resolve("none").toString();
        assertOneLine(latebind("run", board(), "--script", missing, "--exit"), "none", "cannot be read");
    }

    @Test
    void aTraceThatCannotBeWrittenIsNamedBeforeTheRun() throws IOException {
        Path none = folder.resolve("none");
        for (String option : new String[] {"--trace", "--trace-perfetto", "--dmesg", "--plot"}) {
            assertOneLine(latebind("run", board(), "--exit", option, none.resolve("x").toString()),
                none.resolve("x") + ": cannot be written: there is no folder " + none);
            assertOneLine(latebind("run", board(), "--exit", option, folder.toString()), folder + ": cannot be written: is a directory");
        }
    }

    @Test
    void aPopulationThatNamesNoNodeOfTheBoardIsRefusedWithItsFile() throws IOException {
        Path file = Files.writeString(folder.resolve("p.json"),
            "{\"pci\": [{\"host\": \"/nope\", \"rid\": 1, \"device\": \"0000:00:00.0\", \"id\": \"1b36:0008\"}]}");
        assertOneLine(latebind("run", board(), "--exit", "--population", file.toString()), file + ": ", "/nope");
        assertOneLine(latebind("explore", board(), "--population", file.toString()), file + ": ", "/nope");
    }

    @Test
    void filesThatAreNotThereAreNamedOnceWithTheReason() throws IOException {
        String none = folder.resolve("none").toString();
        String reason = "latebind: " + none + ": cannot be read: no such file";
        assertThat(latebind("run", board(), "--script", none, "--exit").err().strip()).isEqualTo(reason);
        assertThat(latebind("replay", board(), none).err().strip()).isEqualTo(reason);
        assertThat(latebind("explore", board(), "--population", none).err().strip()).isEqualTo(reason);
        assertThat(latebind("pgtable", "dump", none).err().strip()).isEqualTo(reason);
        assertThat(latebind("verify", none).err().strip()).isEqualTo(reason);
        assertThat(latebind("trace", "blame", none).err().strip()).isEqualTo(reason);
        assertOneLine(latebind("verify", folder.toString()), folder + ": cannot be read: is a directory");
    }

    @Test
    void aTraceThatIsNoTextIsCalledSo() throws IOException {
        Path file = Files.write(folder.resolve("t.jsonl"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertOneLine(latebind("trace", "blame", file.toString()), "t.jsonl: cannot be read: is not text in UTF-8");
    }

    @Test
    void aScriptIsLookedThroughBeforeAnythingIsStarted() throws IOException {
        for (String line : new String[] {"bind /nope", "unbind /nope", "override /nope", "override / nope", "fail nope / EIO",
            "param speed=9", "param deferred_probe_timeout=soon", "dma / frob 1", "dma / read-at 0x10 0"}) {
            Path script = Files.writeString(folder.resolve("s.schedule"), "# fine\n" + line + "\n");
            assertOneLine(latebind("run", board(), "--exit", "--script", script.toString()), "s.schedule:2: ");
            assertOneLine(latebind("replay", board(), script.toString(), "--on", "live", "--json"), "s.schedule:2: ");
        }
    }

    @Test
    void anUnknownOptionPointsAtHelp() {
        assertOneLine(latebind("run", "--frobnicate"), "--frobnicate", "--help");
    }

    @Test
    void helpAndVersionAreFine() {
        assertThat(latebind("--help").code()).isZero();
        assertThat(latebind("--help").out()).contains("run", "inspect", "Exit codes");
        assertThat(latebind("--version").out()).startsWith("latebind ");
    }
}
