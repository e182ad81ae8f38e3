package org.latebind.machine;

import java.util.ArrayList;
import java.util.List;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.MemoryReservation;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.RegEntry;
import org.latebind.machine.memory.MemoryRange;

/** Which memory may be handed out: all of it without the reservation block and the static ranges of {@code /reserved-memory}. */
final class FreeRanges {

    private static final long PAGE_BYTES = 4096;

    private List<MemoryRange> ranges;

    private FreeRanges(List<MemoryRange> ranges) {
        this.ranges = ranges;
    }

    static List<MemoryRange> of(DeviceTree tree, List<MemoryRange> memory) {
        FreeRanges free = new FreeRanges(memory);
        for (MemoryReservation reservation : tree.reservations()) {
            free.cut(reservation.address(), reservation.sizeBytes());
        }
        Node reserved = tree.byPath("/reserved-memory");
        if (reserved != null) {
            for (Node child : reserved.children()) {
                for (RegEntry entry : child.reg()) {
                    free.cut(entry.cpuAddress(), entry.translated() ? entry.sizeBytes() : 0);
                }
            }
        }
        return free.ranges;
    }

    /** Takes whole pages out. Addresses are unsigned; a range that wraps is ignored. */
    private void cut(long start, long sizeBytes) {
        long from = start & -PAGE_BYTES;
        long to = start + sizeBytes + PAGE_BYTES - 1 & -PAGE_BYTES;
        if (sizeBytes == 0 || Long.compareUnsigned(from, to) >= 0) {
            return;
        }
        List<MemoryRange> left = new ArrayList<>();
        for (MemoryRange range : ranges) {
            long end = range.start() + range.sizeBytes();
            if (Long.compareUnsigned(to, range.start()) <= 0 || Long.compareUnsigned(from, range.last()) > 0) {
                left.add(range);
                continue;
            }
            if (Long.compareUnsigned(from, range.start()) > 0) {
                left.add(new MemoryRange(range.start(), from - range.start()));
            }
            if (Long.compareUnsigned(to, range.last()) <= 0) {
                left.add(new MemoryRange(to, end - to));
            }
        }
        ranges = left;
    }
}
