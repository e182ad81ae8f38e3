package org.latebind.explorer.catalogue;

import java.util.List;
import java.util.Set;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Unattached;

/**
 * What the metadata of a kernel do not say of an IOMMU driver: what its hardware does with unattached streams, how it
 * groups, whether it links its clients. Source: driver-core sheet, sections 4.5, 5.4, 7.2.
 */
final class IommuFamilies {

    private static final List<String> SMMU_V1_V2 = List.of("arm,mmu-400", "arm,mmu-401", "arm,mmu-500", "arm,smmu-v1",
            "arm,smmu-v2", "cavium,smmu-v2", "nvidia,smmu-500", "qcom,smmu-v2", "qcom,adreno-smmu", "qcom,smmu-500",
            "marvell,ap806-smmu-500");

    private static final Set<String> DENIED = Set.of("renesas,r8a774a1", "renesas,r8a7796", "renesas,r8a77960");
    private static final Set<String> GUARDED = Set.of("renesas,r8a7795", "renesas,r8a77951", "renesas,r8a77961",
            "renesas,r8a77965", "renesas,r8a77970", "renesas,r8a77980", "renesas,r8a77990", "renesas,r8a77995",
            "renesas,r8a774b1",
            "renesas,r8a774c0", "renesas,r8a774e1", "renesas,r8a779a0", "renesas,r8a779f0", "renesas,r8a779g0",
            "renesas,r8a779h0",
            "renesas,r8a779m1", "renesas,r8a779m3", "renesas,r8a779m5");

    private IommuFamilies() {
    }

    /** Name of the kernel's driver for an IOMMU's compatible string; the string itself where several drivers are not known. */
    static String driver(String compatible) {
        if (smmu(compatible)) {
            return "arm_smmu";
        }
        String[][] known = {{"smmu-v3", "arm_smmu_v3"}, {"ipmmu", "ipmmu_vmsa"}, {"rockchip,", "rockchip_iommu"},
            {"msm-iommu", "qcom_iommu"}, {"allwinner,", "sun50i_iommu"}, {"mediatek,", "mtk_iommu"}, {"samsung,", "exynos_iommu"}};
        for (String[] pair : known) {
            if (compatible.contains(pair[0])) {
                return pair[1];
            }
        }
        return compatible;
    }

    private static boolean smmu(String compatible) {
        return SMMU_V1_V2.contains(compatible)
            || compatible.startsWith("qcom,") && compatible.contains("smmu") && !compatible.contains("smmu-v3");
    }

    /** The driver as an IOMMU driver of the family its compatible string belongs to. */
    static DriverDescription complete(DriverDescription driver, String compatible) {
        if (smmu(compatible)) {
            return driver.withIommu(Unattached.ABORT).withClientLinks(true).withEnabledAfterRemove(false)
                    .withGrouping(DriverDescription.Grouping.STREAM).withManualBind(false);
        }
        if (compatible.equals("arm,smmu-v3")) {
            return driver.withIommu(Unattached.ABORT).withGrouping(DriverDescription.Grouping.EXCLUSIVE).withManualBind(false);
        }
        if (compatible.contains("ipmmu")) {
            return driver.withIommu(Unattached.BYPASS).withGrouping(DriverDescription.Grouping.INSTANCE)
                    .withSuppliersAsked("renesas,ipmmu-main");
        }
        return compatible.equals("xen,grant-dma") ? driver.withoutTranslation() : driver.withIommu(Unattached.BYPASS);
    }

    /**
     * Which clients the mainline IPMMU driver translates on a board, by name; null for all. Source: ipmmu-vmsa sheet,
     * section 2.3. The chip's revision is not in the tree: H3 counts as ES3.0.
     */
    static Set<String> ipmmuAllowed(List<String> boardCompatible) {
        if (boardCompatible.stream().anyMatch(DENIED::contains)) {
            return Set.of();
        }
        return boardCompatible.stream().anyMatch(GUARDED::contains)
                ? Set.of("pci", "ee100000.mmc", "ee120000.mmc", "ee140000.mmc", "ee160000.mmc") : null;
    }
}
