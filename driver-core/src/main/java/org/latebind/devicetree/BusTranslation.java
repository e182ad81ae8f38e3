package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.List;

/**
 * Addresses through buses: {@code reg} and {@code ranges}.
 * An address climbs bus by bus; a bus without {@code ranges} ends the way (its addresses are not the CPU's), an empty one passes
 * it on unchanged. A three-cell address is a PCI address: it matches only a range of its own space. Source: Devicetree
 * specification 0.4, sections 2.3.6-2.3.9; IEEE 1275 PCI bus binding.
 */
final class BusTranslation {

    /** More cells than any bus has: an address of four cells is the longest that Linux accepts. */
    static final int ADDRESS_CELLS_MAX = 4;
    private static final int SIZE_CELLS_MAX = 4;

    private BusTranslation() {
    }

    /** An address on the way up. */
    record Address(boolean valid, int high, long low) {
        static final Address NONE = new Address(false, 0, 0);
    }

    static List<RegEntry> reg(Node node) {
        Property reg = node.property("reg");
        Node bus = node.parent();
        if (reg == null || bus == null) {
            return List.of();
        }
        int addressCells = bus.addressCells();
        int sizeCells = bus.sizeCells();
        if (addressCells < 1 || addressCells > ADDRESS_CELLS_MAX || sizeCells < 0 || sizeCells > SIZE_CELLS_MAX) {
            return List.of();
        }
        int step = addressCells + sizeCells;
        List<RegEntry> entries = new ArrayList<>(2);
        for (int i = 0; i + step <= reg.cellCount(); i += step) {
            Address cpu = sizeCells == 0 ? Address.NONE : toCpu(bus, read(reg, i, addressCells));
            entries.add(new RegEntry(reg.number(i, addressCells), reg.number(i + addressCells, sizeCells), cpu.valid, cpu.low));
        }
        return List.copyOf(entries);
    }

    static Address read(Property property, int index, int cells) {
        return new Address(true, cells > 2 ? property.cell(index) : 0, property.number(index, cells));
    }

    /** Translates an address on {@code bus} to the CPU's. */
    static Address toCpu(Node bus, Address address) {
        Address at = address;
        for (Node node = bus; node.parent() != null && at.valid; node = node.parent()) {
            at = climb(node, "ranges", at);
        }
        return at;
    }

    /** Translates an address on {@code bus} to an address on the bus above, by property {@code ranges} or {@code dma-ranges}. */
    static Address climb(Node bus, String property, Address address) {
        Property ranges = bus.property(property);
        if (ranges == null) {
            return Address.NONE;
        }
        if (ranges.length() == 0) {
            return address;
        }
        int childCells = bus.addressCells();
        int parentCells = bus.parent().addressCells();
        int sizeCells = bus.sizeCells();
        if (!plausible(childCells, sizeCells) || !plausible(parentCells, 1)) {
            return Address.NONE;
        }
        int step = childCells + parentCells + sizeCells;
        for (int i = 0; i + step <= ranges.cellCount(); i += step) {
            Address base = read(ranges, i, childCells);
            long size = ranges.number(i + childCells + parentCells, sizeCells);
            long distance = address.low - base.low;
            boolean inside = Long.compareUnsigned(address.low, base.low) >= 0 && Long.compareUnsigned(distance, size) < 0;
            if (inside && (childCells != 3 || space(address.high) == space(base.high))) {
                Address target = read(ranges, i + childCells, parentCells);
                return new Address(true, target.high, target.low + distance);
            }
        }
        return Address.NONE;
    }

    static boolean plausible(int addressCells, int sizeCells) {
        return addressCells >= 1 && addressCells <= ADDRESS_CELLS_MAX && sizeCells >= 1 && sizeCells <= SIZE_CELLS_MAX;
    }

    /** PCI space of a high cell: 0 configuration, 1 I/O, 2 memory (of 32 or 64 bits). */
    static int space(int high) {
        int code = high >>> 24 & 3;
        return code == 3 ? 2 : code;
    }
}
