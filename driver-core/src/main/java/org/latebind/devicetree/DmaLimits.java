package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.latebind.driver.Errno;

/**
 * The DMA masks of a device after its DMA is configured. Masks only shrink, so configuring again changes nothing.
 * Source: reference/driver-core.md section 8, steps 3 to 5. All numbers are unsigned.
 *
 * @param dmaMask mask for streaming DMA
 * @param coherentMask mask for coherent DMA
 * @param busLimit last address that the bus passes on; empty without ranges
 * @param rangeMap the ranges; empty without
 * @param warnings what the kernel would warn of
 * @param error why the device cannot do DMA at all; null mostly, and then nothing was changed
 */
public record DmaLimits(long dmaMask, long coherentMask, OptionalLong busLimit, List<DmaRanges.Range> rangeMap,
        List<String> warnings, Errno error) {

    /** How the last address follows from the ranges. */
    public enum Rule {
        /** Linux 5.10 and 6.1: by the size of the span of all ranges; an odd size is a mask given instead of a size. */
        SIZE,
        /** Linux 7.x: the highest address of any range. */
        END
    }

    /** Copies the lists. */
    public DmaLimits {
        rangeMap = List.copyOf(rangeMap);
        warnings = List.copyOf(warnings);
    }

    /**
     * Computes the limits.
     *
     * @param ranges what the tree says
     * @param dmaMask the device's mask before; empty when its bus gave it none
     * @param coherentMask the device's coherent mask before; 0 when it has none yet
     * @param forceDma whether the bus configures devices without ranges too (platform, PCI and AMBA do)
     */
    public static DmaLimits of(DmaRanges ranges, Rule rule, OptionalLong dmaMask, long coherentMask, boolean forceDma) {
        boolean found = ranges.result() == DmaRanges.Result.FOUND;
        if (!found && !forceDma) {
            Errno error = ranges.result() == DmaRanges.Result.INVALID ? Errno.EINVAL : null;
            return new DmaLimits(dmaMask.orElse(coherentMask), coherentMask, OptionalLong.empty(), List.of(), List.of(), error);
        }
        List<String> warnings = new ArrayList<>(0);
        if (dmaMask.isEmpty()) {
            warnings.add("DMA mask not set");
        }
        OptionalLong end = !found ? OptionalLong.of(endWithoutRanges(coherentMask))
            : rule == Rule.END ? OptionalLong.of(highest(ranges.ranges())) : endBySize(ranges.ranges(), warnings);
        if (end.isEmpty()) {
            return new DmaLimits(dmaMask.orElse(coherentMask), coherentMask, OptionalLong.empty(), List.of(), warnings,
                Errno.EINVAL);
        }
        long mask = maskFor(end.getAsLong());
        long coherent = coherentMask & mask;
        long streaming = dmaMask.isEmpty() ? coherent : dmaMask.getAsLong() & mask;
        return new DmaLimits(streaming, coherent, found ? end : OptionalLong.empty(), ranges.ranges(), warnings, null);
    }

    /**
     * Both rules agree without ranges. The size rule needs care there: a mask of 64 ones plus 1 is 0, so it takes the larger of
     * mask and mask + 1 as the size, and a size of 2^64 - 1 ends one byte lower; the mask that follows is the same.
     */
    private static long endWithoutRanges(long coherentMask) {
        return coherentMask == 0 ? 0xffffffffL : coherentMask;
    }

    private static long highest(List<DmaRanges.Range> ranges) {
        long highest = 0;
        for (DmaRanges.Range range : ranges) {
            long end = range.dmaAddress() + range.sizeBytes() - 1;
            highest = Long.compareUnsigned(end, highest) > 0 ? end : highest;
        }
        return highest;
    }

    private static OptionalLong endBySize(List<DmaRanges.Range> ranges, List<String> warnings) {
        long start = -1;
        long end = 0;
        for (DmaRanges.Range range : ranges) {
            start = Long.compareUnsigned(range.dmaAddress(), start) < 0 ? range.dmaAddress() : start;
            long stop = range.dmaAddress() + range.sizeBytes();
            end = Long.compareUnsigned(stop, end) > 0 ? stop : end;
        }
        long size = end - start;
        if ((size & 1) != 0) {
            warnings.add("invalid size 0x" + Long.toHexString(size) + " for dma-range(s)");
            size++;
        }
        return size == 0 ? OptionalLong.empty() : OptionalLong.of(start + size - 1);
    }

    /** All ones up to the highest bit of {@code end}. */
    private static long maskFor(long end) {
        return end == 0 ? 1 : -1L >>> Long.numberOfLeadingZeros(end);
    }
}
