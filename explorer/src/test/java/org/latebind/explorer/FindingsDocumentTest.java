package org.latebind.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/findings.md} has a section for each rule, and for nothing else. */
class FindingsDocumentTest {

    private static final Pattern HEADING = Pattern.compile("^## `([^`]+)`\n\n(\\S)", Pattern.MULTILINE);

    @Test
    void everyRuleHasASectionWithText() throws IOException {
        String document = Files.readString(Path.of("../docs/findings.md"));
        assertThat(HEADING.matcher(document).results().map((MatchResult result) -> result.group(1)))
            .containsExactly(Arrays.stream(Rule.values()).map(Rule::id).sorted(java.util.Comparator
                .comparingInt(id -> document.indexOf("## `" + id + "`"))).toArray(String[]::new));
    }
}
