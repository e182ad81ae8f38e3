package org.latebind.dmaclient;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The manifest header {@value #NAME}: which client drivers a bundle without code stands for.
 *
 * <p>Grammar, that of every OSGi header: clauses separated by commas, {@code name;compatible="a,b c,d"}. The value of
 * {@code compatible} is always quoted, because every compatible string holds a comma; several strings are separated by
 * white space. {@code bus=amba} is for devices that are {@code arm,primecell}.
 */
final class ClientHeader {

    /** Name of the header. */
    static final String NAME = "Latebind-Client";

    /** The bus of devices that come from the tree, unless they are {@code arm,primecell}: those are on {@code amba}. */
    static final String PLATFORM = "platform";

    private static final String COMPATIBLE = "compatible";
    private static final String BUS = "bus";

    private ClientHeader() {
    }

    /**
     * One driver of the header.
     *
     * @param name       driver name, unique in the header
     * @param bus        the bus its devices are on
     * @param compatible at least one compatible string
     */
    record Clause(String name, String bus, List<String> compatible) {
    }

    /** A header that cannot be read; the message says what and where. */
    static final class MalformedHeaderException extends Exception {

        private static final long serialVersionUID = 1L;

        MalformedHeaderException(String text) {
            super(NAME + ": " + text);
        }
    }

    /** Reads a header value; an empty list is an error, as is an unknown attribute. */
    static List<Clause> parse(String value) throws MalformedHeaderException {
        List<Clause> clauses = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String text : split(value, ',')) {
            Clause clause = clause(text);
            if (!names.add(clause.name())) {
                throw new MalformedHeaderException("driver " + clause.name() + " is named twice");
            }
            clauses.add(clause);
        }
        return clauses;
    }

    private static Clause clause(String text) throws MalformedHeaderException {
        List<String> parts = split(text, ';');
        String name = parts.get(0);
        if (!name.matches("[A-Za-z0-9._-]+")) {
            throw new MalformedHeaderException("\"" + name + "\" is no driver name");
        }
        List<String> compatible = List.of();
        String bus = PLATFORM;
        for (String part : parts.subList(1, parts.size())) {
            int equals = part.indexOf('=');
            if (equals > 0 && part.substring(0, equals).strip().equals(BUS)) {
                bus = part.substring(equals + 1).strip();
                continue;
            }
            if (equals < 0 || !part.substring(0, equals).strip().equals(COMPATIBLE)) {
                throw new MalformedHeaderException(name + ": unknown attribute \"" + part + "\"");
            }
            if (!compatible.isEmpty()) {
                throw new MalformedHeaderException(name + ": compatible is given twice");
            }
            compatible = List.of(unquote(name, part.substring(equals + 1).strip()).split("\\s+"));
        }
        if (compatible.isEmpty()) {
            throw new MalformedHeaderException(name + ": compatible is missing");
        }
        return new Clause(name, bus, compatible);
    }

    private static String unquote(String name, String value) throws MalformedHeaderException {
        boolean quoted = value.length() > 2 && value.startsWith("\"") && value.endsWith("\"");
        String inner = quoted ? value.substring(1, value.length() - 1).strip() : "";
        if (inner.isEmpty()) {
            throw new MalformedHeaderException(name + ": the value of compatible must be quoted and not empty");
        }
        return inner;
    }

    /** Splits outside of quotes and strips the pieces. */
    private static List<String> split(String value, char separator) throws MalformedHeaderException {
        List<String> pieces = new ArrayList<>();
        boolean quoted = false;
        int from = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                pieces.add(value.substring(from, i).strip());
                from = i + 1;
            }
        }
        if (quoted) {
            throw new MalformedHeaderException("a quote is not closed");
        }
        pieces.add(value.substring(from).strip());
        return pieces;
    }
}
