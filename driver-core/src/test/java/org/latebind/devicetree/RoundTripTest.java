package org.latebind.devicetree;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written says the same as what was read; dtc is the judge of the text. */
class RoundTripTest {

    @TempDir
    private Path folder;

    static Stream<Path> boards() {
        return Boards.all().stream();
    }

    @ParameterizedTest
    @MethodSource("boards")
    void aWrittenCompiledTreeIsTheSame(Path file) {
        DeviceTree tree = DtbReader.read(file);
        DeviceTree again = DtbReader.read("again", DtbWriter.write(tree));
        assertThat(LibfdtTest.content(again)).isEqualTo(LibfdtTest.content(tree));
        assertThat(again.bootCpu()).isEqualTo(tree.bootCpu());
    }

    @ParameterizedTest
    @MethodSource("boards")
    void dtcCompilesTheWrittenSourceToTheSameTree(Path file) throws IOException {
        Tool.assumeDtc();
        DeviceTree tree = DtbReader.read(file);
        Path source = Files.writeString(folder.resolve("t.dts"), DtsWriter.write(tree));
        assertThat(LibfdtTest.content(compile(source))).isEqualTo(LibfdtTest.content(tree));
    }

    @ParameterizedTest
    @MethodSource("boards")
    void weReadTheWrittenSourceAsTheSameTree(Path file) {
        DeviceTree tree = DtbReader.read(file);
        assertThat(LibfdtTest.content(DtsReader.read("t.dts", DtsWriter.write(tree)))).isEqualTo(LibfdtTest.content(tree));
    }

    @ParameterizedTest
    @MethodSource("boards")
    void weReadTheSourceThatDtcWritesAsTheSameTree(Path file) throws IOException {
        Tool.assumeDtc();
        Path source = folder.resolve("d.dts");
        assertThat(Tool.dtc("-I", "dtb", "-O", "dts", "-o", source.toString(), file.toString()).exit()).isZero();
        assertThat(LibfdtTest.content(DtsReader.read(source))).isEqualTo(LibfdtTest.content(DtbReader.read(file)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 16, 17})
    void everyVersionOfTheFormatIsRead(int version) throws IOException {
        Tool.assumeDtc();
        for (Path file : Boards.all().subList(0, 4)) {
            Path out = folder.resolve("v.dtb");
            String v = Integer.toString(version);
            assertThat(Tool.dtc("-I", "dtb", "-O", "dtb", "-V", v, "-o", out.toString(), file.toString()).exit()).isZero();
            String expected = LibfdtTest.content(DtbReader.read(file));
            String actual = LibfdtTest.content(DtbReader.read(out));
            // Trees of these versions have a property with each node's name, and phandles under the older name.
            assertThat(version < 16 ? withoutNames(actual) : actual).isEqualTo(expected);
        }
    }

    private static String withoutNames(String content) {
        return content.lines().filter(line -> !line.startsWith("P name ")).reduce("", (a, b) -> a + b + "\n");
    }

    private DeviceTree compile(Path source) {
        Path out = folder.resolve("out.dtb");
        Tool.Result result = Tool.dtc("-I", "dts", "-O", "dtb", "-o", out.toString(), source.toString());
        assertThat(result.exit()).as(result.text()).isZero();
        return DtbReader.read(out);
    }
}
