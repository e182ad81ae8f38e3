package org.latebind.machine.smmu3;

/**
 * Walk of a VMSAv8-64 table of either stage (Arm DDI 0487, D8). Pure: the answer depends on the parameters and on what
 * the descriptor source returns.
 *
 * <pre>
 *  63    62:61    60:59   58:52    51:48   47:n     11  10  9:8  7:6  5  4:2   1   0
 *  NST   APTable  XN/PXN  ignored  PA/RES0 address  nG  AF  SH   AP   NS attr  T   V      (nG, NS: stage 1)
 * </pre>
 */
final class TableWalk {

    private static final long ADDRESS = 0x0000_ffff_ffff_f000L;
    private static final int LAST_LEVEL = 3;
    private static final int AP_TABLE_NO_EL0 = 1;
    private static final int AP_TABLE_READ_ONLY = 2;

    private TableWalk() {
    }

    static WalkResult run(WalkParameters p, long input, DescriptorSource source) {
        if (input >>> p.inputBits() != 0) {
            return stop(Fault.F_TRANSLATION, 0);
        }
        long table = p.base();
        int hierarchical = 0;
        for (int level = p.startLevel();; level++) {
            long width = level == p.startLevel() ? p.inputBits() - p.shift(level) : p.bitsPerLevel();
            long index = input >>> p.shift(level) & (1L << width) - 1;
            DescriptorSource.Fetched fetched = source.fetch(table + index * 8);
            if (fetched.fault() != null) {
                return new WalkResult.Stop(fetched.fault());
            }
            long descriptor = fetched.value();
            boolean tableOrPage = (descriptor & 2) != 0;
            if ((descriptor & 1) == 0 || level == LAST_LEVEL && !tableOrPage) {
                return stop(Fault.F_TRANSLATION, 0);
            }
            if (level == LAST_LEVEL || !tableOrPage) {
                return blockAllowed(p, level) ? leaf(p, descriptor, level, input, hierarchical)
                        : stop(Fault.F_TRANSLATION, 0);
            }
            table = address(p, descriptor);
            if (table >>> p.outputBits() != 0) {
                return stop(Fault.F_ADDR_SIZE, 0);
            }
            if (p.attributesFromTables()) {
                hierarchical |= (int) (descriptor >>> 61) & 3;
            }
        }
    }

    /** 4K: blocks at levels 1 and 2; 16K and 64K: at level 2, 64K with 52-bit output also at level 1. */
    private static boolean blockAllowed(WalkParameters p, int level) {
        return switch (level) {
            case LAST_LEVEL, 2 -> true;
            case 1 -> p.granuleShift() == 12 || p.granuleShift() == 16 && p.outputBits() == 52;
            default -> false;
        };
    }

    private static long address(WalkParameters p, long descriptor) {
        long low = descriptor & ADDRESS & -(1L << p.granuleShift());
        return p.granuleShift() == 16 && p.outputBits() == 52 ? low | (descriptor >>> 12 & 0xf) << 48 : low;
    }

    private static WalkResult leaf(WalkParameters p, long descriptor, int level, long input, int hierarchical) {
        long size = 1L << p.shift(level);
        long base = address(p, descriptor) & -size;
        if (base >>> p.outputBits() != 0) {
            return stop(Fault.F_ADDR_SIZE, 0);
        }
        if (p.accessFlag() && (descriptor >>> 10 & 1) == 0) {
            return stop(Fault.F_ACCESS, 0);
        }
        long output = base | input & size - 1;
        if (p.stage2()) {
            boolean device = (descriptor >>> 4 & 3) == 0;
            return new WalkResult.Leaf(output, p.shift(level), level, (descriptor >>> 6 & 1) != 0,
                    (descriptor >>> 7 & 1) != 0, false, device);
        }
        boolean reachable = !p.unprivileged() || (descriptor >>> 6 & 1) != 0 && (hierarchical & AP_TABLE_NO_EL0) == 0;
        boolean writable = (descriptor >>> 7 & 1) == 0 && (hierarchical & AP_TABLE_READ_ONLY) == 0;
        return new WalkResult.Leaf(output, p.shift(level), level, reachable, reachable && writable,
                (descriptor >>> 11 & 1) == 0, false);
    }

    private static WalkResult stop(int type, long word3) {
        return new WalkResult.Stop(Fault.walk(type, word3));
    }
}
