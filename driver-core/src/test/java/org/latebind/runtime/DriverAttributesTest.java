package org.latebind.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Unattached;

class DriverAttributesTest {

    @Test
    void aCapabilityDescribesAnIommuDriver() {
        DriverDescription description = DriverAttributes.read(Map.of("latebind.driver", "arm-smmu-v3", "compatible",
                List.of("arm,smmu-v3"), "iommu", "true", "suppliers", List.of(), "unattached", "abort"));
        assertThat(description.name()).isEqualTo("arm-smmu-v3");
        assertThat(description.compatible()).containsExactly("arm,smmu-v3");
        assertThat(description.iommu()).isTrue();
        assertThat(description.unattached()).isEqualTo(Unattached.ABORT);
    }

    @Test
    void servicePropertiesDescribeALentDriver() {
        DriverDescription description = DriverAttributes.read(Map.of("latebind.driver", "dma-host",
                "compatible", new String[] {"pci-host-ecam-generic"}, "ids", new String[0], "creates", "*"));
        assertThat(description.compatible()).containsExactly("pci-host-ecam-generic");
        assertThat(description.createsDevices()).isEqualTo("*");
        assertThat(description.iommu()).isFalse();
    }

    @Test
    void withoutANameThereIsNoDriver() {
        assertThat(DriverAttributes.read(Map.of("compatible", List.of("a,b")))).isNull();
    }
}
