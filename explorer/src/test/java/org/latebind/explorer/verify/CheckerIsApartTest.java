package org.latebind.explorer.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The checker shares the probe engine with the search, and nothing else. */
class CheckerIsApartTest {

    private static final Pattern EXPLORER_CLASS = Pattern.compile("org/latebind/explorer/(?!verify/)[\\w/$]+");

    private static Set<String> explorerClassesNamedIn(String type) throws IOException, URISyntaxException {
        Path folder = Path.of(Certificate.class.getProtectionDomain().getCodeSource().getLocation().toURI()).resolve(type);
        Set<String> named = new TreeSet<>();
        List<Path> classes;
        try (Stream<Path> files = Files.list(folder)) {
            classes = files.filter(file -> file.toString().endsWith(".class")).toList();
        }
        assertThat(classes).hasSizeGreaterThan(5);
        for (Path file : classes) {
            Matcher matcher = EXPLORER_CLASS.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            while (matcher.find()) {
                named.add(matcher.group());
            }
        }
        return named;
    }

    @Test
    void noClassOfTheCheckerNamesAClassOfTheSearch() throws Exception {
        assertThat(explorerClassesNamedIn("org/latebind/explorer/verify")).isEmpty();
    }

    @Test
    void theSameLookFindsTheClassesTheSearchNames() throws Exception {
        assertThat(explorerClassesNamedIn("org/latebind/explorer")).contains("org/latebind/explorer/Search");
    }
}
