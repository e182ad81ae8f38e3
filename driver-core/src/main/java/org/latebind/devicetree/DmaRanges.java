package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What {@code dma-ranges} say about a device: which addresses its DMA may use and where they lie for the CPU.
 * Source: reference/driver-core.md section 8, steps 1 and 2.
 *
 * @param result whether ranges were found
 * @param ranges the ranges; neighbours that continue each other are one; empty unless {@code result} is FOUND
 */
public record DmaRanges(Result result, List<Range> ranges) {

    /** How the search for ranges ended. */
    public enum Result {
        /** There are ranges. */
        FOUND,
        /** No ranges: nobody restricts the device (Linux: ENODEV). */
        NONE,
        /** There are ranges, but none can be translated to CPU addresses (Linux: EINVAL). */
        INVALID
    }

    /**
     * One window. All numbers are unsigned.
     *
     * @param dmaAddress first address on the device's bus
     * @param cpuAddress CPU physical address of the same place
     * @param sizeBytes size
     */
    public record Range(long dmaAddress, long cpuAddress, long sizeBytes) {
    }

    private static final DmaRanges NOTHING = new DmaRanges(Result.NONE, List.of());

    /** Copies the list. */
    public DmaRanges {
        ranges = List.copyOf(ranges);
    }

    /** Returns the ranges of a device that stands in the tree. */
    public static DmaRanges ofDevice(DeviceTree tree, Node device) {
        return ofBus(tree, dmaParent(tree, device));
    }

    /** Returns the ranges of devices on a bus: for PCI functions the bus is the host bridge's node. */
    public static DmaRanges ofBus(DeviceTree tree, Node bus) {
        Set<Node> seen = new HashSet<>();
        boolean first = true;
        for (Node node = bus; node != null && seen.add(node); node = dmaParent(tree, node)) {
            Property ranges = node.property("dma-ranges");
            if (ranges != null && ranges.length() > 0) {
                return read(tree, node, ranges);
            }
            if (ranges == null && !first) {
                return NOTHING;
            }
            first = false;
        }
        return NOTHING;
    }

    /**
     * Returns where a device's or bus's DMA goes: the interconnect that {@code interconnects} names "dma-mem", else the parent.
     * Null for the root.
     */
    public static Node dmaParent(DeviceTree tree, Node node) {
        int index = node.strings("interconnect-names").indexOf("dma-mem");
        List<Reference> interconnects = index < 0 ? List.of()
            : ReferenceList.of(tree, node, "interconnects", "#interconnect-cells").entries();
        return index >= 0 && index < interconnects.size() ? interconnects.get(index).target() : node.parent();
    }

    private static DmaRanges read(DeviceTree tree, Node bus, Property property) {
        int childCells = bus.addressCells();
        int parentCells = bus.parent() == null ? childCells : bus.parent().addressCells();
        int sizeCells = bus.sizeCells();
        if (!BusTranslation.plausible(childCells, sizeCells) || !BusTranslation.plausible(parentCells, 1)) {
            return new DmaRanges(Result.INVALID, List.of());
        }
        List<Range> ranges = new ArrayList<>(2);
        int step = childCells + parentCells + sizeCells;
        for (int i = 0; i + step <= property.cellCount(); i += step) {
            BusTranslation.Address above = BusTranslation.read(property, i + childCells, parentCells);
            BusTranslation.Address cpu = bus.parent() == null ? above : toCpu(tree, dmaParent(tree, bus), above);
            if (cpu.valid()) {
                add(ranges, new Range(property.number(i, childCells), cpu.low(),
                    property.number(i + childCells + parentCells, sizeCells)));
            }
        }
        return new DmaRanges(ranges.isEmpty() ? Result.INVALID : Result.FOUND, ranges);
    }

    /** On the way up a bus without {@code dma-ranges} changes nothing, unlike one without {@code ranges}. */
    private static BusTranslation.Address toCpu(DeviceTree tree, Node bus, BusTranslation.Address address) {
        BusTranslation.Address at = address;
        Set<Node> seen = new HashSet<>();
        Node node = bus;
        while (node != null && node.parent() != null && at.valid() && seen.add(node)) {
            at = node.has("dma-ranges") ? BusTranslation.climb(node, "dma-ranges", at) : at;
            node = dmaParent(tree, node);
        }
        return at;
    }

    private static void add(List<Range> ranges, Range range) {
        if (range.sizeBytes == 0) {
            return;
        }
        Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
        if (last != null && last.dmaAddress + last.sizeBytes == range.dmaAddress
                && last.cpuAddress + last.sizeBytes == range.cpuAddress) {
            ranges.set(ranges.size() - 1, new Range(last.dmaAddress, last.cpuAddress, last.sizeBytes + range.sizeBytes));
        } else {
            ranges.add(range);
        }
    }

    /**
     * Tells whether a device's DMA is coherent with the CPU's caches: from the device upward, {@code dma-coherent} says yes,
     * {@code dma-noncoherent} no.
     *
     * @param otherwise answer when nobody says anything: false on arm64
     */
    public static boolean coherent(DeviceTree tree, Node device, boolean otherwise) {
        Set<Node> seen = new HashSet<>();
        for (Node node = device; node != null && seen.add(node); node = dmaParent(tree, node)) {
            if (node.has("dma-coherent")) {
                return true;
            }
            if (node.has("dma-noncoherent")) {
                return false;
            }
        }
        return otherwise;
    }
}
