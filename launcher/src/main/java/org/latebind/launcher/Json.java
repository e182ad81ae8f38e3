package org.latebind.launcher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Prints one JSON document to standard output. */
final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private Json() {
    }

    static void print(Object document) {
        System.out.print(text(document));
    }

    /** The document as text, ended by a newline. */
    static String text(Object document) {
        try {
            return MAPPER.writeValueAsString(document) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes one document a line into a file. */
    static void printLines(Path file, List<?> documents) {
        ObjectMapper compact = new ObjectMapper();
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (Object document : documents) {
                out.write(compact.writeValueAsString(document));
                out.write('\n');
            }
        } catch (IOException e) {
            throw new BadInput(file + ": cannot be written: " + BoardFile.reason(e));
        }
    }
}
