package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;

/**
 * The same schedules on the real framework with real bundles, and on the engine with its own model of the drivers, lead to the
 * same outcomes, drivers, groups and deferred lists after every event: ten schedules on each of five boards.
 */
@ExtendWith(PaxExamExtension.class)
public class LiveAgreementIT {

    private static final int SCHEDULES = 10;
    private static final int EVENTS = 12;
    private static final long SEED = Long.getLong("latebind.seed", 20_260_101L);
    private static final List<String> POLICIES = List.of("latebind", "timeout-multi", "defer-indefinite", "fw-devlink-strict",
            "early-group");

    private static final String SMMU_V3 = """
            /dts-v1/;
            / {
                #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
                memory@80000000 { device_type = "memory"; reg = <0x80000000 0x10000000>; };
                gic: interrupt-controller@1000 { compatible = "arm,gic-400"; reg = <0x1000 0x1000>;
                    interrupt-controller; #interrupt-cells = <3>; };
                one@2000 { compatible = "toy,one"; reg = <0x2000 0x100>; iommus = <&smmu 1>; };
                smmu: iommu@9050000 { compatible = "arm,smmu-v3"; reg = <0x9050000 0x20000>; #iommu-cells = <1>;
                    interrupts = <0 74 1>, <0 76 1>, <0 77 1>; interrupt-names = "eventq", "cmdq-sync", "gerror"; };
                two@3000 { compatible = "toy,two"; reg = <0x3000 0x100>; iommus = <&smmu 2>; };
                three@4000 { compatible = "toy,two"; reg = <0x4000 0x100>; };
            };
            """;
    private static final String SMMU_V2 = """
            /dts-v1/;
            / {
                #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
                memory@80000000 { device_type = "memory"; reg = <0x80000000 0x10000000>; };
                gic: interrupt-controller@1000 { compatible = "arm,gic-400"; reg = <0x1000 0x1000>;
                    interrupt-controller; #interrupt-cells = <3>; };
                one@2000 { compatible = "toy,one"; reg = <0x2000 0x100>; iommus = <&smmu 1>; };
                two@3000 { compatible = "toy,two"; reg = <0x3000 0x100>; iommus = <&smmu 2>; };
                smmu: iommu@2b400000 { compatible = "arm,smmu-v2"; reg = <0x2b400000 0x10000>; #iommu-cells = <1>;
                    #global-interrupts = <1>; interrupts = <0 100 4>, <0 101 4>, <0 102 4>, <0 103 4>; };
                three@4000 { compatible = "toy,two"; reg = <0x4000 0x100>; iommus = <&smmu 3>; };
            };
            """;

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()));
    }

    private static DeviceTree distributed(String file) {
        return DtsReader.read(Path.of(System.getProperty("latebind.boards"), file));
    }

    private static void expectAgreement(DeviceTree tree, String iommuBundle) throws Exception {
        Configured extenderOnly = Configured.of("org.latebind.dmaclient", Map.of("claim.unclaimed", false));
        try {
            for (int schedule = 0; schedule < SCHEDULES; schedule++) {
                long seed = SEED + schedule;
                String policy = POLICIES.get(schedule % POLICIES.size());
                agree(tree, iommuBundle, policy, new Random(seed), tree.source() + ", " + policy + ", seed " + seed);
            }
        } finally {
            extenderOnly.close();
        }
    }

    private static void agree(DeviceTree tree, String iommuBundle, String policy, Random random, String title) throws Exception {
        try (Live live = Live.tree(tree, policy, Map.of())) {
            live.start("dma-client");
            TwoRuns runs = new TwoRuns(live, tree, policy, iommuBundle);
            List<String> schedule = new ArrayList<>();
            for (int event = 0; event < EVENTS; event++) {
                schedule.add(runs.next(random, event));
                assertThat(runs.differences()).as("%s%n%s", title, String.join("\n", schedule)).isEmpty();
            }
        }
    }

    @Test
    public void onTheTeachingBoard() throws Exception {
        expectAgreement(distributed("teaching.dts"), "ipmmu-vmsa");
    }

    @Test
    public void onSalvatorXsWithH3() throws Exception {
        expectAgreement(distributed("salvator-xs-h3.dts"), "ipmmu-vmsa");
    }

    @Test
    public void onSalvatorXsWithM3w() throws Exception {
        expectAgreement(distributed("salvator-xs-m3w.dts"), "ipmmu-vmsa");
    }

    @Test
    public void onABoardWithAnSmmuV3() throws Exception {
        expectAgreement(DtsReader.read("smmu-v3.dts", SMMU_V3), "arm-smmu");
    }

    @Test
    public void onABoardWithAnSmmuV2() throws Exception {
        expectAgreement(DtsReader.read("smmu-v2.dts", SMMU_V2), "arm-smmu");
    }
}
