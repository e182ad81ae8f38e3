package org.latebind.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command line that a document shows: an indented or fenced line that begins with {@code ./latebind}. Lines behind it that
 * begin with {@code latebind>} are typed into its shell. Its comment may say what to expect:
 * {@code => WORDS} these words stand in this order in one line of the output, {@code exit N} the exit code, {@code not tested:
 * REASON}.
 *
 * @param document file name of the document
 * @param line     line number, from 1
 * @param words    the command as typed, without comment
 * @param exit     expected exit code, or -1 where it may be 0, or 1 for findings
 * @param expected words of one line of the output; may be empty
 * @param typed    lines for its standard input; may be empty
 * @param untested why it is not run, or null
 */
record DocumentedCommand(String document, int line, String words, int exit, List<String> expected, List<String> typed,
        String untested) {

    private static final Pattern COMMAND = Pattern.compile("\\s*(\\./latebind\\s.*?)(?:\\s+#\\s+(.*))?");
    private static final String PROMPT = "latebind>";
    private static final Pattern EXIT = Pattern.compile("exit ([0-4])");

    /** All commands of the documents in these places, in their order. */
    static List<DocumentedCommand> in(Path root) {
        List<DocumentedCommand> commands = new ArrayList<>();
        for (Path document : documents(root)) {
            commands.addAll(of(root.relativize(document).toString(), read(document)));
        }
        return commands;
    }

    private static List<Path> documents(Path root) {
        try (Stream<Path> files = Files.list(root.resolve("docs"))) {
            return Stream.concat(Stream.of(root.resolve("README.md")),
                    files.filter(file -> file.toString().endsWith(".md")).sorted()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> read(Path document) {
        try {
            return Files.readAllLines(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<DocumentedCommand> of(String document, List<String> lines) {
        List<DocumentedCommand> commands = new ArrayList<>();
        boolean fenced = false;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("```")) {
                fenced = !fenced;
            } else if (fenced || line.startsWith("    ")) {
                Matcher matcher = COMMAND.matcher(line);
                if (matcher.matches()) {
                    commands.add(command(document, i + 1, matcher.group(1).strip(), matcher.group(2))
                            .typing(typedAfter(lines, i)));
                }
            }
        }
        return commands;
    }

    private static List<String> typedAfter(List<String> lines, int command) {
        return lines.stream().skip(command + 1L).map(String::strip).takeWhile(line -> line.startsWith(PROMPT))
                .map(line -> line.substring(PROMPT.length()).strip()).toList();
    }

    private DocumentedCommand typing(List<String> input) {
        return new DocumentedCommand(document, line, words, exit, expected, input, untested);
    }

    private static DocumentedCommand command(String document, int line, String words, String comment) {
        int exit = words.startsWith("./latebind explore ") ? -1 : 0;
        if (comment == null) {
            return new DocumentedCommand(document, line, words, exit, List.of(), List.of(), null);
        } else if (comment.startsWith("not tested: ")) {
            return new DocumentedCommand(document, line, words, exit, List.of(), List.of(), comment.substring("not tested: ".length()));
        } else if (comment.startsWith("=> ")) {
            return new DocumentedCommand(document, line, words, exit, List.of(comment.substring(3).strip().split("\\s+")), List.of(),
                    null);
        }
        Matcher code = EXIT.matcher(comment);
        return new DocumentedCommand(document, line, words, code.matches() ? Integer.parseInt(code.group(1)) : exit,
                List.of(), List.of(), null);
    }

    /** Whether one line of the output has the expected words in their order. */
    boolean shownBy(String output) {
        return expected.isEmpty() || output.lines().anyMatch(this::inOrder);
    }

    private boolean inOrder(String line) {
        int from = 0;
        for (String word : expected) {
            int at = line.indexOf(word, from);
            if (at < 0) {
                return false;
            }
            from = at + word.length();
        }
        return true;
    }

    @Override
    public String toString() {
        return document + ":" + line + ": " + words;
    }
}
