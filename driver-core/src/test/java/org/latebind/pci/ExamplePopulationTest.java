package org.latebind.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.IommuMap;

/** The population file of our own board fits the board. */
class ExamplePopulationTest {

    @Test
    void everyFunctionOfTheSalvatorBoardReachesAnIommuThroughItsHost() {
        DeviceTree tree = DtsReader.read(Path.of("../boards/salvator-xs-h3.dts"));
        PciPopulation population = PciPopulationReader.read(Path.of("../boards/salvator-xs-h3.pci"));
        assertThat(population.functions()).hasSize(3).allSatisfy(f -> {
            IommuMap map = IommuMap.of(tree, tree.byPath(f.host()), IommuMap.Reading.TARGET_CELLS);
            for (DmaAliases.Alias alias : DmaAliases.of(population, f)) {
                assertThat(map.translate(alias.requesterId())).isInstanceOf(IommuMap.Mapped.class);
            }
        });
        assertThat(PciGroups.of(population, population.functions()).values()).containsExactlyInAnyOrder(0, 0, 1);
    }
}
