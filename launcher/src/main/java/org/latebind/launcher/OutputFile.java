package org.latebind.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that a command writes. They are looked at before the work starts, so that no work is lost over a wrong name. */
final class OutputFile {

    private OutputFile() {
    }

    /**
     * Tells whether a file can be written, without touching it.
     *
     * @param file null for none
     * @throws BadInput when it cannot; the message says why
     */
    static void check(Path file) {
        if (file == null) {
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw new BadInput(file + ": cannot be written: is a directory");
        }
        if (folder != null && !Files.isDirectory(folder)) {
            throw new BadInput(file + ": cannot be written: there is no folder " + folder);
        }
        if (Files.exists(file) && !Files.isWritable(file) || !Files.exists(file) && !Files.isWritable(folder)) {
            throw new BadInput(file + ": cannot be written: not allowed");
        }
    }

    static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new BadInput(file + ": cannot be written: " + BoardFile.reason(e));
        }
    }
}
