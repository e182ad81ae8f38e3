package org.latebind.devicetree;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * The characters of a source and the files it includes: white space, comments, {@code /include/} and line directives are
 * passed over here, the parser sees the rest. Text is bytes, as for dtc: a string in UTF-8 goes through unchanged.
 */
final class DtsScanner {

    private static final int INCLUDE_DEPTH_MAX = 200;
    private static final int INCLUDES_MAX = 4096;
    private static final int BYTES_MAX = 64 << 20;

    private static final class Input {
        String file;
        final Path folder;
        final byte[] text;
        int at;
        int line = 1;
        int column = 1;

        Input(String file, Path folder, byte[] text) {
            this.file = file;
            this.folder = folder;
            this.text = text;
        }
    }

    private final Deque<Input> outer = new ArrayDeque<>();
    private Input input;
    private int includes;
    private long bytesRead;

    /** {@code folder} is where included files are looked for; null when the source may not include any. */
    DtsScanner(String file, Path folder, byte[] text) {
        input = new Input(file, folder, text);
        bytesRead = text.length;
    }

    static boolean isNameCharacter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c > 0 && ",._+*#?@-".indexOf(c) >= 0;
    }

    private static boolean isLabelCharacter(int c, boolean first) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || !first && c >= '0' && c <= '9';
    }

    SourcePlace place() {
        return new SourcePlace(input.file, input.line, input.column);
    }

    DeviceTreeException fail(String text) {
        return place().fail(text);
    }

    /** Returns the next character, -1 at the end of the file. */
    int peek() {
        return peek(0);
    }

    int peek(int ahead) {
        int at = input.at + ahead;
        return at < input.text.length ? input.text[at] & 0xff : -1;
    }

    int next() {
        int c = peek();
        if (c >= 0) {
            input.at++;
            input.column = c == '\n' ? 1 : input.column + 1;
            input.line += c == '\n' ? 1 : 0;
        }
        return c;
    }

    /** Passes over white space, comments, line directives and includes; returns the next character, -1 at the end of all. */
    int skip() {
        while (true) {
            int c = peek();
            if (c == ' ' || c >= '\t' && c <= '\r') {
                next();
            } else if (c == '/' && peek(1) == '*') {
                blockComment();
            } else if (c == '/' && peek(1) == '/') {
                while (peek() >= 0 && peek() != '\n') {
                    next();
                }
            } else if (c == '#' && input.column == 1 && isLineDirective()) {
                lineDirective();
            } else if (c == '/' && lookingAt("/include/")) {
                include();
            } else if (c < 0 && !outer.isEmpty()) {
                input = outer.pop();
            } else {
                return c;
            }
        }
    }

    private void blockComment() {
        SourcePlace start = place();
        next();
        next();
        while (peek() != '*' || peek(1) != '/') {
            if (next() < 0) {
                throw start.fail("a comment without an end");
            }
        }
        next();
        next();
    }

    private boolean isLineDirective() {
        int at = lookingAt("#line") ? 5 : 1;
        return peek(at) == ' ' || peek(at) == '\t';
    }

    private void lineDirective() {
        while (peek() == '#' || peek() >= 'a' && peek() <= 'z' || peek() == ' ' || peek() == '\t') {
            next();
        }
        long line = 0;
        SourcePlace start = place();
        while (peek() >= '0' && peek() <= '9') {
            line = Math.min(line * 10 + next() - '0', Integer.MAX_VALUE);
        }
        while (peek() == ' ' || peek() == '\t') {
            next();
        }
        if (line == 0 || peek() != '"') {
            throw start.fail("a line directive without line and file");
        }
        String file = new String(string(), StandardCharsets.UTF_8);
        int flags = 0;
        while (peek(flags) == ' ' || peek(flags) == '\t') {
            flags++;
        }
        int digits = flags;
        while (peek(digits) >= '0' && peek(digits) <= '9') {
            digits++;
        }
        if (flags > 0 && digits > flags) {
            take(digits);
        }
        input.file = file;
        input.line = (int) line - 1;
    }

    private void include() {
        SourcePlace start = place();
        take("/include/".length());
        while (peek() == ' ' || peek() >= '\t' && peek() <= '\r') {
            next();
        }
        if (peek() != '"') {
            throw fail("the name of the file to include is missing");
        }
        if (outer.size() == INCLUDE_DEPTH_MAX || ++includes > INCLUDES_MAX) {
            throw start.fail("too many nested files");
        }
        String name = new String(rawString(), StandardCharsets.UTF_8);
        Path file = resolve(name, start);
        byte[] text = file(file, start);
        outer.push(input);
        input = new Input(file.toString(), file.toAbsolutePath().getParent(), text);
    }

    /** Returns the file that a source at this place means by {@code name}. */
    Path resolve(String name, SourcePlace at) {
        if (input.folder == null) {
            throw at.fail("this source may not name other files");
        }
        try {
            return input.folder.resolve(name);
        } catch (InvalidPathException e) {
            throw at.fail("not a file name: " + name);
        }
    }

    /** Reads another file; all files together are bounded. */
    byte[] file(Path file, SourcePlace at) {
        if (!Files.isRegularFile(file)) {
            throw at.fail("no such file: " + file);
        }
        byte[] text = DtbReader.bytes(file);
        bytesRead += text.length;
        if (bytesRead > BYTES_MAX) {
            throw at.fail("the files named by this source are larger than " + BYTES_MAX + " bytes together");
        }
        return text;
    }

    boolean lookingAt(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (peek(i) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Passes over {@code word} if it comes next, white space before it allowed. */
    boolean accept(String word) {
        skip();
        if (!lookingAt(word)) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            next();
        }
        return true;
    }

    void expect(String word, String after) {
        if (!accept(word)) {
            throw fail("expected " + word + " " + after + ", found " + found());
        }
    }

    /** Describes the next character for messages. */
    String found() {
        int c = peek();
        return c < 0 ? "the end of the file" : c > ' ' && c < 0x7f ? "'" + (char) c + "'" : "byte 0x" + Integer.toHexString(c);
    }

    /** Returns a label and passes over it and its colon if one comes next, else null. */
    String label() {
        skip();
        int end = 0;
        while (isLabelCharacter(peek(end), end == 0)) {
            end++;
        }
        return end > 0 && peek(end) == ':' ? take(end + 1).substring(0, end) : null;
    }

    /** Returns the name of a node or property. */
    String name() {
        skip();
        if (peek() == '\\' && isNameCharacter(peek(1))) {
            next();
        }
        int end = 0;
        while (isNameCharacter(peek(end))) {
            end++;
        }
        if (end == 0) {
            throw fail("expected the name of a node or property, found " + found());
        }
        if (end > TreeBuilder.NAME_LENGTH_MAX) {
            throw fail("a name of " + end + " characters is too long");
        }
        return take(end);
    }

    /** Returns a reference: the label of {@code &label}, or the path of {@code &{/path}}. */
    String reference() {
        SourcePlace start = place();
        next();
        if (peek() != '{') {
            int end = 0;
            while (isLabelCharacter(peek(end), end == 0)) {
                end++;
            }
            if (end == 0) {
                throw start.fail("& without a label or a path in braces");
            }
            return take(end);
        }
        next();
        int end = 0;
        while (isNameCharacter(peek(end)) || peek(end) == '/') {
            end++;
        }
        if (peek() != '/' || peek(end) != '}') {
            throw start.fail("&{ without a path and a closing brace");
        }
        String path = take(end);
        next();
        return path;
    }

    private String take(int length) {
        String text = new String(input.text, input.at, length, StandardCharsets.ISO_8859_1);
        input.at += length;
        input.column += length;
        return text;
    }

    /** Returns the text between double quotes, escapes not resolved. */
    byte[] rawString() {
        SourcePlace start = place();
        next();
        int from = input.at;
        while (peek() != '"') {
            int c = next();
            if (c == '\\') {
                c = peek() == '\n' ? -1 : next();
            }
            if (c < 0) {
                throw start.fail("a string without an end");
            }
        }
        int to = input.at;
        next();
        return Arrays.copyOfRange(input.text, from, to);
    }

    /** Returns the bytes of a string in double quotes, escapes resolved, without the final zero. */
    byte[] string() {
        SourcePlace start = place();
        return DtsLiteral.unescape(rawString(), start);
    }
}
