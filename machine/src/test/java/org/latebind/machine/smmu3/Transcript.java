package org.latebind.machine.smmu3;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One recorded scenario: what was done to a real SMMUv3 and every answer. */
record Transcript(JsonNode json) {

    static List<Transcript> load(Path file) {
        ObjectMapper mapper = new ObjectMapper();
        List<Transcript> all = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank()) {
                    all.add(new Transcript(mapper.readTree(line)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("transcripts " + file, e);
        }
        return all;
    }

    String id() {
        return json.path("id").asText();
    }

    String title() {
        return id() + ": " + json.path("title").asText();
    }

    boolean isDeviation() {
        return json.has("deviation");
    }

    boolean isChoice() {
        return json.has("choice") && !isDeviation();
    }

    boolean isPlain() {
        return !isDeviation() && !isChoice();
    }

    String text(String key) {
        return json.path(key).asText();
    }

    JsonNode setup() {
        return json.path("setup");
    }

    JsonNode steps() {
        return json.path("steps");
    }
}
