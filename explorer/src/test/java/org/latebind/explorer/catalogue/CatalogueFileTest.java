package org.latebind.explorer.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Unattached;

/** The catalogue file says exactly what is in it, and what it does not understand it refuses with file and place. */
class CatalogueFileTest {

    private static final Path BOOTS = Path.of("..", "driver-core", "src", "test", "resources", "linux-boots");

    @TempDir
    private Path folder;

    private ModuleCatalogue read(String json) throws IOException {
        return CatalogueFile.read(Files.writeString(folder.resolve("modules.json"), json));
    }

    @Nested
    class Content {

        @Test
        void theRecordedBootsCatalogueIsReadWhole() {
            ModuleCatalogue catalogue = CatalogueFile.read(BOOTS.resolve("modules-virt.json"));
            KernelModule viommu = catalogue.module(catalogue.moduleIndex("virtio_iommu"));
            assertThat(viommu.builtin()).isFalse();
            assertThat(viommu.drivers()).singleElement().satisfies(driver -> {
                assertThat(driver.bus()).isEqualTo("virtio");
                assertThat(driver.unattached()).isEqualTo(Unattached.BYPASS);
            });
            KernelModule smmu = catalogue.module(catalogue.moduleIndex("arm_smmu_v3"));
            assertThat(smmu.builtin()).isTrue();
            assertThat(smmu.drivers()).singleElement().satisfies(driver -> {
                assertThat(driver.compatible()).containsExactly("arm,smmu-v3");
                assertThat(driver.unattached()).isEqualTo(Unattached.ABORT);
            });
        }

        @Test
        void everyKeyOfADriverArrives() throws IOException {
            DriverDescription driver = read("""
                    {"modules": [{"name": "m", "drivers": [{"name": "d", "bus": "amba", "compatible": ["a,b"], "ids": ["i"],
                      "iommu": true, "async": true, "unattached": "abort", "grouping": "instance", "clientLinks": true,
                      "suppliersAskedByDriver": ["x-supply"], "manualUnbind": false, "enabledAfterRemove": false,
                      "allowedClients": ["pci"], "streamIdMax": 7, "deferBecomesError": true,
                      "createsDevices": "pci", "createsFirst": true}]}]}
                    """).driver(0);
            assertThat(driver.name()).isEqualTo("d");
            assertThat(driver.bus()).isEqualTo("amba");
            assertThat(driver.compatible()).containsExactly("a,b");
            assertThat(driver.ids()).containsExactly("i");
            assertThat(driver.unattached()).isEqualTo(Unattached.ABORT);
            assertThat(driver.grouping()).isEqualTo(DriverDescription.Grouping.INSTANCE);
            assertThat(driver.clientLinks()).isTrue();
            assertThat(driver.enabledAfterRemove()).isFalse();
            assertThat(driver.allowedClients()).isEqualTo(Set.of("pci"));
            assertThat(driver.streamIdMax()).isEqualTo(7);
            assertThat(driver.deferBecomesError()).isTrue();
            assertThat(driver.createsFirst()).isTrue();
        }

        @Test
        void aDriverThatNeverRegistersIsLeftOut() throws IOException {
            assertThat(read("{\"modules\":[{\"name\":\"m\",\"drivers\":[{\"name\":\"d\",\"registersDriver\":false}]}]}")
                    .drivers()).isEmpty();
        }

        @Test
        void dashAndUnderscoreNameTheSameModule() throws IOException {
            ModuleCatalogue catalogue = read("{\"modules\":[{\"name\":\"virtio_rng\",\"drivers\":[]}]}");
            assertThat(catalogue.moduleIndex("virtio-rng")).isEqualTo(catalogue.moduleIndex("virtio_rng")).isNotNegative();
        }
    }

    @Nested
    class BadInput {

        static Stream<Arguments> wrong() {
            return Stream.of(
                Arguments.of("{\"modulos\": []}", "top level: unknown key \"modulos\""),
                Arguments.of("{\"modules\": [{\"name\": \"m\", \"colour\": 1}]}", "modules[0]: unknown key \"colour\""),
                Arguments.of("{\"modules\": [{\"name\": \"m\", \"drivers\": [{\"name\": \"d\", \"iomu\": true}]}]}",
                    "modules[0].drivers[0]: unknown key \"iomu\""),
                Arguments.of("{\"modules\": {}}", "top level.modules: is no list"),
                Arguments.of("{\"modules\": [3]}", "modules[0]: is no object"),
                Arguments.of("{\"modules\": [{\"drivers\": []}]}", "modules[0]: lacks \"name\""),
                Arguments.of("{\"modules\": [{\"name\": 4}]}", "modules[0].name: is no text"),
                Arguments.of("{\"modules\": [{\"name\": \"m\", \"builtin\": \"yes\"}]}",
                    "modules[0].builtin: is neither true nor false"),
                Arguments.of("{\"modules\": [{\"name\": \"m\", \"bootRank\": 1.5}]}", "modules[0].bootRank: is no whole number"),
                Arguments.of("{\"modules\": [{\"name\": \"m\", \"drivers\": [{\"name\": \"d\", \"compatible\": [1]}]}]}",
                    "modules[0].drivers[0].compatible: holds something that is no text"),
                Arguments.of(driver("\"iommu\": true, \"unattached\": \"x\""),
                    "modules[0].drivers[0].unattached: is neither bypass nor abort"),
                Arguments.of(driver("\"iommu\": true, \"grouping\": \"x\""),
                    "modules[0].drivers[0].grouping: is none of device, instance, stream, exclusive"),
                Arguments.of("[]", "top level: is no object"));
        }

        private static String driver(String keys) {
            return "{\"modules\": [{\"name\": \"m\", \"drivers\": [{\"name\": \"d\", " + keys + "}]}]}";
        }

        @ParameterizedTest
        @MethodSource("wrong")
        void isRefusedWithFileAndPlace(String json, String place) {
            assertThatThrownBy(() -> read(json)).isInstanceOf(CatalogueException.class)
                    .hasMessage(folder.resolve("modules.json") + ": " + place);
        }

        @Test
        void aModuleNamedTwiceIsNamed() {
            assertThatThrownBy(() -> read("{\"modules\":[{\"name\":\"one\"},{\"name\":\"one\"}]}"))
                    .isInstanceOf(CatalogueException.class).hasMessageContaining("modules.json: modules: ")
                    .hasMessageContaining("one");
        }

        @Test
        void aKeyGivenTwiceIsNamedWithLineAndColumn() {
            assertThatThrownBy(() -> read("{\"modules\": [],\n \"modules\": []}")).isInstanceOf(CatalogueException.class)
                    .hasMessageStartingWith(folder.resolve("modules.json") + ":2:").hasMessageContaining("modules")
                    .hasMessageNotContaining("\n");
        }

        @Test
        void brokenJsonIsNamedWithLineAndColumn() {
            assertThatThrownBy(() -> read("{\"modules\":\n [}")).isInstanceOf(CatalogueException.class)
                    .hasMessageStartingWith(folder.resolve("modules.json") + ":2:");
        }

        @Test
        void textAfterTheDocumentIsRefused() {
            assertThatThrownBy(() -> read("{\"modules\": []} x")).isInstanceOf(CatalogueException.class)
                    .hasMessageStartingWith(folder.resolve("modules.json").toString());
        }

        @Test
        void anEmptyFileIsRefused() {
            assertThatThrownBy(() -> read("")).isInstanceOf(CatalogueException.class)
                    .hasMessageStartingWith(folder.resolve("modules.json").toString());
        }

        @Test
        void aFolderAndAMissingFileAreNamed() {
            assertThatThrownBy(() -> CatalogueFile.read(folder)).isInstanceOf(CatalogueException.class)
                    .hasMessage(folder + ": is a directory, not a file");
            assertThatThrownBy(() -> CatalogueFile.read(folder.resolve("none"))).isInstanceOf(CatalogueException.class)
                    .hasMessageContaining("none: cannot be read");
        }
    }
}
