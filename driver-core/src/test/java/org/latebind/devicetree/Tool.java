package org.latebind.devicetree;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of others that tell the truth; tests that need one are skipped without it. */
final class Tool {

    private Tool() {
    }

    /** What a program said. */
    record Result(int exit, byte[] output) {
        String text() {
            return new String(output, StandardCharsets.UTF_8);
        }
    }

    static void assumeDtc() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dtc")), "no dtc (Debian package device-tree-compiler)");
    }

    static void assumeLibfdt() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3"))
            && run(List.of("/usr/bin/python3", "-c", "import libfdt")).exit == 0, "no libfdt (Debian package python3-libfdt)");
    }

    /** Runs dtc, without its warnings. */
    static Result dtc(String... arguments) {
        List<String> command = new ArrayList<>(List.of("/usr/bin/dtc", "-q"));
        command.addAll(List.of(arguments));
        return run(command);
    }

    static String libfdt(String question, Path file) {
        Path script = Path.of("src/test/resources/devicetree/truth.py");
        Result result = run(List.of("/usr/bin/python3", script.toString(), question, file.toString()));
        if (result.exit != 0) {
            throw new AssertionError("truth.py: " + result.text());
        }
        return result.text();
    }

    /** Runs a program; standard output and error together. */
    static Result run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            byte[] output = process.getInputStream().readAllBytes();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " does not end");
            }
            return new Result(process.exitValue(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
