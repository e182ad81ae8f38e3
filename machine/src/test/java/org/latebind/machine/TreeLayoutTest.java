package org.latebind.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DtsReader;

class TreeLayoutTest {

    private static MachineLayout layout(String master) {
        return TreeLayout.of(DtsReader.read("board.dts", "/dts-v1/; / { #address-cells = <1>; #size-cells = <1>;"
                + " iommu: iommu@10000 { reg = <0x10000 0x1000>; #iommu-cells = <1>; }; " + master + " };"));
    }

    @Test
    void aNodeWithStreamsOfItsOwnDoesNotEmitThoseOfItsMap() {
        assertThat(layout("host@20000 { iommus = <&iommu 3>; iommu-map = <0 &iommu 0x40 8>; };").masters())
                .singleElement().satisfies(master -> assertThat(master.streams()).containsExactly(
                        new MachineLayout.Stream("/iommu@10000", 3)));
    }

    @Test
    void aBridgeWithNothingButAMapEmitsAsRequesterZero() {
        assertThat(layout("pcie@20000 { reg = <0x20000 0x1000>; iommu-map = <0 &iommu 0x40 8>; };").masters())
                .singleElement().satisfies(master -> assertThat(master.streams()).containsExactly(
                        new MachineLayout.Stream("/iommu@10000", 0x40)));
    }
}
