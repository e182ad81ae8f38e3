package org.latebind.launcher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.driver.Device.LogLevel;
import org.latebind.runtime.LogEntry;

/**
 * A run as JSON lines: the first says what ran, each other is an entry of its log.
 *
 * @param board      name of the board
 * @param policy     policy id
 * @param parameters parameters at the start, by kernel name
 * @param log        oldest first
 */
record TraceFile(String board, String policy, Map<String, String> parameters, List<LogEntry> log) {

    private static final int FORMAT = 1;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The first line. */
    static Map<String, Object> header(String board, String policy, Map<String, String> parameters) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("kind", "TRACE");
        row.put("format", FORMAT);
        row.put("board", board);
        row.put("policy", policy);
        row.put("parameters", new TreeMap<>(parameters));
        return row;
    }

    /** The trace of rows that came out of the framework. */
    static TraceFile of(String board, String policy, Map<String, String> parameters, List<?> rows) {
        List<LogEntry> log = new ArrayList<>();
        for (Object row : rows) {
            log.add(entry(MAPPER.valueToTree(row)));
        }
        return new TraceFile(board, policy, parameters, List.copyOf(log));
    }

    /** Tells whether a file is named as a trace. */
    static boolean named(Path file) {
        return file.toString().endsWith(".jsonl");
    }

    /**
     * Reads a trace.
     *
     * @throws BadInput naming file and line when it is none
     */
    static TraceFile read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new BadInput(file + ": cannot be read: " + BoardFile.reason(e));
        }
        JsonNode header = lines.isEmpty() ? null : node(file, 1, lines.get(0));
        if (header == null || !"TRACE".equals(header.path("kind").asText()) || header.path("format").asInt() != FORMAT) {
            throw new BadInput(file + ":1: not a trace of format " + FORMAT);
        }
        List<LogEntry> log = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            try {
                log.add(entry(node(file, i + 1, lines.get(i))));
            } catch (IllegalArgumentException e) {
                throw new BadInput(file + ":" + (i + 1) + ": not an entry of a log: " + e.getMessage());
            }
        }
        return new TraceFile(header.path("board").asText(), header.path("policy").asText(), texts(header.path("parameters")),
                List.copyOf(log));
    }

    private static JsonNode node(Path file, int line, String text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (!node.isObject()) {
                throw new BadInput(file + ":" + line + ": not a JSON object");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new BadInput(file + ":" + line + ": not JSON: " + e.getOriginalMessage());
        }
    }

    private static LogEntry entry(JsonNode row) {
        return new LogEntry(row.path("sequence").asLong(), Math.round(row.path("time").asDouble() * NANOS_PER_SECOND),
                LogEntry.Kind.valueOf(row.path("kind").asText()), LogLevel.valueOf(row.path("level").asText()),
                row.path("subject").asText(), row.path("text").asText(), texts(row.path("details")));
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new TreeMap<>();
        object.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
        return texts;
    }
}
