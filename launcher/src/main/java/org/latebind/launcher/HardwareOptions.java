package org.latebind.launcher;

import java.util.Map;
import java.util.TreeSet;

/**
 * Options of the simulated hardware that a user may set: names and the look of their values. The models themselves live in
 * the framework, out of reach here; a test keeps the names equal to theirs.
 */
final class HardwareOptions {

    private static final String SWITCH = "true|false";
    private static final String NUMBER = "0[xX][0-9a-fA-F]{1,8}|[0-9]{1,9}";

    /** Name and pattern of the value. What each means stands at the model's factory. */
    static final Map<String, String> KNOWN = Map.ofEntries(
            Map.entry("power.off", "/[^ ]*"), Map.entry("prr.value", NUMBER), Map.entry("ipmmu.strict-mmuen", SWITCH),
            Map.entry("ipmmu.dirty-firmware", SWITCH), Map.entry("ipmmu.firmware", "tf-a"),
            Map.entry("ipmmu.secgrp", SWITCH + "|[0-9]{1,9}"), Map.entry("ipmmu.cache-faults", SWITCH),
            Map.entry("ipmmu.multiple-hits", SWITCH), Map.entry("ipmmu.flush-micros", "[0-9]{1,9}"),
            Map.entry("ipmmu.flush-stuck", SWITCH));

    /** The models of the SMMUs and of Xen have many; some are for one node, {@code smmu2.groups@/iommu@5000}. */
    private static final String OF_OTHERS = "(smmu2|smmu3|xen)\\.[a-z0-9-]+(@/[^ ]*)?";

    private HardwareOptions() {
    }

    /** Refuses what no model takes; {@link BadInput} names the option and what it takes. */
    static void check(String name, String value) {
        String takes = KNOWN.get(name);
        if (takes == null && !name.matches(OF_OTHERS)) {
            throw new BadInput("--hardware: unknown option " + name + "; known: " + String.join(", ", new TreeSet<>(KNOWN.keySet()))
                    + ", and those of smmu2, smmu3 and xen");
        }
        if (takes != null && !value.matches(takes)) {
            throw new BadInput("--hardware: option " + name + " takes " + takes + ", not \"" + value + "\"");
        }
    }
}
