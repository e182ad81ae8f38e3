package org.latebind.machine.ipmmu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every rule of the protocol checker is broken on purpose by some test: a rule that nothing can break would be none. */
class IpmmuRulesTest {

    private static final Pattern RULE = Pattern.compile("\"(ipmmu-[a-z0-9-]+)\"");

    private static Set<String> rules(String folder, String... files) {
        Path at = Path.of(folder, "java", "org", "latebind", "machine", "ipmmu");
        return Stream.of(files).map(at::resolve).flatMap(IpmmuRulesTest::lines).flatMap(line -> RULE.matcher(line).results())
                .map(match -> match.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyRuleIsBrokenByATest() {
        Set<String> known = rules("src/main", "ProtocolChecker.java", "IpmmuTranslator.java");
        assertThat(known).containsAll(List.of("ipmmu-context-before-tables", "ipmmu-flush-not-awaited", "ipmmu-utlb-on-dead-context",
                "ipmmu-stale-translation", "ipmmu-utlb-range-trap", "ipmmu-root-before-leaf", "ipmmu-dangling-utlb"));
        assertThat(rules("src/test", "IpmmuModelTest.java", "IpmmuOptionsTest.java")).isEqualTo(known);
    }
}
