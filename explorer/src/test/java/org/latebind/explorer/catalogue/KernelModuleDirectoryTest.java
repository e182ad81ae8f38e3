package org.latebind.explorer.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DeviceTreeFile;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.Inspection;
import org.latebind.devicetree.Node;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Unattached;

/** A kernel's module directory: a real one against facts found by other means, and a small one that says every rule. */
class KernelModuleDirectoryTest {

    private static final Path SHARED = Path.of(System.getProperty("latebind.shared", "../../shared"), "data");

    private static KernelModule module(ModuleSet set, String name) {
        return set.catalogue().module(set.catalogue().moduleIndex(name));
    }

    /** Debian's arm64 kernel 6.12.117. The expected figures were computed without this code, from the same files. */
    @Nested
    class OfARealKernel {

        private ModuleSet set(String board) {
            return KernelModuleDirectory.read(directory(), null).forBoard(tree(board));
        }

        private static Path directory() {
            Path directory = SHARED.resolve("modules-6.12-arm64");
            assumeTrue(Files.isDirectory(directory), () -> "no " + directory);
            return directory;
        }

        private static DeviceTree tree(String board) {
            Path file = SHARED.resolve("dtb").resolve(board + ".dtb");
            assumeTrue(Files.exists(file), () -> "no " + file);
            return DeviceTreeFile.read(file);
        }

        private static Set<String> matching(Node node, ModuleCatalogue catalogue, boolean builtin) {
            Set<String> names = new TreeSet<>();
            for (KernelModule module : catalogue.modules()) {
                for (DriverDescription driver : module.drivers()) {
                    if (module.builtin() == builtin && node.compatible().stream().anyMatch(driver.compatible()::contains)) {
                        names.add(module.name());
                    }
                }
            }
            return names;
        }

        @ParameterizedTest
        @CsvSource({
            "r8a774a1-hihope-rzg2m, 3, 0, 11, renesas_sdhi_internal_dmac",
            "juno-r2, 4, 2, 0, ehci_platform hdlcd ohci_platform",
            "armada-8040-mcbin, 6, 0, 0, ahci_platform sdhci_xenon_driver xhci_plat_hcd",
            "amd-overdrive-rev-b0, 3, 0, 1, ahci_dwc amd_xgbe",
            "sdm845-db845c, 15, 4, 10, ath10k_snoc bam_dma dwc3 gpi msm q6asm_dai qcom_camss qcrypto sdhci_msm slim_qcom_ngd_ctrl"
                + " ufs_qcom venus_core",
            "sc7280-crd-r3, 14, 5, 2, ath11k_ahb bam_dma dwc3 gpi ipa qcom_q6v5_mss qcrypto sdhci_msm snd_soc_lpass_sc7280"
                + " spi_qcom_qspi ufs_qcom venus_core",
            "rk3588-rock-5b, 5, 0, 0, hantro_vpu"})
        void theDriversOfTheAvailableMastersAreThese(String board, int modular, int builtin, int nobody, String modules) {
            DeviceTree tree = tree(board);
            ModuleCatalogue catalogue = set(board).catalogue();
            int[] counts = new int[3];
            Set<String> names = new TreeSet<>();
            for (Inspection.Referrer master : Inspection.of(board, tree).masters()) {
                if (master.node().available()) {
                    Set<String> loadable = matching(master.node(), catalogue, false);
                    names.addAll(loadable);
                    counts[!loadable.isEmpty() ? 0 : !matching(master.node(), catalogue, true).isEmpty() ? 1 : 2]++;
                }
            }
            assertThat(counts).as("masters: module, built in, nobody").containsExactly(modular, builtin, nobody);
            assertThat(names).containsExactlyElementsOf(new TreeSet<>(Arrays.asList(modules.split(" "))));
        }

        @Test
        void theSmmusAreBuiltInAndAbortWhatIsNotAttached() {
            KernelModule smmu = module(set("sdm845-db845c"), "builtin:arm_smmu");
            assertThat(smmu.builtin()).isTrue();
            assertThat(smmu.drivers().get(0).compatible()).as("one driver for both SMMUs of the board")
                .contains("arm,mmu-500", "qcom,adreno-smmu");
            assertThat(smmu.drivers().get(0).iommu()).isTrue();
            assertThat(smmu.drivers().get(0).unattached()).isEqualTo(Unattached.ABORT);
        }

        @Test
        void nobodyDrivesTheIpmmu() {
            ModuleCatalogue catalogue = set("r8a774a1-hihope-rzg2m").catalogue();
            assertThat(catalogue.drivers()).noneMatch(driver -> driver.compatible().stream().anyMatch(c -> c.contains("ipmmu")));
        }

        @Test
        void nothingInTheMetadataOrdersAnIommuDriverBeforeItsMasters() {
            for (String board : List.of("sdm845-db845c", "sc7280-crd-r3", "rk3588-rock-5b", "juno-r2")) {
                ModuleSet set = set(board);
                for (ModuleSet.Edge edge : set.edges()) {
                    assertThat(module(set, edge.first()).drivers()).as("%s on %s", edge, board)
                            .noneMatch(DriverDescription::iommu);
                }
            }
        }

        @Test
        void theListAgreesWithTheAliases() throws IOException {
            Path directory = directory();
            DeviceTree tree = DtsReader.read("all.dts", everyString(directory));
            ModuleCatalogue catalogue = KernelModuleDirectory.read(directory, null).forBoard(tree).catalogue();
            for (String line : Files.readAllLines(directory.resolve(KernelModuleDirectory.BUILTIN_LIST))) {
                String[] columns = line.split("\t");
                if (columns.length < 4 || line.startsWith("#")) {
                    continue;
                }
                Node node = tree.nodes().stream().filter(n -> n.compatible().contains(columns[0])).findFirst().orElseThrow();
                Set<String> named = new TreeSet<>();
                if (!columns[2].equals("-")) {
                    Arrays.stream(columns[2].split(",")).map(KernelModuleDirectory::moduleName).forEach(named::add);
                }
                assertThat(matching(node, catalogue, false)).as(columns[0]).isEqualTo(named);
                assertThat(matching(node, catalogue, true).isEmpty()).as(columns[0]).isEqualTo(!columns[1].contains("builtin"));
            }
        }

        private static String everyString(Path directory) throws IOException {
            StringBuilder dts = new StringBuilder("/dts-v1/;\n/ {\n");
            int number = 0;
            for (String line : Files.readAllLines(directory.resolve(KernelModuleDirectory.BUILTIN_LIST))) {
                if (line.startsWith("#")) {
                    continue;
                }
                // The only aliases of this kernel that ask for a device_type.
                String type = line.startsWith("ipmi-") ? "device_type = \"ipmi\"; " : "";
                dts.append(String.format("n%d { %scompatible = \"%s\"; };%n", number++, type, line.split("\t")[0]));
            }
            return dts.append("};\n").toString();
        }
    }

    @Nested
    class OfASmallKernel {

        @TempDir
        private Path folder;

        private void write(String name, String... lines) throws IOException {
            Files.write(folder.resolve(name), List.of(lines));
        }

        private void directory() throws IOException {
            write("modules.alias", "# Aliases", "alias of:N*T*Ct,dma-ctrl dma_ctrl", "alias of:N*T*Ct,dma-ctrlC* dma_ctrl",
                "alias of:NiommuT*Ct,* any-iommu", "alias of:N*T*Ct,bus tbus", "alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci");
            write("modules.dep", "kernel/a/any-iommu.ko.xz:", "kernel/a/dma-ctrl.ko.xz: kernel/a/tbus.ko.xz kernel/a/far.ko.xz",
                "kernel/a/tbus.ko.xz:");
            write("modules.softdep", "# Soft dependencies", "softdep tbus pre: any_iommu post: far",
                "softdep any-iommu pre: far", "softdep any_iommu post: dma_ctrl");
        }

        private ModuleSet set() {
            return KernelModuleDirectory.read(folder, null).forBoard(DtsReader.read("b.dts", """
                    /dts-v1/;
                    / {
                        iommu { compatible = "t,mmu-v9"; #iommu-cells = <0>; };
                        d { compatible = "other", "t,dma-ctrl"; };
                        b { compatible = "t,bus"; };
                        t { compatible = "t,timer"; };
                    };
                    """));
        }

        private List<String> names(ModuleSet set) {
            List<String> names = new ArrayList<>();
            set.catalogue().modules().forEach(module -> names.add(module.name()));
            return names;
        }

        @Test
        void modulesComeFromPlainAliasesAndFromPatterns() throws IOException {
            directory();
            assertThat(names(set())).containsExactly("any_iommu", "dma_ctrl", "tbus");
            assertThat(module(set(), "any_iommu").drivers().get(0).iommu()).isTrue();
            assertThat(module(set(), "dma_ctrl").drivers().get(0).iommu()).isFalse();
            assertThat(module(set(), "dma-ctrl").drivers().get(0).compatible()).containsExactly("t,dma-ctrl");
        }

        @Test
        void orderComesFromDepAndSoftdepBetweenModulesThatMatter() throws IOException {
            directory();
            assertThat(set().edges()).containsExactlyInAnyOrder(
                new ModuleSet.Edge("tbus", "dma_ctrl", "modules.dep"),
                new ModuleSet.Edge("any_iommu", "tbus", "modules.softdep"),
                new ModuleSet.Edge("any_iommu", "dma_ctrl", "modules.softdep"));
        }

        @Test
        void aListOfBuiltInsIsTakenFromTheDirectoryOrFromElsewhere() throws IOException {
            directory();
            write(KernelModuleDirectory.BUILTIN_LIST, "# compatible\tkind\tmodules\tboards", "t,timer\tbuiltin-string\t-\t3",
                "t,bus\tnone\t-\t1");
            assertThat(names(set())).containsExactly("builtin:t,timer", "any_iommu", "dma_ctrl", "tbus");
            write("mine.txt", "# mine", "", "t,bus");
            ModuleSet mine = KernelModuleDirectory.read(folder, folder.resolve("mine.txt")).forBoard(
                DtsReader.read("b.dts", "/dts-v1/;\n/ { b { compatible = \"t,bus\"; }; };\n"));
            assertThat(names(mine)).containsExactly("builtin:t,bus", "tbus");
        }

        @Test
        void aKernelImageTellsTheBuiltInsByTheirStrings() throws IOException {
            directory();
            byte[] image = new byte[4096];
            System.arraycopy("ARMd".getBytes(StandardCharsets.US_ASCII), 0, image, 0x38, 4);
            put(image, 1000, "t,timer");
            put(image, 1400, "xt,bus");
            System.arraycopy("t,mmu-v9x".getBytes(StandardCharsets.US_ASCII), 0, image, 2000, 9);
            Path file = Files.write(folder.resolve("Image"), image);
            ModuleSet set = KernelModuleDirectory.read(folder, file).forBoard(DtsReader.read("b.dts",
                "/dts-v1/;\n/ { a { compatible = \"t,timer\"; };"
                    + " b { compatible = \"t,bus\"; }; c { compatible = \"t,mmu-v9\"; }; };\n"));
            assertThat(names(set)).containsExactly("builtin:t,timer", "tbus");
        }

        private void put(byte[] image, int at, String text) {
            System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, image, at, text.length());
        }

        @Test
        void aCompressedKernelImageIsRefused() throws IOException {
            directory();
            Path file = Files.write(folder.resolve("vmlinuz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0});
            assertThatThrownBy(() -> KernelModuleDirectory.read(folder, file)).isInstanceOf(CatalogueException.class)
                    .hasMessage(file + ": a compressed file; an uncompressed kernel image or a list is needed");
        }

        @Test
        void softdepMayBeAbsentTheOthersMayNot() throws IOException {
            directory();
            Files.delete(folder.resolve("modules.softdep"));
            assertThat(set().edges()).hasSize(1);
            Files.delete(folder.resolve("modules.dep"));
            assertThatThrownBy(this::set).isInstanceOf(CatalogueException.class)
                    .hasMessage(folder.resolve("modules.dep") + ": cannot be read: no such file");
            Files.delete(folder.resolve("modules.alias"));
            assertThatThrownBy(this::set).isInstanceOf(CatalogueException.class)
                    .hasMessage(folder.resolve("modules.alias") + ": cannot be read: no such file");
        }

        @Test
        void aMissingFolderAndAMissingListAreNamed() throws IOException {
            directory();
            assertThatThrownBy(() -> KernelModuleDirectory.read(folder.resolve("x"), null)).isInstanceOf(CatalogueException.class)
                    .hasMessage(folder.resolve("x") + ": no module directory");
            assertThatThrownBy(() -> KernelModuleDirectory.read(folder, folder.resolve("l")))
                    .isInstanceOf(CatalogueException.class)
                    .hasMessage(folder.resolve("l") + ": cannot be read: no such file");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "modules.alias | alias of:N*T*Cx | 1: an alias without a module",
            "modules.dep | kernel/a.ko | 1: no colon",
            "modules.softdep | softdep a | 1: not \"softdep MODULE pre: ... post: ...\"",
            "modules.softdep | after a pre: b | 1: not \"softdep MODULE pre: ... post: ...\""})
        void aMalformedLineIsNamedWithFileAndLine(String file, String line, String message) throws IOException {
            directory();
            write(file, line);
            assertThatThrownBy(this::set).isInstanceOf(CatalogueException.class)
                    .hasMessage(folder.resolve(file) + ":" + message);
        }

        @Test
        void anUnknownKindOfBuiltInIsNamedWithFileAndLine() throws IOException {
            directory();
            write(KernelModuleDirectory.BUILTIN_LIST, "# compatible\tkind", "t,bus\tmaybe");
            assertThatThrownBy(this::set).isInstanceOf(CatalogueException.class)
                    .hasMessage(folder.resolve(KernelModuleDirectory.BUILTIN_LIST) + ":2: unknown kind \"maybe\"");
        }

        @Test
        void bytesThatAreNoTextAreRefused() throws IOException {
            directory();
            Files.write(folder.resolve("modules.dep"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
            assertThatThrownBy(this::set).isInstanceOf(CatalogueException.class)
                    .hasMessage(folder.resolve("modules.dep") + ": cannot be read");
        }
    }
}
