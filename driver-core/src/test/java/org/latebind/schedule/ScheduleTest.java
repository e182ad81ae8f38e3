package org.latebind.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.driver.Errno;

class ScheduleTest {

    private static ScheduleEvent only(String line) {
        List<Schedule.Step> steps = Schedule.parse("test", line).steps();
        assertThat(steps).hasSize(1);
        return steps.get(0).event();
    }

    @Nested
    class Reading {

        @Test
        void ignoresCommentsAndEmptyLines() {
            Schedule schedule = Schedule.parse("test", "# all\n\n  load a  # why\n\r\nload b\n");
            assertThat(schedule.steps()).extracting(Schedule.Step::line).containsExactly(3, 5);
        }

        @Test
        void takesTimesInSecondsAsMicroseconds() {
            assertThat(Schedule.parse("test", "load virtio_iommu at 9.6").steps())
                    .containsExactly(new Schedule.Step(1, 9_600_000, new ScheduleEvent.Load("virtio_iommu")));
        }

        @ParameterizedTest
        @CsvSource({"1e3", "1.1234567", "0x10", "1.", ".5", "Infinity", "1d"})
        void refusesTimesThatAreNoPlainDecimals(String time) {
            assertThatThrownBy(() -> Schedule.parse("test", "load a at " + time)).isInstanceOf(ScheduleException.class)
                    .hasMessage("test:1: \"" + time + "\" is no time in seconds with up to six decimals");
        }

        @Test
        void takesAFailureByNameOrNumber() {
            assertThat(only("fail ahci /sata EIO")).isEqualTo(new ScheduleEvent.Fail("ahci", "/sata", Errno.EIO));
            assertThat(only("fail ahci /sata 5")).isEqualTo(new ScheduleEvent.Fail("ahci", "/sata", Errno.EIO));
        }

        @Test
        void leavesTheWordsOfATransferAlone() {
            assertThat(only("dma /mmc write-at 0x10 hello at noon"))
                    .isEqualTo(new ScheduleEvent.Dma("/mmc", List.of("write-at", "0x10", "hello", "at", "noon")));
        }
    }

    private static final String EVERY_EVENT = """
            param deferred_probe_timeout=5
            load a
            late-init at 1.25
            init at 1.5
            bind /x y
            bind /z
            unbind /x
            override /x y
            override /x
            advance 3
            register at 10
            fail d /x EIO
            fail d /x 0
            suspend
            resume
            expire at 20
            unload a
            dma /x read hello
            """;

    @Test
    void printsWhatItReads() {
        assertThat(Schedule.parse("test", EVERY_EVENT).format()).isEqualTo(EVERY_EVENT);
    }

    /** The reference and the language name the same events; all of them are in {@link #printsWhatItReads}. */
    @Test
    void theReferenceNamesEveryEventAndNoOther() throws IOException {
        Path reference = Path.of("../docs/schedules.md");
        assumeTrue(Files.exists(reference), "no " + reference);
        Set<String> documented = new TreeSet<>();
        boolean table = false;
        for (String line : Files.readAllLines(reference)) {
            table = line.startsWith("| event |") || table && line.startsWith("|");
            if (table) {
                Matcher word = Pattern.compile("`([a-z-]+)").matcher(line.split("\\|")[1]);
                while (word.find()) {
                    documented.add(word.group(1));
                }
            }
        }
        Set<String> known = new TreeSet<>();
        EVERY_EVENT.lines().forEach(line -> known.add(line.split(" ")[0]));
        assertThat(documented).isEqualTo(known);
        assertThat(known).hasSize(ScheduleEvent.class.getPermittedSubclasses().length);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "lode a|unknown event \"lode\"",
        "load|\"load\" takes MODULE",
        "load a b|\"load\" takes MODULE",
        "late-init now|\"late-init\" takes no argument",
        "load a at noon|\"noon\" is no time",
        "load a at -1|out of range",
        "fail d /x ENOSUCH|unknown error",
        "fail d /x EPROBE_DEFER|no failure",
        "param timeout|NAME=VALUE"})
    void namesFileAndLineOfWhatItCannotRead(String line, String message) {
        assertThatThrownBy(() -> Schedule.parse("boot.schedule", "load a\n" + line))
                .isInstanceOf(ScheduleException.class)
                .hasMessageStartingWith("boot.schedule:2: ").hasMessageContaining(message).hasMessageNotContaining("\n");
    }

    @Test
    void refusesTimeThatGoesBack() {
        assertThatThrownBy(() -> Schedule.parse("s", "load a at 3\nload b at 2"))
                .hasMessage("s:2: time goes back from 3 to 2");
    }
}
