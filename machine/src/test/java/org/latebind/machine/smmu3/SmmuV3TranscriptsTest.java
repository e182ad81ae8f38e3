package org.latebind.machine.smmu3;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;

/**
 * The model against recorded answers of an SMMUv3 that we did not write. Another file of the same schema is given by
 * {@code -Dlatebind.smmuv3.transcripts=FILE}.
 *
 * <p>Plain transcripts must agree in every step. Where a {@code choice} is answered otherwise that is printed with the step and
 * the reason of {@link #ANSWERED_OTHERWISE}. A {@code deviation} must agree up to the first marked step and differ at one of the
 * marked ones. Nothing is skipped.
 */
class SmmuV3TranscriptsTest {

    private static final String PROPERTY = "latebind.smmuv3.transcripts";

    /** Choice transcripts the model answers otherwise, with the reason. */
    private static final Map<String, String> ANSWERED_OTHERWISE = Map.of();

    private static final String CACHES_STRICTER = "the caches of the model keep what the architecture allows to keep,"
            + " also where the recorded device dropped or fetched more";

    private static Path file() throws URISyntaxException {
        String given = System.getProperty(PROPERTY);
        if (given == null) {
            return ours();
        }
        Path here = Path.of(given);
        return Files.exists(here) ? here : Path.of("..").resolve(given);
    }

    private static Path ours() throws URISyntaxException {
        return Path.of(SmmuV3TranscriptsTest.class.getResource("/smmuv3-transcripts.jsonl").toURI());
    }

    private static Stream<Transcript> transcripts() throws URISyntaxException {
        return Transcript.load(file()).stream();
    }

    private static String text(List<TranscriptReplay.Difference> differences) {
        return differences.stream().limit(3).map(d -> "step " + d.step() + ": " + d.text()).toList().toString();
    }

    @TestFactory
    Stream<DynamicTest> plainTranscriptsAreAnsweredAlike() throws URISyntaxException {
        return transcripts().filter(Transcript::isPlain).map(t -> DynamicTest.dynamicTest(t.title(),
                () -> assertThat(TranscriptReplay.run(t)).as(t.text("what it shows")).isEmpty()));
    }

    @TestFactory
    Stream<DynamicTest> choicesAreAnsweredAlikeOrReported(TestReporter report) throws URISyntaxException {
        return transcripts().filter(Transcript::isChoice).map(t -> DynamicTest.dynamicTest(t.title(), () -> {
            List<TranscriptReplay.Difference> differences = TranscriptReplay.run(t);
            if (!differences.isEmpty()) {
                report.publishEntry(t.id() + " answered otherwise", ANSWERED_OTHERWISE.getOrDefault(t.id(), CACHES_STRICTER) + ": "
                        + text(differences) + "; the transcript says: " + t.text("choice"));
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> deviationsDifferExactlyWhereTheyAreMarked() throws URISyntaxException {
        return transcripts().filter(Transcript::isDeviation).map(t -> DynamicTest.dynamicTest(t.title(), () -> {
            List<TranscriptReplay.Difference> differences = TranscriptReplay.run(t);
            assertThat(differences).as("an architectural model must differ here: %s", t.text("deviation")).isNotEmpty();
            assertThat(differences.get(0).deviates()).as("first difference: %s", text(differences)).isTrue();
        }));
    }

    /** Of the file in our own resources, whichever file was given. */
    @Test
    void theChoicesOfOurOwnFileAreAllAnsweredAlikeExceptTheNamedOnes() throws URISyntaxException {
        assertThat(Transcript.load(ours()).stream().filter(Transcript::isChoice).filter(t -> !TranscriptReplay.run(t).isEmpty())
                .map(Transcript::id).toList()).containsExactlyInAnyOrderElementsOf(ANSWERED_OTHERWISE.keySet());
    }
}
