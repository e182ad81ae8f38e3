package org.latebind.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether anything can come from standard input: it is neither closed nor {@code /dev/null}. */
final class StandardInput {

    private static final Path INPUT = Path.of("/dev/stdin");
    private static final Path NOTHING = Path.of("/dev/null");

    private StandardInput() {
    }

    static boolean readable() {
        if (!Files.exists(NOTHING)) {
            // A system without these names: the shell will see for itself.
            return true;
        }
        try {
            return Files.exists(INPUT) && !Files.isSameFile(INPUT, NOTHING);
        } catch (IOException e) {
            return true;
        }
    }
}
