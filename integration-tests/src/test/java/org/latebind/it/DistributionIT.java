package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The zip, unpacked elsewhere, is the whole program: it needs a Java runtime and nothing else. */
class DistributionIT {

    private static final Path TARGET = Path.of(System.getProperty("latebind.boards")).toAbsolutePath().normalize()
            .resolveSibling("launcher").resolve("target");

    @TempDir
    private static Path folder;
    private static Path program;

    @BeforeAll
    static void unpack() throws IOException {
        Path zip;
        try (var files = Files.newDirectoryStream(TARGET, "latebind-*.zip")) {
            zip = files.iterator().next();
        }
        try (InputStream in = Files.newInputStream(zip); ZipInputStream entries = new ZipInputStream(in)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                Path file = folder.resolve(entry.getName()).normalize();
                assertThat(file.startsWith(folder)).as("%s", file).isTrue();
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(entries, file);
                }
            }
        }
        try (var tops = Files.newDirectoryStream(folder, "latebind-*")) {
            program = tops.iterator().next();
        }
        // java.util.zip does not restore the mode that unzip restores.
        assertThat(program.resolve("latebind").toFile().setExecutable(true)).isTrue();
    }

    /** Runs it with a Java runtime and the shell's own commands, without Maven, compiler or anything of the sources. */
    private static String run(int exit, String... words) throws IOException, InterruptedException {
        return run(Path.of("/dev/null"), exit, words);
    }

    private static String run(Path input, int exit, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("./latebind"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).directory(program.toFile()).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", bare());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("LATEBIND_JAVA_OPTIONS", "-Duser.home=" + folder);
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = builder.redirectOutput(output.toFile())
                .redirectInput(input.toFile()).start();
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        assertThat(process.exitValue()).as(text).isEqualTo(exit);
        return text;
    }

    /** A folder with the few tools the start script calls, and no others. */
    private static String bare() throws IOException {
        Path tools = folder.resolve("tools");
        if (!Files.isDirectory(tools)) {
            Files.createDirectory(tools);
            for (String tool : List.of("sh", "dirname", "sed", "head", "readlink")) {
                Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin", tool));
            }
        }
        return tools.toString();
    }

    @Test
    void theMainJobRunsFromTheUnpackedZip() throws Exception {
        assertThat(run(0, "run", "boards/salvator-xs-h3.dts", "--script", "boards/late-iommu.schedule", "--exit"))
                .contains("the right bytes at the right place", "6 BOUND_TRANSLATED");
    }

    @Test
    void boardsAndDriversAreFoundByName() throws Exception {
        assertThat(run(0, "boards")).contains("teaching", "salvator-xs-h3");
        assertThat(run(0, "drivers")).contains("ipmmu-vmsa", "arm-smmu", "xen-grant");
        assertThat(run(0, "run", "teaching", "--autoload", "--exit")).contains("autoload: ipmmu-vmsa");
    }

    @Test
    void theIndexOfTheDriverModulesIsInIt() throws Exception {
        assertThat(Files.readString(program.resolve("bundles/modules/index.xml")))
                .contains("latebind.driver", "renesas\\,ipmmu-r8a7795", "ipmmu-vmsa.jar");
        assertThat(run(0, "run", "teaching", "--autoload", "bundles/modules/index.xml", "--exit"))
                .contains("autoload: ipmmu-vmsa", "/soc/mmc@1001000  ", "BOUND_TRANSLATED");
    }

    @Test
    void exitEndsAPipedSessionAndLeavesTheHistoryOfTheUserAlone() throws Exception {
        Path history = Files.write(folder.resolve(".gogo.history"), new byte[] {(byte) 0xff, 1});
        Path commands = Files.writeString(folder.resolve("commands"), "devices\nexit\nmodules\n");
        assertThat(run(commands, 0, "run", "teaching")).contains("/soc/mmc@1001000  ").doesNotContain("Exception", "MODULE");
        assertThat(history).hasBinaryContent(new byte[] {(byte) 0xff, 1});
    }

    @Test
    void withoutInputARunSaysThatItLeaves() throws Exception {
        assertThat(run(0, "run", "teaching")).contains("nothing to read commands from", "BOUND_TRANSLATED");
    }
}
