package org.latebind.devicetree;

import java.util.List;

/**
 * The name that Linux gives to the platform or AMBA device of a node: the translated address of the first {@code reg} entry in
 * hexadecimal, a dot, and the node's name without unit address ({@code e67b0000.iommu}). A node whose address cannot be
 * translated puts its name before that of the first ancestor that can, or of all ancestors below the root ({@code soc:psci}).
 * Source: reference/driver-core.md section 13 rule 18, and names seen on real boards.
 */
public final class LinuxDeviceName {

    private LinuxDeviceName() {
    }

    /** Returns the name; empty for the root. */
    public static String of(Node node) {
        String tail = "";
        for (Node at = node; at.parent() != null; at = at.parent()) {
            List<RegEntry> reg = at.reg();
            if (!reg.isEmpty() && reg.get(0).translated()) {
                Property mask = at.property("mask");
                String bit = mask != null && mask.length() >= 4
                    ? Integer.toHexString(mask.cell(0) == 0 ? -1 : Integer.numberOfTrailingZeros(mask.cell(0))) + "." : "";
                return Long.toHexString(reg.get(0).cpuAddress()) + "." + bit + at.baseName() + (tail.isEmpty() ? "" : ":" + tail);
            }
            tail = tail.isEmpty() ? at.name() : at.name() + ":" + tail;
        }
        return tail;
    }
}
