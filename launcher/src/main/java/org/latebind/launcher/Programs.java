package org.latebind.launcher;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/** Programs of the host. */
final class Programs {

    private Programs() {
    }

    /** Tells whether a program can be started by its name. */
    static boolean onPath(String program) {
        String path = System.getenv("PATH");
        for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }
}
