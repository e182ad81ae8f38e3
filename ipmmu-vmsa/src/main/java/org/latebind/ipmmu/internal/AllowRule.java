package org.latebind.ipmmu.internal;

import java.util.List;
import org.latebind.iommu.IommuClient;

/** Which devices this driver translates: module parameter {@code allow}. */
enum AllowRule {
    /** Mainline: on newer SoCs only the devices known to work. */
    LINUX {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            if (!FAMILIES.contains(soc.family())) {
                return null;
            }
            if (denied(soc)) {
                return "the IPMMU of " + (soc.soc() + " " + soc.revision()).strip() + " is on the deny list";
            }
            if (client.isPci() || DEVICES.contains(client.name())) {
                return null;
            }
            return client.name() + " is not on the list of devices that work behind an IPMMU of " + soc.family();
        }
    },
    /** The vendor kernel: a bitmap of micro-TLBs for each leaf of each SoC. */
    BSP {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            return VendorBitmaps.allows(soc.soc(), leaf, utlb) ? null
                    : "the vendor list of " + soc.soc() + " does not have micro-TLB " + utlb + " of " + leaf;
        }
    },
    /** Everything. */
    ALL {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            return null;
        }
    };

    private static final List<String> FAMILIES = List.of(SocIdentity.GEN3, SocIdentity.GEN4, SocIdentity.RZG2);
    private static final List<String> DEVICES = List.of("ee100000.mmc", "ee120000.mmc", "ee140000.mmc", "ee160000.mmc");

    /** Why a device is refused, or null when it is allowed. {@code leaf} is the device name of the leaf. */
    abstract String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb);

    /** Exact names, as the glob without a wildcard matches: r8a7796 is not r8a77961. */
    private static boolean denied(SocIdentity soc) {
        return soc.soc().equals("r8a774a1") || soc.soc().equals("r8a7796")
                || soc.soc().equals("r8a7795") && (soc.revision().startsWith("ES1.") || soc.revision().startsWith("ES2."));
    }

    /** The rule of a parameter value, or null when there is none of that name. */
    static AllowRule of(String value) {
        for (AllowRule rule : values()) {
            if (rule.name().toLowerCase(java.util.Locale.ROOT).equals(value)) {
                return rule;
            }
        }
        return null;
    }
}
