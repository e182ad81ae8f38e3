package org.latebind.machine.smmu2;

import java.util.List;

/** Implementations with behaviour or identification of their own. */
enum Variant {
    GENERIC_V1, GENERIC_V2, MMU400, MMU401, MMU500, CAVIUM, NVIDIA, MARVELL, QCOM_V2, QCOM_500;

    /** Finds the variant of a compatible list, most specific string first; null for other hardware. */
    static Variant of(List<String> compatible) {
        for (String c : compatible) {
            Variant v = ofOne(c);
            if (v != null) {
                return v;
            }
        }
        return null;
    }

    private static Variant ofOne(String c) {
        if (c.startsWith("qcom,")) {
            return c.endsWith("smmu-500") ? QCOM_500 : c.endsWith("smmu-v2") ? QCOM_V2 : null;
        }
        return switch (c) {
            case "arm,smmu-v1" -> GENERIC_V1;
            case "arm,smmu-v2" -> GENERIC_V2;
            case "arm,mmu-400" -> MMU400;
            case "arm,mmu-401" -> MMU401;
            case "arm,mmu-500" -> MMU500;
            case "cavium,smmu-v2" -> CAVIUM;
            case "nvidia,smmu-500", "nvidia,tegra186-smmu", "nvidia,tegra194-smmu", "nvidia,tegra234-smmu" -> NVIDIA;
            case "marvell,ap806-smmu-500" -> MARVELL;
            default -> null;
        };
    }

    Generation generation() {
        return switch (this) {
            case GENERIC_V1, MMU400 -> Generation.V1;
            case MMU401 -> Generation.V1_64K;
            default -> Generation.V2;
        };
    }

    /** Tells whether the core is Arm's MMU-500. */
    boolean isMmu500() {
        return this == MMU500 || this == NVIDIA || this == MARVELL || this == QCOM_500;
    }
}
