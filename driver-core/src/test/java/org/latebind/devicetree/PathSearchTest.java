package org.latebind.devicetree;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PathSearchTest {

    private static final List<String> PATHS = List.of("/soc", "/soc/mmc@ee100000", "/soc/mmc@ee140000", "/bus/mmc@ee140000",
            "/soc/iommu@e67b0000", "/soc/pcie@fe000000@0");

    private static List<String> find(String name) {
        return PathSearch.find(PATHS, name);
    }

    @Test
    void aPathIsItself() {
        assertThat(find("/soc/mmc@ee140000")).containsExactly("/soc/mmc@ee140000");
    }

    @Test
    void aNodeNameIsEnoughWhenItIsTheOnlyOne() {
        assertThat(find("iommu@e67b0000")).containsExactly("/soc/iommu@e67b0000");
    }

    @Test
    void aUnitAddressIsEnough() {
        assertThat(find("e67b0000")).isEqualTo(find("@e67b0000")).containsExactly("/soc/iommu@e67b0000");
    }

    @Test
    void aPciFunctionIsFoundByTheEndOfItsPath() {
        assertThat(find("pcie@fe000000@0")).containsExactly("/soc/pcie@fe000000@0");
    }

    @Test
    void anAmbiguousNameGivesAllCandidatesInOrder() {
        assertThat(find("mmc@ee140000")).containsExactly("/soc/mmc@ee140000", "/bus/mmc@ee140000");
        assertThat(find("mmc")).containsExactly("/soc/mmc@ee100000", "/soc/mmc@ee140000", "/bus/mmc@ee140000");
    }

    @Test
    void aPartOfANameIsNoName() {
        assertThat(find("ommu@e67b0000")).isEmpty();
        assertThat(find("7b0000")).isEmpty();
        assertThat(find("")).isEmpty();
    }
}
