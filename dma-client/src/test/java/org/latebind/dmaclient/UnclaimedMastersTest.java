package org.latebind.dmaclient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.UnclaimedMasters;
import org.latebind.devicetree.DtsReader;

class UnclaimedMastersTest {

    private static final String BOARD = """
            /dts-v1/;
            / {
                unit: iommu@1000 { compatible = "v,iommu"; #iommu-cells = <1>; };
                mmc@2000 { compatible = "v,mmc-1", "v,mmc"; iommus = <&unit 1>; };
                net@3000 { compatible = "v,net"; iommus = <&unit 2>; status = "disabled"; };
                dmac@4000 { compatible = "arm,pl330", "arm,primecell"; iommus = <&unit 3>; };
                pcie@5000 { compatible = "v,pcie"; iommu-map = <0 &unit 0 1>; };
                uart@6000 { compatible = "v,uart"; };
                nameless@7000 { iommus = <&unit 4>; };
            };
            """;

    private static UnclaimedMasters select(String... claimed) {
        return UnclaimedMasters.of(DtsReader.read("test.dts", BOARD), Set.of(claimed));
    }

    @Test
    void availableMastersAreTakenByTheirMostSpecificString() {
        assertThat(select().platform()).containsExactly("v,mmc-1");
    }

    @Test
    void primecellsAreOnTheirOwnBus() {
        assertThat(select().amba()).isEqualTo(List.of("arm,pl330"));
    }

    @Test
    void hostsOfOtherDevicesAreApart() {
        assertThat(select().hosts()).containsExactly("v,pcie");
    }

    @Test
    void aClaimOfAnyOfItsStringsTakesAMasterOut() {
        assertThat(select("v,mmc").platform()).isEmpty();
    }
}
