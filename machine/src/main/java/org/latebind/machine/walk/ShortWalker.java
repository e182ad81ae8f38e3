package org.latebind.machine.walk;

import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.machine.walk.WalkResult.Attributes;
import org.latebind.machine.walk.WalkResult.Fault;

/** Short-descriptor walk (DDI 0406C, B3.5.1), TEX remap and access flag enabled. */
final class ShortWalker {

    private final PhysicalMemory memory;
    private final ShortWalk config;

    ShortWalker(PhysicalMemory memory, ShortWalk config) {
        this.memory = memory;
        this.config = config;
    }

    WalkResult walk(long iova, Access access) {
        int inputBits = config.extended() ? 34 : 32;
        if (iova >>> inputBits != 0) {
            return WalkResult.fault(Fault.TRANSLATION, 1, 1, 0, 0);
        }
        boolean upper = config.n() > 0 && iova >>> 32 - config.n() != 0;
        long first = (upper ? config.ttbr1() & -0x4000L : config.ttbr0() & -(0x4000L >>> config.n())) + 4 * (iova >>> 20);
        int descriptor;
        try {
            descriptor = memory.read32(first);
        } catch (ExternalAbortException e) {
            return WalkResult.fault(Fault.EXTERNAL_ABORT, 1, 1, first, 0);
        }
        int type = descriptor & 3;
        if (type == 0) {
            return WalkResult.fault(Fault.TRANSLATION, 1, 1, first, descriptor);
        }
        if (type >= 2) {
            return section(iova, first, descriptor, access);
        }
        boolean nonSecure = (descriptor & 8) != 0;
        long at = (Integer.toUnsignedLong(descriptor) & -0x400L) + 4 * (iova >>> 12 & 0xff);
        try {
            return page(iova, at, memory.read32(at), nonSecure, access);
        } catch (ExternalAbortException e) {
            return WalkResult.fault(Fault.EXTERNAL_ABORT, 1, 2, at, 0);
        }
    }

    private WalkResult section(long iova, long at, int descriptor, Access access) {
        boolean supersection = (descriptor >>> 18 & 1) != 0;
        int shift = supersection ? 24 : 20;
        long address = Integer.toUnsignedLong(descriptor) & -1L << shift;
        if (config.extended()) {
            address |= highBits(descriptor);
        } else if (supersection) {
            address |= (descriptor >>> 20 & 0xfL) << 32 | (descriptor >>> 5 & 0xfL) << 36;
        }
        int tex = descriptor >>> 12 & 7;
        boolean never = (descriptor >>> 4 & 1) != 0 && !config.extended();
        return leaf(1, iova, at, descriptor, address, shift, access,
                (descriptor >>> 10 & 3) | (descriptor >>> 15 & 1) << 2, tex, descriptor >>> 16 & 3,
                (descriptor >>> 19 & 1) != 0, never);
    }

    private WalkResult page(long iova, long at, int descriptor, boolean nonSecure, Access access) {
        int type = descriptor & 3;
        if (type == 0) {
            return WalkResult.fault(Fault.TRANSLATION, 1, 2, at, descriptor);
        }
        boolean large = type == 1;
        int shift = large ? 16 : 12;
        long address = Integer.toUnsignedLong(descriptor) & -1L << shift;
        if (config.extended()) {
            address |= highBits(descriptor);
        }
        boolean never = (large ? descriptor >>> 15 & 1 : descriptor & 1) != 0;
        int tex = large ? descriptor >>> 12 & 7 : descriptor >>> 6 & 7;
        return leaf(2, iova, at, descriptor, address, shift, access, (descriptor >>> 4 & 3) | (descriptor >>> 9 & 1) << 2, tex,
                descriptor >>> 10 & 3, nonSecure, never);
    }

    private static long highBits(int descriptor) {
        return (descriptor >>> 9 & 1L) << 32 | (descriptor >>> 4 & 1L) << 33 | (descriptor >>> 5 & 1L) << 34;
    }

    /** Checks AP[2:0] of a leaf: 0 access flag, 1 unprivileged allowed, 2 read-only. {@code flags}: nG and S. */
    private WalkResult leaf(int level, long iova, long at, int descriptor, long address, int shift, Access access, int ap,
            int tex, int flags, boolean nonSecure, boolean executeNever) {
        boolean checked = !config.extended();
        if (checked && (ap & 1) == 0) {
            return WalkResult.fault(Fault.ACCESS_FLAG, 1, level, at, descriptor);
        }
        boolean readable = !checked || access.privileged() || (ap & 2) != 0;
        boolean writable = !checked || readable && (ap & 4) == 0;
        if (access.write() ? !writable : !readable || access.instruction() && executeNever) {
            return WalkResult.fault(Fault.PERMISSION, 1, level, at, descriptor);
        }
        long pageBytes = 1L << shift;
        int index = (tex & 1) << 2 | descriptor >>> 2 & 3;
        Attributes attributes = new Attributes(index, (flags & 1) != 0 ? 2 : 0, nonSecure, (flags & 2) == 0, false, executeNever);
        return new WalkResult(Fault.NONE, 1, level, at, descriptor, address | iova & pageBytes - 1, pageBytes, writable,
                attributes);
    }
}
