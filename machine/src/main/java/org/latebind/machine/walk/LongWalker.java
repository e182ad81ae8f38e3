package org.latebind.machine.walk;

import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.machine.walk.LongWalk.Region;
import org.latebind.machine.walk.WalkResult.Attributes;
import org.latebind.machine.walk.WalkResult.Fault;

/**
 * Long-descriptor walk (DDI 0487, D8.2 to D8.5). Bits of a stage 1 descriptor:
 *
 * <pre>
 * table: 63 NSTable  62:61 APTable  60 XNTable (UXN)  59 PXNTable
 * leaf:  54 UXN or XN  53 PXN  52 contiguous  51 DBM  11 nG  10 AF  9:8 SH  7:6 AP[2:1] or S2AP  5 NS  4:2 AttrIndx
 * </pre>
 */
final class LongWalker {

    private final PhysicalMemory memory;
    private final LongWalk config;
    /** Translates table addresses; null when they are physical. */
    private final LongWalker second;

    LongWalker(PhysicalMemory memory, LongWalk config, LongWalker second) {
        this.memory = memory;
        this.config = config;
        this.second = second;
    }

    /** What the tables above a leaf take away from it (DDI 0487, D8.4: hierarchical attributes). */
    private static final class Hierarchy {
        private boolean nonSecure;
        private boolean noUnprivileged;
        private boolean readOnly;
        private boolean executeNever;
        private boolean privilegedExecuteNever;

        void add(long table) {
            nonSecure |= bit(table, 63);
            readOnly |= bit(table, 62);
            noUnprivileged |= bit(table, 61);
            executeNever |= bit(table, 60);
            privilegedExecuteNever |= bit(table, 59);
        }
    }

    private static boolean bit(long value, int n) {
        return (value >>> n & 1) != 0;
    }

    WalkResult walk(long iova, Access access) {
        Region region = region(iova);
        if (region == null || !region.consistent(config.stage())) {
            return fault(Fault.TRANSLATION, config.aarch32() ? 1 : 0, 0, 0);
        }
        if (tooWide(region.root())) {
            return fault(Fault.ADDRESS_SIZE, config.aarch32() ? 1 : 0, 0, 0);
        }
        Hierarchy above = new Hierarchy();
        long table = region.root() & -(8L << region.rootBits());
        for (int level = region.startLevel();; level++) {
            int width = level == region.startLevel() ? region.rootBits() : region.stride();
            long address = table + 8 * (iova >>> region.shift(level) & (1L << width) - 1);
            WalkResult hidden = second == null ? null : second.walk(address, Access.READ);
            if (hidden != null && !hidden.ok()) {
                return hidden;
            }
            long physical = hidden == null ? address : hidden.address();
            long descriptor;
            try {
                descriptor = memory.read64(physical);
            } catch (ExternalAbortException e) {
                return fault(Fault.EXTERNAL_ABORT, level, physical, 0);
            }
            boolean nextTable = level < 3 && (descriptor & 3) == 3;
            if (!nextTable && !leaf(descriptor, level, region.pageShift())) {
                return fault(Fault.TRANSLATION, level, physical, descriptor);
            }
            long target = target(descriptor, region.pageShift(), nextTable ? region.pageShift() : region.shift(level));
            if (tooWide(target)) {
                return fault(Fault.ADDRESS_SIZE, level, physical, descriptor);
            }
            if (!nextTable) {
                return leaf(region, level, physical, descriptor, target, iova, above, access);
            }
            if (config.stage() == 1) {
                above.add(descriptor);
            }
            table = target;
        }
    }

    private boolean tooWide(long address) {
        return config.outputBits() < 64 && address >>> config.outputBits() != 0;
    }

    private WalkResult fault(Fault fault, int level, long address, long descriptor) {
        return WalkResult.fault(fault, config.stage(), level, address, descriptor);
    }

    /** The region whose range holds the address, or null. */
    private Region region(long iova) {
        Region lower = config.lower();
        Region upper = config.upper();
        if (config.aarch32() && config.stage() == 1) {
            return region32(iova);
        }
        if (lower != null && iova >>> lower.inputBits() == 0) {
            return lower;
        }
        return upper != null && iova >> upper.inputBits() == -1L ? upper : null;
    }

    /** TTBR0 for what its size covers, else TTBR1 for the top of the 4 GiB, or for all the rest with T1SZ of 0 (B3.6.4). */
    private Region region32(long iova) {
        Region lower = config.lower();
        Region upper = config.upper();
        if (iova >>> 32 != 0) {
            return null;
        }
        if (lower != null && iova >>> lower.inputBits() == 0) {
            return lower;
        }
        if (upper == null) {
            return null;
        }
        long top = -1L << upper.inputBits() & 0xffff_ffffL;
        return (iova & top) == top ? upper : null;
    }

    /** Blocks exist at level 1 (4K granule, or 64K with 52 bits) and 2, pages at level 3 (D8.3.1). */
    private boolean leaf(long descriptor, int level, int pageShift) {
        if (level == 3) {
            return (descriptor & 3) == 3;
        }
        boolean blockLevel = level == 2 || level == 1 && (pageShift == 12 || pageShift == 16 && config.outputBits() > 48);
        return (descriptor & 3) == 1 && blockLevel;
    }

    /** Address in a descriptor: bits 47 down to the alignment; with the 64K granule bits 15:12 are address bits 51:48. */
    private static long target(long descriptor, int pageShift, int alignment) {
        long address = descriptor & 0x0000_ffff_ffff_ffffL & -1L << alignment;
        return pageShift == 16 ? address | (descriptor >>> 12 & 0xf) << 48 : address;
    }

    private WalkResult leaf(Region region, int level, long physical, long found, long target, long iova, Hierarchy above,
            Access access) {
        long descriptor = found;
        if (!bit(descriptor, 10)) {
            if (!config.updateAccessFlag()) {
                return fault(Fault.ACCESS_FLAG, level, physical, descriptor);
            }
            descriptor = update(physical, descriptor, descriptor | 1L << 10);
        }
        boolean writable = writable(descriptor, above, access);
        if (access.write() && !writable && config.updateDirty() && bit(descriptor, 51)) {
            long dirty = config.stage() == 1 ? descriptor & ~(1L << 7) : descriptor | 1L << 7;
            if (writable(dirty, above, access)) {
                descriptor = update(physical, descriptor, dirty);
                writable = true;
            }
        }
        boolean executeNever = executeNever(descriptor, above, access);
        if (access.write() ? !writable : !readable(descriptor, above, access) || access.instruction() && executeNever) {
            return fault(Fault.PERMISSION, level, physical, descriptor);
        }
        long pageBytes = 1L << region.shift(level);
        return new WalkResult(Fault.NONE, config.stage(), level, physical, descriptor, target | iova & pageBytes - 1, pageBytes,
                writable, attributes(descriptor, above, executeNever));
    }

    private long update(long address, long expected, long value) {
        memory.compareAndExchange64(address, expected, value);
        return value;
    }

    private boolean readable(long descriptor, Hierarchy above, Access access) {
        if (config.stage() == 2) {
            return bit(descriptor, 6);
        }
        return access.privileged() || bit(descriptor, 6) && !above.noUnprivileged;
    }

    private boolean writable(long descriptor, Hierarchy above, Access access) {
        if (config.stage() == 2) {
            return bit(descriptor, 7);
        }
        return readable(descriptor, above, access) && !bit(descriptor, 7) && !above.readOnly;
    }

    /** Privileged code is never fetched from where unprivileged code may write. */
    private boolean executeNever(long descriptor, Hierarchy above, Access access) {
        if (config.stage() == 2 || !access.privileged()) {
            return bit(descriptor, 54) || above.executeNever;
        }
        return bit(descriptor, 53) || above.privilegedExecuteNever || writable(descriptor, above, Access.WRITE);
    }

    private Attributes attributes(long descriptor, Hierarchy above, boolean executeNever) {
        boolean first = config.stage() == 1;
        int index = (int) (descriptor >>> 2) & (first ? 7 : 15);
        return new Attributes(index, (int) (descriptor >>> 8) & 3, first && (bit(descriptor, 5) || above.nonSecure),
                !first || !bit(descriptor, 11), bit(descriptor, 52), executeNever);
    }
}
