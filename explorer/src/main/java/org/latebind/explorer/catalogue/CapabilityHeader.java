package org.latebind.explorer.catalogue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code Provide-Capability} header: clauses with typed attributes (OSGi Core 8, section 3.3.3). */
final class CapabilityHeader {

    /** One capability; every attribute as its list of values, single values as a list of one. */
    record Clause(String namespace, Map<String, List<String>> attributes) {
    }

    private CapabilityHeader() {
    }

    static List<Clause> parse(String header) {
        List<Clause> clauses = new ArrayList<>();
        for (String clause : split(header, ',')) {
            List<String> parts = split(clause, ';');
            Map<String, List<String>> attributes = new LinkedHashMap<>();
            for (String part : parts.subList(1, parts.size())) {
                attribute(part, attributes);
            }
            clauses.add(new Clause(parts.get(0).trim(), attributes));
        }
        return clauses;
    }

    private static void attribute(String part, Map<String, List<String>> attributes) {
        int equals = part.indexOf('=');
        if (equals < 0 || part.charAt(Math.max(0, equals - 1)) == ':') {
            return;
        }
        String name = part.substring(0, equals).trim();
        String value = part.substring(equals + 1).trim();
        if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
            value = value.substring(1, value.length() - 1);
        }
        int colon = name.indexOf(':');
        boolean list = colon >= 0 && name.substring(colon + 1).startsWith("List");
        attributes.put(colon < 0 ? name : name.substring(0, colon), list ? listValues(value) : List.of(value));
    }

    /** Values of a list, where {@code \,} is a comma inside a value. */
    private static List<String> listValues(String value) {
        List<String> values = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && i + 1 < value.length()) {
                current.append(value.charAt(++i));
            } else if (c == ',') {
                values.add(current.toString());
                current.setLength(0);
            } else {
                current.append(c);
            }
        }
        values.add(current.toString());
        return values;
    }

    /** Splits at a separator outside quotes. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && (i == 0 || text.charAt(i - 1) != '\\')) {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }
}
