package org.latebind.ipmmu.internal;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.latebind.iommu.IommuClient;

/**
 * Which devices this driver translates: module parameter {@code allow} (IPMMU sheet, section 2.3). Mainline's rule of today,
 * the forms it had before by the first kernel that had them, and the vendor kernel's. What is refused runs untranslated.
 */
enum AllowRule {
    /** Mainline since v6.6: on newer SoCs only the devices known to work, and PCI functions. */
    LINUX("linux") {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            return client.isPci() && guarded(soc) && !denied(soc) ? null : V5_19.refusal(soc, leaf, client, utlb);
        }
    },
    /** Up to v4.14: no rule. */
    V4_14("v4.14") {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            return null;
        }
    },
    /** v4.15 to v4.18: nothing on H3, everything elsewhere. */
    V4_15("v4.15") {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            return soc.soc().equals("r8a7795") ? deniedText(soc) : null;
        }
    },
    /** v4.19 to v5.11: the list of devices was empty, so nothing on any SoC of the list. */
    V4_19("v4.19") {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            return LISTED_V4_19.contains(soc.soc()) ? deniedText(soc) : null;
        }
    },
    /** v5.12: a deny list and a list of devices; Gen4 did not count yet. */
    V5_12("v5.12") {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            return soc.family().equals(SocIdentity.GEN4) ? null : V5_19.refusal(soc, leaf, client, utlb);
        }
    },
    /** v5.19: Gen4 counts too; PCI functions are like any device. */
    V5_19("v5.19") {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            if (!guarded(soc) || !denied(soc) && DEVICES.contains(client.name())) {
                return null;
            }
            return denied(soc) ? deniedText(soc)
                    : client.name() + " is not on the list of devices that work behind an IPMMU of " + soc.family();
        }
    },
    /** The vendor kernel: a bitmap of micro-TLBs for each leaf of each SoC. */
    BSP("bsp") {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            return VendorBitmaps.allows(soc.soc(), leaf, utlb) ? null
                    : "the vendor list of " + soc.soc() + " does not have micro-TLB " + utlb + " of " + leaf;
        }
    },
    /** Everything. */
    ALL("all") {
        @Override
        String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb) {
            return null;
        }
    };

    private static final List<String> FAMILIES = List.of(SocIdentity.GEN3, SocIdentity.GEN4, SocIdentity.RZG2);
    private static final List<String> DEVICES = List.of("ee100000.mmc", "ee120000.mmc", "ee140000.mmc", "ee160000.mmc");
    private static final List<String> LISTED_V4_19 = List.of("r8a774a1", "r8a774b1", "r8a774c0", "r8a774e1", "r8a7795", "r8a7796",
            "r8a77961", "r8a77965", "r8a77970", "r8a77990", "r8a77995");

    private final String parameter;

    AllowRule(String parameter) {
        this.parameter = parameter;
    }

    /** Why a device is refused, or null when it is allowed. {@code leaf} is the device name of the leaf. */
    abstract String refusal(SocIdentity soc, String leaf, IommuClient client, int utlb);

    private static boolean guarded(SocIdentity soc) {
        return FAMILIES.contains(soc.family());
    }

    /** Exact names, as the glob without a wildcard matches: r8a7796 is not r8a77961. */
    private static boolean denied(SocIdentity soc) {
        return soc.soc().equals("r8a774a1") || soc.soc().equals("r8a7796")
                || soc.soc().equals("r8a7795") && (soc.revision().startsWith("ES1.") || soc.revision().startsWith("ES2."));
    }

    private static String deniedText(SocIdentity soc) {
        return "the IPMMU of " + (soc.soc() + " " + soc.revision()).strip() + " is on the deny list";
    }

    /** The values of the parameter, for messages. */
    static String choices() {
        return Arrays.stream(values()).map(r -> r.parameter).collect(Collectors.joining(", "));
    }

    /** The rule of a parameter value, or null when there is none of that name. */
    static AllowRule of(String value) {
        return Arrays.stream(values()).filter(r -> r.parameter.equals(value)).findFirst().orElse(null);
    }
}
