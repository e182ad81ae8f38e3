package org.latebind.console.report;

import java.util.HexFormat;
import java.util.List;
import org.latebind.hardware.xen.BackendDomains;

/** One thing a backend domain is told to do: the words of the command {@code backend}. */
public sealed interface BackendRequest {

    /** How to write one. */
    String USAGE = "map DOMID REF [ro] | unmap DOMID HANDLE | read DOMID HANDLE OFFSET LENGTH | write DOMID HANDLE OFFSET HEX";
    /** Highest page offset plus one. */
    int PAGE_BYTES = 4096;

    /** Maps a grant. */
    record Map(int domid, int ref, boolean readOnly) implements BackendRequest {
    }

    /** Gives a mapping back. */
    record Unmap(int domid, int handle) implements BackendRequest {
    }

    /** Reads through a mapping. */
    record Read(int domid, int handle, int offset, int length) implements BackendRequest {
    }

    /** Writes through a mapping. */
    record Write(int domid, int handle, int offset, byte[] data) implements BackendRequest {
    }

    /**
     * Reads the words.
     *
     * @throws IllegalArgumentException with one line that says what is wrong
     */
    static BackendRequest parse(List<String> words) {
        String verb = words.isEmpty() ? "" : words.get(0);
        return switch (verb + "/" + words.size()) {
            case "map/3" -> new Map(number(words, 1, 0xFFFF), number(words, 2, Integer.MAX_VALUE), false);
            case "map/4" -> new Map(number(words, 1, 0xFFFF), number(words, 2, Integer.MAX_VALUE), readOnly(words.get(3)));
            case "unmap/3" -> new Unmap(number(words, 1, 0xFFFF), number(words, 2, Integer.MAX_VALUE));
            case "read/5" -> new Read(number(words, 1, 0xFFFF), number(words, 2, Integer.MAX_VALUE),
                    number(words, 3, PAGE_BYTES - 1), number(words, 4, PAGE_BYTES));
            case "write/5" -> new Write(number(words, 1, 0xFFFF), number(words, 2, Integer.MAX_VALUE),
                    number(words, 3, PAGE_BYTES - 1), bytes(words.get(4)));
            default -> throw new IllegalArgumentException("usage: backend " + USAGE);
        };
    }

    private static boolean readOnly(String word) {
        if (word.equals("ro") || word.equals("rw")) {
            return word.equals("ro");
        }
        throw new IllegalArgumentException("access is ro or rw, not '" + word + "'");
    }

    private static int number(List<String> words, int index, int max) {
        String word = words.get(index);
        try {
            long value = Long.decode(word);
            if (value >= 0 && value <= max) {
                return (int) value;
            }
        } catch (NumberFormatException e) {
            // Said below, together with numbers out of range.
        }
        throw new IllegalArgumentException("'" + word + "' is no number from 0 to " + max);
    }

    private static byte[] bytes(String word) {
        try {
            return HexFormat.of().parseHex(word);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + word + "' is no row of hexadecimal bytes", e);
        }
    }

    /** Carries a request out. */
    static BackendDomains.Answer on(BackendDomains domains, BackendRequest request) {
        if (request instanceof Map map) {
            return domains.map(map.domid(), map.ref(), map.readOnly());
        }
        if (request instanceof Unmap unmap) {
            return domains.unmap(unmap.domid(), unmap.handle());
        }
        if (request instanceof Read read) {
            return domains.read(read.domid(), read.handle(), read.offset(), read.length());
        }
        Write write = (Write) request;
        return domains.write(write.domid(), write.handle(), write.offset(), write.data());
    }

    /** One line on what came of it. */
    static String describe(BackendDomains.Answer answer) {
        if (!answer.ok()) {
            return "refused: " + answer.text() + " (" + answer.status() + ")";
        }
        if (answer.handle() >= 0) {
            return "handle " + answer.handle();
        }
        return answer.data().length > 0 ? HexFormat.ofDelimiter(" ").formatHex(answer.data()) : "done";
    }
}
