package org.latebind.machine.walk;

/**
 * Short descriptors (DDI 0406C, B3.5), with TEX remap and the access flag in AP[0] (SCTLR.TRE and AFE set).
 *
 * @param ttbr0    root of the lower part; attribute bits are ignored
 * @param ttbr1    root of the upper part; meaningful for {@code n} above 0
 * @param n        TTBCR.N: addresses with one of the top n bits set use TTBR1
 * @param extended MediaTek's address bits 34:32 in descriptor bits 5, 4, 9, and no permissions
 */
public record ShortWalk(long ttbr0, long ttbr1, int n, boolean extended) implements WalkConfig {

    /** Checks the arguments. */
    public ShortWalk {
        if (n < 0 || n > 7) {
            throw new IllegalArgumentException("TTBCR.N of " + n);
        }
    }

    /** A table with one root. */
    public static ShortWalk of(long ttbr0) {
        return new ShortWalk(ttbr0, 0, 0, false);
    }
}
