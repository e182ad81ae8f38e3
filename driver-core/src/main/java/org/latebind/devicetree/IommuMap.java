package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.latebind.driver.Errno;

/**
 * {@code iommu-map} and {@code iommu-map-mask} of a node: which requester ids go to which IOMMU with which specifier.
 * An id is masked; an entry matches when {@code ridBase <= masked < ridBase + length}; the last cell of the output is
 * {@code masked - ridBase + outBase}. All numbers are unsigned 32-bit.
 * Source: Linux binding {@code pci/pci-iommu.txt}; two ways of reading are known, see {@link Reading}.
 *
 * @param node the node that has the property; not null
 * @param mask the mask; empty when there is none (then all bits count)
 * @param entries the entries that can be read, in order; not null
 * @param problem why not all can be read, with node and property; null when all can
 * @param warning something that was read differently from what it says; null mostly
 * @param error what Linux answers to every question when the property as a whole is wrong; null mostly
 */
public record IommuMap(Node node, OptionalInt mask, List<Entry> entries, String problem, String warning, Errno error) {

    /** How long an entry is. */
    public enum Reading {
        /** Four cells, whatever the target says: Linux up to 7.2. */
        FOUR_CELLS,
        /** Three cells and the target's {@code #iommu-cells} (one when missing): Linux 7.3. */
        TARGET_CELLS
    }

    /**
     * One entry.
     *
     * @param ridBase first requester id
     * @param phandle phandle of the IOMMU
     * @param iommu the IOMMU; null when no node has the phandle
     * @param outBase specifier cells of the first id; not null, copied
     * @param length number of ids
     */
    public record Entry(int ridBase, int phandle, Node iommu, int[] outBase, int length) {

        /** Copies the cells. */
        public Entry {
            outBase = outBase.clone();
        }

        /** Returns a copy of the cells. */
        @Override
        public int[] outBase() {
            return outBase.clone();
        }

        /** Tells whether a masked id is in the range of the entry. */
        public boolean matches(int masked) {
            return Integer.compareUnsigned(masked, ridBase) >= 0 && Integer.compareUnsigned(masked, ridBase + length) < 0;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Entry e && ridBase == e.ridBase && phandle == e.phandle && iommu == e.iommu
                && Arrays.equals(outBase, e.outBase) && length == e.length;
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(outBase) + 31 * (ridBase + 31 * phandle);
        }
    }

    /** The answer to "where does this requester id go?". */
    public sealed interface Answer {
    }

    /** To an IOMMU, with these specifier cells. */
    public record Mapped(Reference reference) implements Answer {
    }

    /** Past all IOMMUs: no entry matches, or there is no map. */
    public record Unmapped() implements Answer {
    }

    /** Nowhere: the map is wrong, with Linux' error number for it. */
    public record Wrong(Errno errno, String text) implements Answer {
    }

    /** Copies the list. */
    public IommuMap {
        entries = List.copyOf(entries);
    }

    /** Reads the map of a node; null when the node has none. */
    public static IommuMap of(DeviceTree tree, Node node, Reading reading) {
        Property map = node.property("iommu-map");
        if (map == null) {
            return null;
        }
        Property mask = node.property("iommu-map-mask");
        OptionalInt maskBits = mask != null && mask.length() >= 4 ? OptionalInt.of(mask.cell(0)) : OptionalInt.empty();
        String warning = null;
        boolean four = reading == Reading.FOUR_CELLS;
        if (!four && isFourCellMapToTwoCellTarget(tree, map)) {
            four = true;
            warning = node.path() + ": iommu-map: entries of four cells, but the IOMMU has two specifier cells: read as one cell";
        }
        List<Entry> entries = new ArrayList<>(2);
        int at = 0;
        String problem = map.length() == 0 ? "is empty" : null;
        while (problem == null && at < map.cellCount()) {
            int left = map.cellCount() - at;
            Node iommu = left < 2 ? null : tree.byPhandle(map.cell(at + 1));
            int cells = four || iommu == null ? 1 : iommu.u32("#iommu-cells", 1);
            if (cells < 0 || left < 3 || cells > left - 3) {
                problem = "entry " + entries.size() + " is not complete";
            } else if (cells > 1 && map.cell(at + 2 + cells) != 1) {
                problem = "entry " + entries.size() + " has " + cells + " specifier cells and a length other than 1";
            } else {
                int[] out = new int[cells];
                for (int i = 0; i < cells; i++) {
                    out[i] = map.cell(at + 2 + i);
                }
                entries.add(new Entry(map.cell(at), map.cell(at + 1), iommu, out, map.cell(at + 2 + cells)));
                at += 3 + cells;
            }
        }
        if (problem == null && (map.length() & 3) != 0) {
            problem = "is no whole number of cells";
        }
        return new IommuMap(node, maskBits, entries, problem == null ? null : node.path() + ": iommu-map: " + problem, warning,
            problem == null ? null : Errno.EINVAL);
    }

    private static boolean isFourCellMapToTwoCellTarget(DeviceTree tree, Property map) {
        if (map.length() == 0 || map.length() % 16 != 0) {
            return false;
        }
        for (int at = 0; at < map.cellCount(); at += 4) {
            Node iommu = tree.byPhandle(map.cell(at + 1));
            boolean same = map.cell(at + 1) == map.cell(1);
            if (iommu == null || !same || iommu.u32("#iommu-cells", 1) != 2 || map.cell(at + 3) != 1) {
                return false;
            }
        }
        return true;
    }

    /** Answers where requester id {@code rid} goes. Linux looks no further than the entry that matches. */
    public Answer translate(int rid) {
        if (error != null) {
            return new Wrong(error, problem);
        }
        int bits = mask.orElse(-1);
        int masked = rid & bits;
        for (Entry entry : entries) {
            if ((entry.ridBase & ~bits) != 0) {
                return new Wrong(Errno.EFAULT, node.path() + ": iommu-map: id base 0x" + Integer.toHexString(entry.ridBase)
                    + " has bits outside of the mask 0x" + Integer.toHexString(bits));
            }
            if (entry.matches(masked)) {
                if (entry.iommu == null) {
                    return new Wrong(Errno.ENODEV, node.path() + ": iommu-map: no node has phandle 0x"
                        + Integer.toHexString(entry.phandle));
                }
                int[] out = entry.outBase.clone();
                if (out.length > 0) {
                    out[out.length - 1] += masked - entry.ridBase;
                }
                return new Mapped(new Reference(entry.iommu, out));
            }
        }
        return new Unmapped();
    }
}
