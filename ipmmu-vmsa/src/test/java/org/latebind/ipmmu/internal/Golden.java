package org.latebind.ipmmu.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A trace in sections, and the stored texts to compare it with. */
final class Golden {

    private final StringBuilder text = new StringBuilder();
    private final Bench bench;

    Golden(Bench bench) {
        this.bench = bench;
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

    static String stored(String name) {
        try (InputStream in = Golden.class.getResourceAsStream("/traces/" + name)) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
