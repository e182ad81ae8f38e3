package org.latebind.ipmmu.internal;

import java.util.List;
import org.latebind.driver.Device;
import org.latebind.driver.DeviceProperties;
import org.latebind.hardware.ExternalAbortException;

/**
 * Which SoC this is: what the board's compatible strings say, with the revision from the product register (PRR: product in
 * 14:8, cut in 7:0, 7:4 major - 1, 3:0 minor; IPMMU sheet, section 2.4).
 *
 * @param family   Linux' family name, empty when unknown
 * @param soc      Linux' SoC name, for example {@code r8a7795}; empty when unknown
 * @param revision for example {@code ES3.0}; empty when unknown
 * @param product  the product register, or -1 when it cannot be read
 */
record SocIdentity(String family, String soc, String revision, int product) {

    static final String GEN3 = "R-Car Gen3";
    static final String GEN4 = "R-Car Gen4";
    static final String RZG2 = "RZ/G2";

    static final int PRODUCT_MASK = 0x7F00;
    static final int CUT_MASK = 0xFF;
    private static final int PRR_BYTES = 4;
    private static final int PRR_UNKNOWN = -1;

    private static final List<String> SOCS_GEN3 = List.of("r8a7795", "r8a7796", "r8a77961", "r8a77965", "r8a77970", "r8a77980",
            "r8a77990", "r8a77995");
    private static final List<String> SOCS_GEN4 = List.of("r8a779a0", "r8a779f0", "r8a779g0", "r8a779h0");
    private static final List<String> SOCS_RZG2 = List.of("r8a774a1", "r8a774b1", "r8a774c0", "r8a774e1");

    /** Reads the identity; never fails: what cannot be known stays empty. */
    static SocIdentity read(Device device) {
        int product = readProduct(device);
        String revision = product == PRR_UNKNOWN ? "" : "ES" + ((product >> 4 & 0xF) + 1) + "." + (product & 0xF);
        for (String compatible : device.boardCompatible()) {
            String soc = compatible.startsWith("renesas,") ? compatible.substring("renesas,".length()) : "";
            String family = SOCS_GEN3.contains(soc) ? GEN3 : SOCS_GEN4.contains(soc) ? GEN4 : SOCS_RZG2.contains(soc) ? RZG2 : "";
            if (!family.isEmpty()) {
                return new SocIdentity(family, soc, revision, product);
            }
        }
        return new SocIdentity("", "", revision, product);
    }

    /** Tells whether the product register was readable. */
    boolean hasProduct() {
        return product != PRR_UNKNOWN;
    }

    private static int readProduct(Device device) {
        List<DeviceProperties> nodes = device.findCompatible("renesas,prr");
        if (nodes.isEmpty()) {
            return PRR_UNKNOWN;
        }
        int[] reg = nodes.get(0).cells("reg");
        // The node sits on the SoC's bus: one or two cells for the address, as many for the size.
        if (reg.length != 2 && reg.length != 4) {
            return PRR_UNKNOWN;
        }
        long address = reg.length == 2 ? Integer.toUnsignedLong(reg[0]) : (long) reg[0] << 32 | Integer.toUnsignedLong(reg[1]);
        try {
            return device.machine().map(address, PRR_BYTES).read32(0);
        } catch (ExternalAbortException e) {
            return PRR_UNKNOWN;
        }
    }
}
