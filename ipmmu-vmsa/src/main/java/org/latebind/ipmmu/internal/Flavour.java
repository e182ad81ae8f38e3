package org.latebind.ipmmu.internal;

import java.util.Locale;

/**
 * Whose register sequences Linux mode follows: module parameter {@code sequences}. The sequences are those of the two
 * published drivers (IPMMU sheet, sections 4.4, 4.8 and 4.9); everything not named here is the same in both.
 */
enum Flavour {
    /** Mainline: a micro-TLB is written whole, with FLUSH; after a sleep everything is programmed anew. */
    LINUX,
    /**
     * The vendor kernel (BSP): a micro-TLB keeps its other bits and is not flushed, a fault invalidates its context, and a
     * sleep saves registers and writes them back. Other than there, an old TTSEL is masked out before the new one is put
     * in, and IMTTBCR is replaced: kept bits would join two contexts' numbers or formats.
     */
    BSP;

    /** The flavour of a parameter value, or null when there is none of that name. */
    static Flavour of(String value) {
        for (Flavour flavour : values()) {
            if (flavour.name().toLowerCase(Locale.ROOT).equals(value)) {
                return flavour;
            }
        }
        return null;
    }
}
