package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shell patterns: by example, and against the regular expressions of the platform. */
class AliasPatternTest {

    private static final int PATTERNS = 20_000;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "of:N*T*Carm,smmu-v3      | of:Niommu@1T(null)Carm,smmu-v3        | true",
        "of:N*T*Carm,smmu-v3C*    | of:NiommuT(null)Carm,smmu-v3Carm,x    | true",
        "of:N*T*Carm,smmu-v3      | of:NiommuT(null)Carm,smmu-v3Carm,x    | false",
        "pci:v00001AF4d*sv*       | pci:v00001AF4d00001005sv00001AF4      | true",
        "a?c                      | abc                                   | true",
        "a?c                      | ac                                    | false",
        "a[0-9b]c                 | a7c                                   | true",
        "a[0-9b]c                 | abc                                   | true",
        "a[0-9b]c                 | axc                                   | false",
        "*ab                      | aab                                   | true",
        "a,b                      | a,b                                   | true",
        "a.b                      | axb                                   | false"})
    void matchesAsAShellDoes(String pattern, String text, boolean matches) {
        assertThat(AliasPattern.matches(pattern, text)).isEqualTo(matches);
    }

    @Test
    void emptyMatchesEmptyOnly() {
        assertThat(AliasPattern.matches("", "")).isTrue();
        assertThat(AliasPattern.matches("*", "")).isTrue();
        assertThat(AliasPattern.matches("", "a")).isFalse();
        assertThat(AliasPattern.matches("?", "")).isFalse();
    }

    /** Method: random patterns and texts over three letters; the judge is java.util.regex. */
    @Test
    void randomPatternsMatchWhatTheirRegularExpressionsMatch() {
        long seed = Long.getLong("latebind.seed", 17);
        Random random = new Random(seed);
        int hits = 0;
        for (int i = 0; i < PATTERNS; i++) {
            StringBuilder glob = new StringBuilder();
            StringBuilder regex = new StringBuilder();
            for (int n = random.nextInt(6); n > 0; n--) {
                int kind = random.nextInt(6);
                glob.append(kind == 0 ? "*" : kind == 1 ? "?" : kind == 2 ? "[ab]"
                        : String.valueOf((char) ('a' + random.nextInt(3))));
                regex.append(kind == 0 ? ".*" : kind == 1 ? "." : kind == 2 ? "[ab]" : glob.substring(glob.length() - 1));
            }
            StringBuilder text = new StringBuilder();
            random.ints(random.nextInt(7), 'a', 'd').forEach(c -> text.append((char) c));
            boolean expected = Pattern.matches(regex.toString(), text);
            hits += expected ? 1 : 0;
            assertThat(AliasPattern.matches(glob.toString(), text.toString())).as("%s on %s, seed %d", glob, text, seed)
                    .isEqualTo(expected);
        }
        assertThat(hits).as("texts that match").isGreaterThan(PATTERNS / 20);
    }

    @Test
    void manyStarsCostNoExponentialTime() {
        assertThat(AliasPattern.matches("*a".repeat(200) + "b", "a".repeat(5_000))).isFalse();
    }
}
