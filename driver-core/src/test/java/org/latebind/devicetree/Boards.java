package org.latebind.devicetree;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The compiled trees of real boards, which are no part of the product: tests that need them are skipped without them. */
final class Boards {

    private Boards() {
    }

    static Path shared() {
        return Path.of(System.getProperty("latebind.shared", "../../shared"));
    }

    /** All trees, by name. */
    static List<Path> all() {
        Path folder = shared().resolve("data/dtb");
        assumeTrue(Files.isDirectory(folder), () -> "no board trees in " + folder);
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".dtb")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path of(String name) {
        Path file = shared().resolve("data/dtb").resolve(name);
        assumeTrue(Files.isRegularFile(file), () -> "no board tree " + file);
        return file;
    }
}
