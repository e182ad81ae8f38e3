package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A trace in sections, and the stored texts to compare it with. */
final class Golden {

    private final StringBuilder text = new StringBuilder();
    private Bench bench;

    Golden(Bench bench) {
        this.bench = bench;
    }

    /** Goes on with another bench. */
    Golden on(Bench other) {
        bench = other;
        return this;
    }

    /** Ends a section: everything written since the last one. */
    void section(String title) {
        text.append("# ").append(title).append('\n');
        List<String> writes = bench.takeTrace();
        for (String line : writes) {
            text.append(hideTable(line)).append('\n');
        }
        if (writes.isEmpty()) {
            text.append("nothing\n");
        }
    }

    private static String hideTable(String line) {
        return line.replaceAll("(\\+0x[01]?[0-9a-f]{3}[159d]0) = 0x4[89a-f][0-9a-f]{3}000$", "$1 = table");
    }

    /**
     * Compares with the stored text of a name. After an intended change, {@code -Dlatebind.golden.write=true} stores the
     * new text instead; the difference is then read in the version control.
     */
    void matches(String name) {
        if (Boolean.getBoolean("latebind.golden.write")) {
            try {
                Files.writeString(Path.of("src/test/resources/traces", name), toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertThat(toString().lines().toList()).as(name).isEqualTo(stored(name).lines().toList());
    }

    static String stored(String name) {
        try {
            Path file = Path.of("src/test/resources/traces", name);
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
