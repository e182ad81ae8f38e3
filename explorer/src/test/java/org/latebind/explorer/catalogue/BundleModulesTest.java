package org.latebind.explorer.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.Unattached;

/** Modules from the capabilities that bundles declare, as bnd writes them. */
class BundleModulesTest {

    private static final String SMMU = "osgi.service;objectClass:List<String>=\"org.latebind.driver.Driver\";uses:=\"a,b\","
        + "latebind.driver;version:Version=\"1.0.0\";latebind.driver=arm-smmu-v3;compatible:List<String>=\"arm\\,smmu-v3\";"
        + "iommu=true;unattached=abort;persistent=true;grouping=exclusive,"
        + "latebind.driver;version:Version=\"1.0.0\";latebind.driver=arm-smmu;"
        + "compatible:List<String>=\"arm\\,mmu-500,qcom\\,smmu-v2\";iommu=true;unattached=abort;grouping=stream;links=true";

    @TempDir
    private Path folder;

    private Path jar(String name, String capability) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-SymbolicName", name + ";singleton:=true");
        if (capability != null) {
            main.putValue("Provide-Capability", capability);
        }
        Path file = folder.resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(file); JarOutputStream jar = new JarOutputStream(out, manifest)) {
            jar.finish();
        }
        return file;
    }

    private KernelModule read(String capability, String... boardCompatible) throws IOException {
        return BundleModules.read(List.of(jar("a.bundle", capability)), List.of(boardCompatible)).get(0);
    }

    @Test
    void aBundleIsALoadableModuleNamedAfterItsSymbolicNameWithAllItsDrivers() throws IOException {
        KernelModule module = read(SMMU);
        assertThat(module.name()).isEqualTo("a.bundle");
        assertThat(module.builtin()).isFalse();
        assertThat(module.drivers()).extracting(DriverDescription::name).containsExactly("arm-smmu-v3", "arm-smmu");
        assertThat(module.drivers().get(1).compatible()).containsExactly("arm,mmu-500", "qcom,smmu-v2");
    }

    @Test
    void theCapabilitySaysHowAnIommuBehaves() throws IOException {
        List<DriverDescription> drivers = read(SMMU).drivers();
        assertThat(drivers).allSatisfy(driver -> {
            assertThat(driver.iommu()).isTrue();
            assertThat(driver.unattached()).isEqualTo(Unattached.ABORT);
        });
        assertThat(drivers.get(0).grouping()).isEqualTo(DriverDescription.Grouping.EXCLUSIVE);
        assertThat(drivers.get(0).clientLinks()).isFalse();
        assertThat(drivers.get(0).enabledAfterRemove()).isTrue();
        assertThat(drivers.get(1).grouping()).isEqualTo(DriverDescription.Grouping.STREAM);
        assertThat(drivers.get(1).clientLinks()).isTrue();
        assertThat(drivers.get(1).enabledAfterRemove()).isFalse();
    }

    @Test
    void anIommuOfAFamilyNobodyKnowsIsWhatItsCapabilitySays() throws IOException {
        DriverDescription toy = read("latebind.driver;latebind.driver=toy;compatible:List<String>=\"acme\\,toy-iommu\";iommu=true;"
            + "unattached=abort;grouping=instance").drivers().get(0);
        assertThat(toy.unattached()).isEqualTo(Unattached.ABORT);
        assertThat(toy.grouping()).isEqualTo(DriverDescription.Grouping.INSTANCE);
        assertThat(toy.translates()).isTrue();
    }

    @Test
    void theIpmmuAsksForItsRootAndTakesOnlySomeClientsOfSomeBoards() throws IOException {
        String capability = "latebind.driver;latebind.driver=ipmmu-vmsa;compatible:List<String>=\"renesas\\,ipmmu-r8a7795\";"
            + "iommu=true;suppliers:List<String>=\"renesas\\,ipmmu-main\";grouping=instance";
        DriverDescription onH3 = read(capability, "renesas,salvator-xs", "renesas,r8a7795").drivers().get(0);
        assertThat(onH3.suppliersAsked()).containsExactly("renesas,ipmmu-main");
        assertThat(onH3.allowedClients()).contains("ee140000.mmc").doesNotContain("fe000000.vsp");
        assertThat(read(capability, "acme,board").drivers().get(0).allowedClients()).isNull();
    }

    @Test
    void jarsWithoutDriverAreLeftOut() throws IOException {
        assertThat(BundleModules.read(List.of(jar("library", null), jar("service", "osgi.service;objectClass=x")), List.of()))
            .isEmpty();
    }

    @Test
    void aFileThatIsNoJarIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("broken.jar"), "no jar");
        assertThatThrownBy(() -> BundleModules.read(List.of(file), List.of())).isInstanceOf(CatalogueException.class)
            .hasMessageContaining("broken.jar").hasMessageNotContaining("\n");
    }
}
