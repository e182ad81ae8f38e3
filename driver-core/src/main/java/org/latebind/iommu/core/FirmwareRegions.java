package org.latebind.iommu.core;

import java.util.ArrayList;
import java.util.List;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.RegEntry;
import org.latebind.iommu.Protection;
import org.latebind.iommu.ReservedRegion;

/**
 * Reserved regions the device tree names for a device: {@code memory-region} nodes with {@code iommu-addresses}
 * (driver core reference, section 7.3).
 */
public final class FirmwareRegions {

    /** Cells of an address on a PCI bus; the first holds the space. */
    private static final int PCI_ADDRESS_CELLS = 3;

    /** Set in the first cell of a memory address of 32 or 64 bits. */
    private static final int PCI_MEMORY = 0x0200_0000;

    private FirmwareRegions() {
    }

    /**
     * Reads the regions of a device.
     *
     * @param tree the board; not null
     * @param node the device's node; not null
     * @return regions in the order of the tree; entries that make no sense are left out
     */
    public static List<ReservedRegion> of(DeviceTree tree, Node node) {
        List<ReservedRegion> regions = new ArrayList<>();
        for (int phandle : node.cells("memory-region")) {
            Node region = tree.byPhandle(phandle);
            if (region != null && node.phandle() != 0) {
                read(region, node.phandle(), regions);
            }
        }
        return regions;
    }

    /**
     * Memory windows of a PCI host bridge, by addresses of its bus: a function that emits one of them reaches another function and
     * not its IOMMU, so none is handed out (same section).
     *
     * @param host node of the bridge; not null
     * @return the windows of {@code ranges} in order; none when its cells cannot be read
     */
    public static List<ReservedRegion> windows(Node host) {
        List<ReservedRegion> windows = new ArrayList<>();
        int parentCells = host.parent() == null ? 0 : host.parent().addressCells();
        int sizeCells = host.sizeCells();
        int[] cells = host.cells("ranges");
        int entry = PCI_ADDRESS_CELLS + parentCells + sizeCells;
        if (host.addressCells() != PCI_ADDRESS_CELLS || parentCells < 1 || parentCells > 2 || sizeCells < 1 || sizeCells > 2) {
            return windows;
        }
        for (int at = 0; at + entry <= cells.length; at += entry) {
            long start = number(cells, at + 1, 2);
            long size = number(cells, at + PCI_ADDRESS_CELLS + parentCells, sizeCells);
            if ((cells[at] & PCI_MEMORY) != 0 && size > 0 && Long.compareUnsigned(start + size - 1, start) >= 0) {
                windows.add(new ReservedRegion(start, size, Protection.READ | Protection.WRITE, ReservedRegion.Kind.RESERVED));
            }
        }
        return windows;
    }

    private static void read(Node region, int device, List<ReservedRegion> into) {
        Node parent = region.parent() == null ? region : region.parent();
        int addressCells = parent.addressCells();
        int sizeCells = parent.sizeCells();
        int[] cells = region.cells("iommu-addresses");
        int entry = 1 + addressCells + sizeCells;
        for (int at = 0; at + entry <= cells.length; at += entry) {
            long size = number(cells, at + 1 + addressCells, sizeCells);
            if (cells[at] == device && size > 0) {
                long start = number(cells, at + 1, addressCells);
                into.add(new ReservedRegion(start, size, Protection.READ | Protection.WRITE, kind(region, start, size)));
            }
        }
    }

    /** One to one with the memory behind it: a direct mapping. Anything else cannot be served and is kept free. */
    private static ReservedRegion.Kind kind(Node region, long start, long size) {
        for (RegEntry reg : region.reg()) {
            if (reg.busAddress() == start && reg.sizeBytes() == size) {
                return ReservedRegion.Kind.DIRECT;
            }
        }
        return ReservedRegion.Kind.RESERVED;
    }

    private static long number(int[] cells, int from, int count) {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << Integer.SIZE | Integer.toUnsignedLong(cells[from + i]);
        }
        return value;
    }
}
