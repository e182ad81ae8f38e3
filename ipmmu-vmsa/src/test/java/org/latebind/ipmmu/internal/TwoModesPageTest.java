package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/two-modes.md} says what the driver does: its register table is made of the stored traces. */
class TwoModesPageTest {

    private static final Path PAGE = Path.of("..", "docs", "two-modes.md");
    private static final String BEGIN = "<!-- made of the stored traces: begin -->\n";
    private static final String END = "<!-- end -->\n";
    private static final int LINES_OF_A_PAGE = 70;

    /** After a change of the traces, {@code -Dlatebind.golden.write=true} writes the new table. */
    @Test
    void registerTableIsThatOfTheStoredTraces() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END, begin);
        assertThat(end).as("the marks of the table").isGreaterThan(begin - 1);
        if (Boolean.getBoolean("latebind.golden.write")) {
            page = page.substring(0, begin) + TracePage.table() + page.substring(end);
            Files.writeString(PAGE, page);
            end = page.indexOf(END, begin);
        }
        assertThat(page.substring(begin, end).lines().toList()).isEqualTo(TracePage.table().lines().toList());
    }

    @Test
    void itIsOnePage() throws IOException {
        assertThat(Files.readString(PAGE).lines()).hasSizeLessThanOrEqualTo(LINES_OF_A_PAGE);
    }

    /** Numbers the page names in words are those of the features. */
    @Test
    void numbersAreThoseOfTheFeatures() throws IOException {
        String contexts = Files.readString(PAGE).lines().filter(l -> l.startsWith("| contexts |")).findFirst().orElseThrow();
        assertThat(contexts).contains(Features.RCAR_GEN3.usableContexts() + " (Gen3)",
                Features.RCAR_GEN4.usableContexts() + " (Gen4)", Features.GEN2.usableContexts() + " (Gen2)");
    }
}
