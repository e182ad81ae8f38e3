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

class PgtableCommandTest {

    private static final String SAVED = """
            latebind-page-table 1
            format ARM_64_LPAE_S1
            page-sizes 0x40201000
            ias 39
            oas 48
            coherent-walk true
            quirks 0x0
            behaviour V7_3
            root 0x80000000
            0x80000008 0x0060000040000f45
            """;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int dump(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("table"), content);
        PrintStream oldOut = System.out;
        PrintStream oldErr = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            return Main.run("pgtable", "dump", file.toString());
        } finally {
            System.setOut(oldOut);
            System.setErr(oldErr);
        }
    }

    @Test
    void aSavedTableIsPrintedInWords() throws IOException {
        assertThat(dump(SAVED)).isEqualTo(ExitCode.OK);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                ARM_64_LPAE_S1, page sizes 0x40201000, ias 39, oas 48, root 0x80000000
                L1[1] 0x40000000-0x7fffffff -> 0x40000000 1 x 1G rw user write-back inner no-execute
                """);
    }

    @Test
    void aBadFileIsOneLineWithTheOffset() throws IOException {
        assertThat(dump(SAVED.replace("ias 39", "ias 0"))).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8).strip()).contains("offset 66: ias").doesNotContain("\n");
        assertThat(out.size()).isZero();
    }
}
