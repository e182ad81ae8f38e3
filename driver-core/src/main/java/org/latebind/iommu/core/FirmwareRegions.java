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
