package org.latebind.explorer.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;

/** Bundles as modules, from their headers alone: what a running framework knows of bundles that were never started. */
class BundleHeadersTest {

    private static final DeviceTree TREE = DtsReader.read("b.dts", """
            /dts-v1/;
            / {
                mmu: iommu@1 { compatible = "t,mmu"; #iommu-cells = <1>; };
                dma@3 { compatible = "t,dma-1", "t,dma"; iommus = <&mmu 1>; };
                pcie@4 { compatible = "t,pcie"; iommu-map = <0 &mmu 0 1>; };
                uart@5 { compatible = "t,uart"; };
            };
            """);

    @Test
    void aDriverBundleIsAModuleOfItsName() {
        KernelModule module = BundleModules.module("mmu-bundle",
                "latebind.driver;latebind.driver=mmu;compatible:List<String>=\"t\\,mmu\";iommu=\"true\",osgi.service;x=\"y\"", null,
                List.of()).orElseThrow();
        assertThat(module.name()).isEqualTo("mmu-bundle");
        assertThat(module.builtin()).isFalse();
        assertThat(module.drivers()).hasSize(1);
        assertThat(module.drivers().get(0).compatible()).containsExactly("t,mmu");
    }

    /** The component runtime goes by the header; the order of capabilities says nothing. */
    @Test
    void theDriversOfABundleRegisterInTheOrderOfItsComponents() {
        String two = "latebind.driver;latebind.driver=mmu-v3;compatible=\"t,mmu3\","
                + "latebind.driver;latebind.driver=mmu;compatible=\"t,mmu\"";
        assertThat(BundleModules.module("mmu", two, "OSGI-INF/mmu.xml,OSGI-INF/mmu-v3.xml", List.of()).orElseThrow().drivers())
                .extracting(DriverDescription::name).containsExactly("mmu", "mmu-v3");
        assertThat(BundleModules.module("mmu", two, "OSGI-INF/other.xml", List.of()).orElseThrow().drivers())
                .extracting(DriverDescription::name).as("components of other names").containsExactly("mmu-v3", "mmu");
    }

    @Test
    void aBundleWithoutDriverIsNoModule() {
        assertThat(BundleModules.module("other", "osgi.service;x=\"y\"", null, List.of())).isEmpty();
        assertThat(BundleModules.module("other", null, null, List.of())).isEmpty();
    }

    @Test
    void aClientHeaderLendsDriversTheirStrings() {
        KernelModule module = BundleModules.client("clients", "sdhi;compatible=\"t,sdhi-1 t,sdhi\",net;compatible=\"t,net\"");
        assertThat(module.drivers()).extracting(DriverDescription::name).containsExactly("sdhi", "net");
        assertThat(module.drivers().get(0).compatible()).containsExactly("t,sdhi-1", "t,sdhi");
    }

    @Test
    void theGenericClientTakesWhatOthersLeave() {
        KernelModule dma = KernelModule.loadable("dma", DriverDescription.named("dma").withCompatible("t,dma"));
        assertThat(strings(GenericClient.module(TREE, List.of()))).contains("t,dma-1", "t,pcie").doesNotContain("t,uart", "t,mmu");
        assertThat(strings(GenericClient.module(TREE, List.of(dma)))).doesNotContain("t,dma-1", "t,dma").contains("t,pcie");
    }

    private static List<String> strings(KernelModule module) {
        return module.drivers().stream().flatMap(driver -> driver.compatible().stream()).toList();
    }
}
