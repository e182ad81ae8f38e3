package org.latebind.machine.walk;

import java.util.Objects;

/**
 * Long descriptors: VMSAv8-64 and the 32-bit large physical address extension.
 *
 * @param stage            1 or 2
 * @param lower            region of TTBR0 or VTTBR; null when walks of it are disabled (EPD0)
 * @param upper            region of TTBR1; null when there is none (EPD1, stage 2)
 * @param aarch32          addresses have 32 bits at stage 1 and output 40
 * @param outputBits       output addresses and tables lie below 2^outputBits, else an address size fault
 * @param updateAccessFlag hardware sets the access flag (HA) instead of faulting
 * @param updateDirty      hardware makes a DBM leaf writable on the first write (HD)
 */
public record LongWalk(int stage, Region lower, Region upper, boolean aarch32, int outputBits, boolean updateAccessFlag,
        boolean updateDirty) implements WalkConfig {

    /**
     * One translation regime's input range and its root.
     *
     * @param root       physical address of the start level's table or tables
     * @param pageShift  granule: 12, 14 or 16
     * @param inputBits  64 - TxSZ (32 - TxSZ for the 32-bit format)
     * @param startLevel level of the root, 0 to 3
     */
    public record Region(long root, int pageShift, int inputBits, int startLevel) {

        /** Checks the granule. */
        public Region {
            if (pageShift != 12 && pageShift != 14 && pageShift != 16) {
                throw new IllegalArgumentException("granule of 2^" + pageShift + " bytes");
            }
        }

        /** A stage 1 region: the start level follows from the input size. */
        public static Region stage1(long root, int pageShift, int inputBits) {
            int stride = pageShift - 3;
            return new Region(root, pageShift, inputBits, 4 - (inputBits - pageShift + stride - 1) / stride);
        }

        int stride() {
            return pageShift - 3;
        }

        int shift(int level) {
            return pageShift + stride() * (3 - level);
        }

        /** Index bits of the start level, more than a stride when tables are concatenated. */
        int rootBits() {
            return inputBits - shift(startLevel);
        }

        /** Tells whether input size and start level fit: 16 concatenated tables at most, none at stage 1. */
        boolean consistent(int stage) {
            return startLevel >= 0 && startLevel <= 3 && rootBits() >= 1 && rootBits() <= stride() + (stage == 2 ? 4 : 0);
        }
    }

    /** Checks the arguments. */
    public LongWalk {
        if (stage != 1 && stage != 2 || stage == 2 && upper != null) {
            throw new IllegalArgumentException("stage " + stage + (upper == null ? "" : " with an upper region"));
        }
    }

    /** VMSAv8-64 stage 1 with TTBR0 only. */
    public static LongWalk stage1(long root, int pageShift, int inputBits, int outputBits) {
        return new LongWalk(1, Region.stage1(root, pageShift, inputBits), null, false, outputBits, false, false);
    }

    /** VMSAv8-64 stage 1 with TTBR1 only. */
    public static LongWalk stage1Upper(long root, int pageShift, int inputBits, int outputBits) {
        return new LongWalk(1, null, Region.stage1(root, pageShift, inputBits), false, outputBits, false, false);
    }

    /** Stage 2; {@code startLevel} from {@link #startLevel(int, int)}. */
    public static LongWalk stage2(long root, int pageShift, int inputBits, int startLevel, int outputBits) {
        return new LongWalk(2, new Region(root, pageShift, inputBits, startLevel), null, false, outputBits, false, false);
    }

    /**
     * 32-bit stage 1 with TTBR0 only. The hardware's T0SZ has three bits; upper bits of the value are ignored.
     *
     * @param t0sz the register's field or a wider value written to it
     */
    public static LongWalk aarch32Stage1(long root, int t0sz) {
        return new LongWalk(1, Region.stage1(root, 12, 32 - (t0sz & 7)), null, true, 40, false, false);
    }

    /** The same with TTBR1 in addition. */
    public LongWalk withUpper(Region region) {
        return new LongWalk(stage, lower, Objects.requireNonNull(region, "region"), aarch32, outputBits, updateAccessFlag,
                updateDirty);
    }

    /** The same with hardware update of the access flag (HA) and of the dirty state (HD). */
    public LongWalk withUpdates(boolean accessFlag, boolean dirty) {
        return new LongWalk(stage, lower, upper, aarch32, outputBits, accessFlag, dirty);
    }

    /** Start level of stage 2 for a granule and VTCR.SL0, or -1 for a reserved value (DDI 0487, VTCR_EL2). */
    public static int startLevel(int pageShift, int sl0) {
        if (pageShift == 12) {
            return sl0 == 3 ? -1 : 2 - sl0;
        }
        return sl0 == 3 && pageShift == 16 ? -1 : 3 - sl0;
    }

    /** Granule for a TG0 code: 0 4K, 1 64K, 2 16K; -1 reserved. */
    public static int pageShiftOfTg0(int tg0) {
        return tg0 == 0 ? 12 : tg0 == 1 ? 16 : tg0 == 2 ? 14 : -1;
    }

    /** Granule for a TG1 code: 1 16K, 2 4K, 3 64K; -1 reserved. */
    public static int pageShiftOfTg1(int tg1) {
        return tg1 == 1 ? 14 : tg1 == 2 ? 12 : tg1 == 3 ? 16 : -1;
    }

    /** Output size for an IPS or PS code; reserved codes mean 48. */
    public static int outputBitsOf(int code) {
        return switch (code) {
            case 0 -> 32;
            case 1 -> 36;
            case 2 -> 40;
            case 3 -> 42;
            case 4 -> 44;
            case 6 -> 52;
            default -> 48;
        };
    }
}
