package org.latebind.explorer.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Verdict;

class AtlasTest {

    private static final DeviceTree PLAIN = DtsReader.read("plain.dts", "/dts-v1/; / { model = \"plain\"; };");
    private static final DeviceTree TWO = DtsReader.read("two.dts", """
        /dts-v1/;
        / {
            a: iommu@1 { compatible = "qcom,sdm845-smmu-500", "arm,mmu-500"; #iommu-cells = <1>; };
            b: iommu@2 { compatible = "arm,smmu-v3"; #iommu-cells = <1>; };
        };
        """);

    private static Exploration limit() {
        Exploration e = Samples.exploration("timeout");
        return new Exploration(e.board(), e.policy(), e.parameters(), Verdict.LIMIT, e.devices(), List.of(), e.stats());
    }

    private static Atlas atlas() {
        Atlas atlas = new Atlas();
        atlas.add("one", TWO, Samples.exploration("timeout"));
        atlas.add("two", TWO, Samples.exploration("timeout"));
        atlas.add("three", TWO, limit());
        atlas.addWithoutIommu();
        return atlas;
    }

    @Test
    void onlyTreesWithAnIommuAreExplored() {
        assertThat(Atlas.hasIommu(PLAIN)).isFalse();
        assertThat(Atlas.hasIommu(TWO)).isTrue();
        assertThat(atlas().text("timeout", 2_500)).startsWith(
            "4 trees: 3 with an IOMMU explored under policy timeout in 2.5 s (51 states); 1 without\n");
    }

    @Test
    void aBoardCountsForEachFamilyOfItsIommus() {
        assertThat(Atlas.families(TWO)).containsExactly("MMU-500", "SMMUv3");
        assertThat(atlas().text("timeout", 0)).contains("| MMU-500 | 3 | 0 | 2 | 1 | 2 | 6 |\n",
            "| SMMUv3 | 3 | 0 | 2 | 1 | 2 | 6 |\n");
    }

    @Test
    void findingsAreCountedByRuleAndKindsAreSharedByBoards() {
        assertThat(atlas().text("timeout", 0)).contains("| bound-untranslated | 2 | 1 |\n", "| never-bound | 2 | 1 |\n",
            "**never-bound** on 2 boards (2 devices), for example one `/gpu@3` (FAILED): its probe fails",
            "   - repair, not verified: /etc/modprobe.d/latebind.conf: `softdep t_dma pre: t_mmu`");
    }

    @Test
    void boardsThatAreNotProvenAreNamed() {
        assertThat(atlas().text("timeout", 0)).contains("Not proven, a limit was reached: three\n");
    }
}
