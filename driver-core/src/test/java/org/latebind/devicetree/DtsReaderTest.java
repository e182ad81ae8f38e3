package org.latebind.devicetree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DtsReaderTest {

    @TempDir
    private Path folder;

    static Stream<Path> good() {
        return Stream.concat(sources(Path.of("src/test/resources/devicetree/dts/good")), sources(Path.of("../boards")));
    }

    static Stream<Path> bad() {
        return sources(Path.of("src/test/resources/devicetree/dts/bad"));
    }

    private static Stream<Path> sources(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".dts")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("good")
    void whatDtcAcceptsIsReadAsDtcReadsIt(Path source) {
        Tool.assumeDtc();
        Path out = folder.resolve("out.dtb");
        Tool.Result result = Tool.dtc("-I", "dts", "-O", "dtb", "-o", out.toString(), source.toString());
        assertThat(result.exit()).as(result.text()).isZero();
        DeviceTree expected = DtbReader.read(out);
        DeviceTree actual = DtsReader.read(source);
        assertThat(LibfdtTest.content(actual)).isEqualTo(LibfdtTest.content(expected));
        assertThat(actual.bootCpu()).isEqualTo(expected.bootCpu());
    }

    @ParameterizedTest
    @MethodSource("bad")
    void whatDtcRefusesIsRefusedInOneLineWithThePlace(Path source) {
        Tool.assumeDtc();
        Path out = folder.resolve("out.dtb");
        assertThat(Tool.dtc("-I", "dts", "-O", "dtb", "-o", out.toString(), source.toString()).exit()).isNotZero();
        assertThatThrownBy(() -> DtsReader.read(source)).isInstanceOf(DeviceTreeException.class)
            .message().matches("\\S*\\.dts:\\d+:\\d+: \\S.*").doesNotContain("\n");
    }

    @Nested
    class Places {

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "/dts-v1/; / { a = <08>; }; | 1:20: a number with a leading 0 is octal and has no digit 8",
            "/dts-v1/; / { a = <&x>; }; | 1:20: no node has the label or path x",
            "/dts-v1/; / { n { }; n { }; }; | 1:22: a second node /n",
            "/dts-v1/; / { a = <1> }; | 1:23: expected ; after a property, found '}'",
            "/dts-v1/; / { x: n { }; }; /plugin/; | 1:29: expected { after /, found 'p'",
            "/dts-v1/; /plugin/; | 1:11: an overlay (/plugin/) is no board",
            "/dts-v1/; /include/ \"x\" | 1:11: this source may not name other files",
        })
        void theMessageNamesLineColumnAndReason(String text, String message) {
            assertThatThrownBy(() -> DtsReader.read("t.dts", text)).hasMessage("t.dts:" + message);
        }

        @Test
        void anErrorInAnIncludedFileNamesThatFile() throws IOException {
            Files.writeString(folder.resolve("main.dts"), "/dts-v1/;\n/include/ \"part.dtsi\"\n");
            Files.writeString(folder.resolve("part.dtsi"), "/ {\n  a = <;\n};\n");
            assertThatThrownBy(() -> DtsReader.read(folder.resolve("main.dts")))
                .hasMessage(folder.resolve("part.dtsi") + ":2:8: expected a number, a reference or >, found ';'");
        }

        @Test
        void aLineDirectiveOfAPreprocessorIsFollowed() {
            assertThatThrownBy(() -> DtsReader.read("t.dts", "/dts-v1/;\n# 40 \"board.dts\"\n/ { a = }; };\n"))
                .hasMessage("board.dts:40:9: expected a value, found '}'");
        }
    }
}
