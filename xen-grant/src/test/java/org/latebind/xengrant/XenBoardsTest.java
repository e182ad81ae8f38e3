package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DeviceTreeFile;
import org.latebind.devicetree.Node;

/** Goal: the Xen boards are what the toolstack writes, by its numbers, and the device tree compiler agrees on them. */
class XenBoardsTest {

    private static final Path DTC = Path.of("/usr/bin/dtc");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"xen-guest-virtio", "xen-dom0"})
    void theCompilerTakesTheBoardAndReadsTheSameFromIt(String board) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(DTC), "no device tree compiler at " + DTC);
        Path source = Path.of("../boards/" + board + ".dts");
        Path compiled = folder.resolve("board.dtb");
        Process dtc = new ProcessBuilder(DTC.toString(), "-I", "dts", "-O", "dtb", "-o", compiled.toString(), source.toString())
                .redirectErrorStream(true).start();
        String text = new String(dtc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(dtc.waitFor()).as(text).isZero();
        assertThat(text.lines()).as("Xen names its hypervisor node without an address")
                .allMatch(line -> line.contains("/hypervisor: node has a reg or ranges property, but no unit name"));
        DeviceTree ours = DeviceTreeFile.read(source);
        DeviceTree theirs = DeviceTreeFile.read(compiled);
        assertThat(ours.nodes().stream().map(Node::path))
                .containsExactlyElementsOf(theirs.nodes().stream().map(Node::path).toList());
        for (Node node : ours.nodes()) {
            for (String property : List.of("compatible", "reg", "iommus", "iommu-map", "#iommu-cells", "interrupts")) {
                assertThat(node.bytes(property)).as(node.path() + " " + property)
                        .isEqualTo(theirs.byPath(node.path()).bytes(property));
            }
        }
    }

    @Test
    void theGuestHasTheNumbersOfTheToolstack() {
        DeviceTree tree = DeviceTreeFile.read(GuestBoard.VIRTIO_GUEST);
        List<Node> disks = tree.findCompatible("virtio,mmio");
        for (int i = 0; i < disks.size(); i++) {
            Node disk = disks.get(i);
            assertThat(disk.path()).isEqualTo("/virtio@" + Integer.toHexString(0x0200_0000 + i * 0x200));
            assertThat(disk.cells("reg")).containsExactly(0, 0x0200_0000 + i * 0x200, 0, 0x200);
            assertThat(disk.cells("interrupts")).as("SPI 33 and up, rising edge").containsExactly(0, 1 + i, 1);
            assertThat(disk.has("dma-coherent")).isTrue();
        }
        assertThat(disks).hasSize(3);
        assertThat(disks.get(0).cells("iommus")).containsExactly(0xFDE9, 2);
        assertThat(disks.get(2).has("iommus")).as("the toolstack's own domain needs no grants").isFalse();
        Node node = tree.byPhandle(0xFDE9);
        assertThat(tree.nodes().indexOf(node)).as("forward reference").isGreaterThan(tree.nodes().indexOf(disks.get(2)));
        assertThat(node.has("reg")).isFalse();
        assertThat(tree.byPath("/hypervisor").cells("reg")).containsExactly(0, 0x3800_0000, 0, 0x0100_0000);
        assertThat(tree.byPhandle(65000).strings("compatible")).containsExactly("arm,gic-v3");
    }
}
