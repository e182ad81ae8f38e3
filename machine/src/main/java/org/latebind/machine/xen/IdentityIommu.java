package org.latebind.machine.xen;

import java.util.HashMap;
import java.util.Map;

/**
 * The IOMMU of a direct-mapped domain (Arm dom0): a page it maps by grant also appears at its machine address, so that its
 * devices can reach it. One page may be mapped many times; the IOMMU entry follows the counts (XSA-380, XSA-394): the first
 * writer makes it writable, the last writer leaves it read only while readers stay, the last of all removes it.
 */
final class IdentityIommu {

    private final Map<Long, int[]> counts = new HashMap<>();
    private final int maxEntries;

    IdentityIommu(int maxEntries) {
        this.maxEntries = maxEntries;
    }

    /** Counts one mapping; false when there is no room for its entry. */
    boolean map(long frame, boolean readOnly) {
        int[] count = counts.get(frame);
        if (count == null) {
            if (counts.size() == maxEntries) {
                return false;
            }
            count = new int[2];
            counts.put(frame, count);
        }
        count[readOnly ? 0 : 1]++;
        return true;
    }

    /** Takes one mapping back. */
    void unmap(long frame, boolean readOnly) {
        int[] count = counts.get(frame);
        int index = readOnly ? 0 : 1;
        if (count == null || count[index] == 0) {
            throw new IllegalStateException("identity mapping of frame 0x" + Long.toHexString(frame) + " counted below zero");
        }
        count[index]--;
        if (count[0] == 0 && count[1] == 0) {
            counts.remove(frame);
        }
    }

    /** Access of the entry: {@code rw}, {@code ro}, or the empty string when there is none. */
    String access(long frame) {
        int[] count = counts.get(frame);
        if (count == null) {
            return "";
        }
        return count[1] > 0 ? "rw" : "ro";
    }
}
