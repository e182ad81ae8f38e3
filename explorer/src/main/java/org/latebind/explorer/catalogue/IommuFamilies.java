package org.latebind.explorer.catalogue;

import java.util.List;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Unattached;

/**
 * What the metadata of a kernel do not say of an IOMMU driver: what its hardware does with unattached streams, how it groups, whether
 * it links its clients. Source: driver-core sheet, sections 4.5, 5.4, 7.2.
 */
final class IommuFamilies {

    private static final List<String> SMMU_V1_V2 = List.of("arm,mmu-400", "arm,mmu-401", "arm,mmu-500", "arm,smmu-v1", "arm,smmu-v2",
            "cavium,smmu-v2", "nvidia,smmu-500", "qcom,smmu-v2", "qcom,adreno-smmu", "qcom,smmu-500", "marvell,ap806-smmu-500");

    private IommuFamilies() {
    }

    /** The driver as an IOMMU driver of the family its compatible string belongs to. */
    static DriverDescription complete(DriverDescription driver, String compatible) {
        if (SMMU_V1_V2.contains(compatible) || compatible.startsWith("qcom,") && compatible.contains("smmu")) {
            return driver.withIommu(Unattached.ABORT).withClientLinks(true).withEnabledAfterRemove(false)
                    .withGrouping(DriverDescription.Grouping.STREAM).withManualBind(false);
        }
        if (compatible.equals("arm,smmu-v3")) {
            return driver.withIommu(Unattached.ABORT).withManualBind(false);
        }
        if (compatible.contains("ipmmu")) {
            return driver.withIommu(Unattached.BYPASS).withGrouping(DriverDescription.Grouping.INSTANCE)
                    .withSuppliersAsked("renesas,ipmmu-main");
        }
        return compatible.equals("xen,grant-dma") ? driver.withoutTranslation() : driver.withIommu(Unattached.BYPASS);
    }
}
