package org.latebind.devicetree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our own boards: sound, and the same topology as the real trees they stand for. */
class ExampleBoardsTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"teaching", "salvator-xs-h3", "salvator-xs-m3w"})
    void dtcCompilesTheBoardWithoutAWarning(String board) {
        Tool.assumeDtc();
        String out = folder.resolve("b.dtb").toString();
        String source = "../boards/" + board + ".dts";
        Tool.Result result = Tool.run(List.of("/usr/bin/dtc", "-I", "dts", "-O", "dtb", "-o", out, source));
        assertThat(result.exit()).isZero();
        assertThat(result.text()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"salvator-xs-h3, r8a77951-salvator-xs", "salvator-xs-m3w, r8a77960-salvator-xs"})
    void theTopologyIsThatOfTheRealBoard(String board, String real) {
        DeviceTree ours = DtsReader.read(Path.of("../boards/" + board + ".dts"));
        DeviceTree theirs = DtbReader.read(Boards.of(real + ".dtb"));
        Map<String, Object> expected = Inspection.of("", theirs).toMap();
        Map<String, Object> actual = Inspection.of("", ours).toMap();
        for (String key : List.of("iommus", "masters", "iommuMaps", "mmuMasters")) {
            assertThat(actual.get(key)).isEqualTo(expected.get(key));
        }
        List<Node> devices = ours.nodes().stream().filter(node -> node.has("reg")).toList();
        assertThat(devices).hasSizeGreaterThan(30);
        for (Node node : devices) {
            Node twin = theirs.byPath(node.path());
            assertThat(twin).as(node.path()).isNotNull();
            for (String property : List.of("reg", "ranges", "dma-ranges", "interrupts", "bus-range")) {
                assertThat(node.bytes(property)).as(node.path() + " " + property).isEqualTo(twin.bytes(property));
            }
            assertThat(LinuxDeviceName.of(node)).isEqualTo(LinuxDeviceName.of(twin));
        }
    }

    @Test
    void theTeachingBoardHasThreeMastersBehindOneIommu() {
        DeviceTree tree = DtsReader.read(Path.of("../boards/teaching.dts"));
        Inspection inspection = Inspection.of("teaching", tree);
        assertThat(inspection.problems()).isEmpty();
        assertThat(inspection.masters()).hasSize(3).allSatisfy(master ->
            assertThat(master.references()).allSatisfy(r -> assertThat(r.target().path()).isEqualTo("/soc/iommu@e6740000")));
    }
}
