package org.latebind.explorer.catalogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A JSON file read strictly: unknown keys and wrong types are errors that name file and place. */
final class StrictJson {

    private static final long SIZE_MAX = 64 << 20;
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String source;

    private StrictJson(String source) {
        this.source = source;
    }

    /** Opens a file; the root is handed to {@code reader}. */
    static <T> T read(Path file, java.util.function.BiFunction<StrictJson, JsonNode, T> reader) {
        StrictJson json = new StrictJson(file.toString());
        try {
            if (Files.isDirectory(file)) {
                throw new CatalogueException(file + ": is a directory, not a file");
            }
            if (!Files.exists(file)) {
                throw new CatalogueException(file + ": cannot be read: no such file");
            }
            if (Files.size(file) > SIZE_MAX) {
                throw new CatalogueException(file + ": larger than " + SIZE_MAX + " bytes");
            }
            return reader.apply(json, MAPPER.readTree(file.toFile()));
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
            throw new CatalogueException(file + place + ": " + firstLine(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new CatalogueException(file + ": cannot be read: " + firstLine(String.valueOf(e.getMessage())));
        }
    }

    CatalogueException wrong(String place, String what) {
        return new CatalogueException(source + ": " + place + ": " + what);
    }

    void object(JsonNode node, String place, Set<String> keys) {
        if (!node.isObject()) {
            throw wrong(place, "is no object");
        }
        node.fieldNames().forEachRemaining(key -> {
            if (!keys.contains(key)) {
                throw wrong(place, "unknown key \"" + key + "\"");
            }
        });
    }

    Iterable<JsonNode> list(JsonNode parent, String key, String place) {
        JsonNode list = parent.get(key);
        if (list == null || list.isNull()) {
            return List.of();
        }
        if (!list.isArray()) {
            throw wrong(place + "." + key, "is no list");
        }
        return list;
    }

    String text(JsonNode parent, String key, String place, String otherwise) {
        JsonNode value = parent.get(key);
        if (value == null || value.isNull()) {
            return otherwise;
        }
        if (!value.isTextual()) {
            throw wrong(place + "." + key, "is no text");
        }
        return value.asText();
    }

    String needed(JsonNode parent, String key, String place) {
        String value = text(parent, key, place, null);
        if (value == null || value.isEmpty()) {
            throw wrong(place, "lacks \"" + key + "\"");
        }
        return value;
    }

    boolean flag(JsonNode parent, String key, String place, boolean otherwise) {
        JsonNode value = parent.get(key);
        if (value == null || value.isNull()) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw wrong(place + "." + key, "is neither true nor false");
        }
        return value.asBoolean();
    }

    int number(JsonNode parent, String key, String place, int otherwise) {
        JsonNode value = parent.get(key);
        if (value == null || value.isNull()) {
            return otherwise;
        }
        if (!value.canConvertToInt() || !value.isIntegralNumber()) {
            throw wrong(place + "." + key, "is no whole number");
        }
        return value.asInt();
    }

    String[] texts(JsonNode parent, String key, String place) {
        List<String> texts = new ArrayList<>();
        for (JsonNode value : list(parent, key, place)) {
            if (!value.isTextual()) {
                throw wrong(place + "." + key, "holds something that is no text");
            }
            texts.add(value.asText());
        }
        return texts.toArray(new String[0]);
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
