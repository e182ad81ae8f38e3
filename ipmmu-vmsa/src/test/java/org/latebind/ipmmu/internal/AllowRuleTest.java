package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.Node;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.iommu.core.Configuration;
import org.latebind.iommu.core.StreamClient;
import org.latebind.machine.ipmmu.ProductRegisterFactory;

/** Who is translated and who is refused (IPMMU sheet, section 2.3), by SoC, revision, name and version of the rule. */
class AllowRuleTest {


    @ParameterizedTest
    @CsvSource({"r8a7795,0x4f20,mmc,true", "r8a7795,0x4f20,dma,false", "r8a7795,0x4f11,mmc,false", "r8a7795,0x4f10,mmc,false",
        "r8a7795,0x4f30,mmc,true", "r8a7796,0x5220,mmc,false", "r8a77961,0x5230,mmc,true", "r8a77965,0x5511,mmc,true",
        "r8a77965,0x5511,dma,false", "r8a774a1,0x5213,mmc,false", "r8a774b1,0x5511,mmc,true", "r8a77995,0x5810,mmc,true",
        "r8a779g0,0x5c00,mmc,true", "r8a779g0,0x5c00,dma,false", "r8a7790,0x4500,dma,true", "r8a99999,0x0000,dma,true"})
    void mainlineDecidesBySocRevisionAndName(String soc, String prr, String kind, boolean allowed) {
        DeviceTree tree = DtsReader.read("bench.dts", Boards.gen3Text(1).replace("renesas,r8a7795", "renesas," + soc));
        Bench bench = new Bench(tree, AllowRule.LINUX, Map.of(ProductRegisterFactory.VALUE, prr));
        SocIdentity identity = SocIdentity.read(bench.device(Boards.root(tree)));
        Node node = tree.byPath(Boards.master(tree, 'a', 0));
        String name = kind.equals("mmc") ? "ee100000.mmc" : "ec000000.dma";
        assertThat(AllowRule.LINUX.refusal(identity, "e6740000.iommu", new StreamClient("/x", name, false, node), 2) == null)
                .isEqualTo(allowed);
        boolean denied = List.of("r8a7796", "r8a774a1").contains(soc) || prr.startsWith("0x4f1");
        assertThat(AllowRule.LINUX.refusal(identity, "e6740000.iommu", new StreamClient("/x", name, true, node), 2) == null)
                .as("PCI").isEqualTo(!denied);
        assertThat(AllowRule.ALL.refusal(identity, "e6740000.iommu", new StreamClient("/x", name, false, node), 2)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"r8a7795,e6740000,16,true", "r8a7795,e6740000,17,false", "r8a7795,e7740000,35,true",
        "r8a7795,e7740000,36,false",
        "r8a7795,e6570000,3,false", "r8a7795,e6570000,14,true", "r8a7796,e6570000,14,false", "r8a7796,febd0000,11,true",
        "r8a77965,febd0000,10,false", "r8a77990,ec670000,16,false", "r8a77990,e7740000,34,false", "r8a77990,e7740000,35,true",
        "r8a7795,fe6b0000,0,false", "r8a77995,e6740000,0,false"})
    void vendorBitmapsDecideByMicroTlb(String soc, String leaf, int utlb, boolean allowed) {
        assertThat(VendorBitmaps.allows(soc, leaf + ".iommu", utlb)).isEqualTo(allowed);
    }

    @Test
    void vendorRuleFailsLeavesOfASocWithoutATable() {
        DeviceTree tree = DtsReader.read("bench.dts", Boards.gen3Text(1).replace("r8a7795", "r8a77995"));
        Bench bench = new Bench(tree, AllowRule.BSP);
        bench.probe(Boards.root(tree));
        assertThat(((Failed) bench.probe(Boards.leaf(tree, 0))).errno()).isEqualTo(Errno.EPERM);
    }

    @Test
    void parameterHasTheseValues() {
        assertThat(AllowRule.of("linux")).isEqualTo(AllowRule.LINUX);
        assertThat(AllowRule.of("bsp")).isEqualTo(AllowRule.BSP);
        assertThat(AllowRule.of("all")).isEqualTo(AllowRule.ALL);
        assertThat(AllowRule.of("LINUX")).isNull();
        assertThat(AllowRule.choices()).isEqualTo("linux, v4.14, v4.15, v4.19, v5.12, v5.19, bsp, all");
    }

    /**
     * One row for each form of the rule: refused (-) or allowed (+) for H3 ES3.0 SDHI, H3 ES3.0 other, H3 ES3.0 PCI,
     * M3-W SDHI, M3-N SDHI, V3H other, V4H SDHI, V4H other, V4H PCI, Gen2 other.
     */
    @ParameterizedTest
    @CsvSource({"v4.14, ++++++++++", "v4.15, ---+++++++", "v4.19, -----+++++", "v5.12, +---+-++++", "v5.19, +---+-+--+",
        "linux, +-+-+-+-++", "all, ++++++++++"})
    void everyVersionOfTheRuleHasItsRefusals(String version, String expected) {
        SocIdentity h3 = new SocIdentity(SocIdentity.GEN3, "r8a7795", "ES3.0", 0x4F20);
        SocIdentity m3w = new SocIdentity(SocIdentity.GEN3, "r8a7796", "ES1.1", 0x5211);
        SocIdentity m3n = new SocIdentity(SocIdentity.GEN3, "r8a77965", "ES1.1", 0x5501);
        SocIdentity v3h = new SocIdentity(SocIdentity.GEN3, "r8a77980", "ES1.1", 0x5601);
        SocIdentity v4h = new SocIdentity(SocIdentity.GEN4, "r8a779g0", "ES1.0", 0x5C00);
        SocIdentity gen2 = new SocIdentity("", "", "", -1);
        Node node = Boards.gen3(1).byPath("/soc/dma@ec000000");
        StreamClient sdhi = new StreamClient("/soc/mmc", "ee140000.mmc", false, node);
        StreamClient other = new StreamClient("/soc/dma", "e6700000.dma-controller", false, node);
        StreamClient pci = new StreamClient("/soc/pcie@0100", "0000:01:00.0", true, node);
        AllowRule rule = AllowRule.of(version);
        Object[][] asked = {{h3, sdhi}, {h3, other}, {h3, pci}, {m3w, sdhi}, {m3n, sdhi}, {v3h, other}, {v4h, sdhi},
            {v4h, other}, {v4h, pci}, {gen2, other}};
        StringBuilder answer = new StringBuilder();
        for (Object[] pair : asked) {
            answer.append(rule.refusal((SocIdentity) pair[0], "e7740000.iommu", (StreamClient) pair[1], 2) == null ? '+' : '-');
        }
        assertThat(answer.toString()).isEqualTo(expected);
    }

    static List<String> gen3Boards() {
        return List.of("r8a77951-salvator-xs", "r8a77960-salvator-xs", "r8a77965-salvator-xs", "r8a77990-ebisu");
    }

    /** The vendor's bitmaps on real trees: whole leaves without one refuse everything, others by micro-TLB. */
    @ParameterizedTest
    @MethodSource("gen3Boards")
    void vendorRuleRefusesLeavesWithoutABitmap(String board) {
        Bench bench = new Bench(Boards.real(board), AllowRule.BSP);
        bench.probeAll();
        Set<String> refused = new TreeSet<>();
        Set<String> allowed = new TreeSet<>();
        for (Node node : bench.tree.nodes()) {
            if (node.has("iommus") && node.available()) {
                String leaf = bench.specifiers(node.path()).get(0).iommu().replace("/soc/iommu@", "");
                boolean taken = !(bench.attach(node.path()) instanceof Configuration.Untranslated answer)
                        || answer.errno() != Errno.ENODEV;
                (taken ? allowed : refused).add(leaf);
                bench.release(node.path());
            }
        }
        // vc0, vp0, vp1: fcpf, fcpvb, fcpvi. On H3 vi1 has 10, on M3-W vi0 does not have fcpvb's 5.
        assertThat(allowed).isSubsetOf("e6740000", "e7740000", "ec670000", "e6570000", "febd0000", "febe0000").isNotEmpty();
        assertThat(refused).isSubsetOf("fe6b0000", "fe990000", "fe980000", "febd0000").isNotEmpty();
    }
}
