package org.latebind.ipmmu.internal;

import java.util.Map;

/**
 * Micro-TLBs that the vendor kernel allows, by SoC and leaf (IPMMU sheet, section 2.3). Bit n stands for micro-TLB n. Leaves
 * are named by their address: ds0 e6740000, ds1 e7740000, hc e6570000, mp ec670000, vi0 febd0000, vi1 febe0000.
 */
final class VendorBitmaps {

    private static final String DS0 = "e6740000";
    private static final String DS1 = "e7740000";
    private static final String HC = "e6570000";
    private static final String MP = "ec670000";
    private static final String VI0 = "febd0000";
    private static final String VI1 = "febe0000";

    private static final Map<String, Map<String, Long>> TABLE = Map.of(
            "r8a7795", Map.of(
                    VI0, bits(0, 0) | bits(8, 9), VI1, bits(1, 1) | bits(10, 10),
                    HC, bits(0, 2) | bits(4, 7) | bits(9, 10) | bits(12, 15),
                    MP, bits(0, 31), DS0, bits(0, 16), DS1, bits(0, 35)),
            "r8a7796", Map.of(
                    VI0, bits(0, 1) | bits(8, 11), HC, bits(0, 1) | bits(4, 5) | bits(9, 10) | bits(12, 13),
                    MP, bits(0, 31), DS0, bits(0, 16), DS1, bits(0, 35)),
            "r8a77965", Map.of(
                    VI0, bits(0, 1) | bits(8, 9), HC, bits(0, 2) | bits(4, 5) | bits(9, 10) | bits(12, 13),
                    MP, bits(0, 31), DS0, bits(0, 16), DS1, bits(0, 35)),
            "r8a77990", Map.of(
                    VI0, bits(1, 1) | bits(8, 9), HC, bits(0, 0) | bits(4, 4) | bits(9, 10) | bits(12, 13),
                    MP, bits(0, 15), DS0, bits(0, 16), DS1, bits(0, 33) | bits(35, 35)));

    private VendorBitmaps() {
    }

    /** Tells whether a SoC has a table at all. */
    static boolean known(String soc) {
        return TABLE.containsKey(soc);
    }

    /** Tells whether a micro-TLB is allowed; {@code leaf} is a device name such as {@code e6740000.iommu}. */
    static boolean allows(String soc, String leaf, int utlb) {
        int dot = leaf.indexOf('.');
        String address = dot < 0 ? leaf : leaf.substring(0, dot);
        long bitmap = TABLE.getOrDefault(soc, Map.of()).getOrDefault(address, 0L);
        return utlb >= 0 && utlb < Long.SIZE && (bitmap >>> utlb & 1) != 0;
    }

    private static long bits(int first, int last) {
        return (1L << last + 1) - (1L << first);
    }
}
