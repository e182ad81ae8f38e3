package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.latebind.devicetree.DtbWriter;
import org.latebind.devicetree.DtsReader;

/** Every {@code ./latebind} command that a document shows works on the program as built, and shows what the document says. */
class DocumentedCommandsIT {

    private static final Path ROOT = Path.of(System.getProperty("latebind.boards")).toAbsolutePath().normalize().getParent();
    private static final Path DIST = ROOT.resolve("launcher/target/dist");
    private static final Path SHARED = Path.of(System.getProperty("latebind.shared", "../../shared"));
    private static final long LIMIT_SECONDS = 120;
    private static final String OWN_TREE = "/sys/firmware/fdt";

    /** Where the commands are run, in the order of the documents: a file that one writes the next may read. */
    @TempDir
    private static Path folder;

    @BeforeAll
    static void aFolderThatLooksLikeTheProject() throws IOException {
        allBoards();
        for (String name : List.of("boards", "docs", "examples")) {
            if (Files.isDirectory(ROOT.resolve(name))) {
                Files.createSymbolicLink(folder.resolve(name), ROOT.resolve(name));
            }
        }
        Files.createSymbolicLink(folder.resolve("latebind"), DIST.resolve("latebind"));
    }

    /** What boards/fetch-debian.sh downloads, in small: two of our boards and the recorded module directory. */
    private static void allBoards() throws IOException {
        Path boards = Files.createDirectories(folder.resolve("FOLDER/boards"));
        for (String name : List.of("teaching", "legacy-mmu-masters")) {
            Files.write(boards.resolve(name + ".dtb"), DtbWriter.write(DtsReader.read(ROOT.resolve("boards/" + name + ".dts"))));
        }
        Path modules = SHARED.resolve("data/modules-6.12-arm64");
        if (Files.isDirectory(modules)) {
            Files.createSymbolicLink(folder.resolve("FOLDER/modules"), modules.toAbsolutePath());
        }
    }

    @TestFactory
    Stream<DynamicTest> everyCommandOfEveryDocumentWorks() {
        return DocumentedCommand.in(ROOT).stream()
                .map(command -> DynamicTest.dynamicTest(command.toString(), () -> run(command)));
    }

    @Test
    void commandsAreFoundInTheDocuments() {
        assertThat(DocumentedCommand.in(ROOT)).extracting(DocumentedCommand::document)
                .contains("README.md", "docs/first-ten-minutes.md", "docs/policies.md", "docs/probe-deferral-explained.md");
    }

    @Test
    void aCommandWhoseLineIsMissingInTheOutputIsNotShown() {
        DocumentedCommand command = DocumentedCommand.of("x.md", List.of("    ./latebind boards    # => alpha beta")).get(0);
        assertThat(command.shownBy("beta alpha\n")).isFalse();
        assertThat(command.shownBy("x\nalpha  beta\n")).isTrue();
    }

    /** The command here: a machine without a device tree of its own has another one in its place. */
    private static String runnable(String words) throws IOException {
        String here = words.replace("./latebind", DIST.resolve("latebind").toString());
        if (here.contains(OWN_TREE) && !Files.exists(Path.of(OWN_TREE))) {
            Path tree = folder.resolve("fdt.dtb");
            Files.write(tree, DtbWriter.write(DtsReader.read(ROOT.resolve("boards/teaching.dts"))));
            here = here.replace(OWN_TREE, tree.toString());
        }
        return here;
    }

    private static Path input(DocumentedCommand command) throws IOException {
        return command.typed().isEmpty() ? Path.of("/dev/null")
                : Files.write(Files.createTempFile(folder, "input", ".txt"), command.typed());
    }

    private static void run(DocumentedCommand command) throws IOException, InterruptedException {
        assumeTrue(command.untested() == null, () -> "not tested: " + command.untested());
        assumeTrue(!command.words().contains("FOLDER/modules") || Files.exists(folder.resolve("FOLDER/modules")),
                () -> "no kernel module directory in " + SHARED);
        assertThat(DIST.resolve("latebind")).as("built by the package phase of launcher").exists();
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = new ProcessBuilder("sh", "-c",
                runnable(command.words()))
                .directory(folder.toFile()).redirectErrorStream(true).redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(input(command).toFile())).start();
        boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as("ends within %d s: %s", LIMIT_SECONDS, text).isTrue();
        if (command.exit() < 0) {
            assertThat(process.exitValue()).as("%s", text).isIn(0, 1);
        } else {
            assertThat(process.exitValue()).as("%s", text).isEqualTo(command.exit());
        }
        assertThat(command.shownBy(text)).as("one line with %s in:%n%s", command.expected(), text).isTrue();
    }
}
