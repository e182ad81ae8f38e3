package org.latebind.devicetree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DtbReaderTest {

    @Test
    void everyTreeIsReadAndTheLookUpsAgreeWithTheNodes() {
        for (Path file : Boards.all()) {
            DeviceTree tree = DtbReader.read(file);
            assertThat(tree.size()).as(file.toString()).isGreaterThan(50);
            for (int i = 0; i < tree.size(); i++) {
                Node node = tree.node(i);
                assertThat(node.index()).isEqualTo(i);
                assertThat(tree.byPath(node.path())).isSameAs(node);
                if (node.phandle() != 0) {
                    assertThat(tree.byPhandle(node.phandle())).isSameAs(node);
                }
            }
        }
    }

    @Test
    void aRegisterWindowIsTranslatedThroughTheBuses() {
        DeviceTree tree = DtbReader.read(Boards.of("r8a77951-salvator-xs.dtb"));
        assertThat(tree.size()).isEqualTo(529);
        assertThat(tree.model()).isEqualTo("Renesas Salvator-X 2nd version board based on r8a77951");
        Node root = tree.byPath("/soc/iommu@e67b0000");
        assertThat(root.reg()).containsExactly(new RegEntry(0xe67b0000L, 0x1000, true, 0xe67b0000L));
        assertThat(tree.findCompatible("renesas,ipmmu-r8a7795")).hasSize(17).contains(root);
    }
}
