package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A property that lists references, each with as many cells as the target says ({@code iommus} with {@code #iommu-cells}).
 * The entries are those that Linux sees: it stops at the first entry it cannot read and keeps what came before. Whoever wants
 * to be strict asks for the problem too.
 *
 * @param entries the entries up to the first that cannot be read, with order and duplicates kept; not null
 * @param problem what is wrong with the first entry that cannot be read, with node and property; null when all can be read
 */
public record ReferenceList(List<Reference> entries, String problem) {

    private static final ReferenceList EMPTY = new ReferenceList(List.of(), null);

    /** Copies the list. */
    public ReferenceList {
        entries = List.copyOf(entries);
    }

    /**
     * Reads a list.
     *
     * @param cellsProperty property of the target with the number of cells; null when entries have no cells
     * @return the list; without entries and problem when the node has no such property
     */
    public static ReferenceList of(DeviceTree tree, Node node, String property, String cellsProperty) {
        return of(tree, node, property, cellsProperty, false);
    }

    /** Reads a list in which a target that does not say how many cells it wants wants none. */
    public static ReferenceList lenient(DeviceTree tree, Node node, String property, String cellsProperty) {
        return of(tree, node, property, cellsProperty, true);
    }

    private static ReferenceList of(DeviceTree tree, Node node, String property, String cellsProperty, boolean lenient) {
        Property list = node.property(property);
        if (list == null) {
            return EMPTY;
        }
        List<Reference> entries = new ArrayList<>(2);
        int at = 0;
        int end = list.cellCount();
        while (at < end) {
            Node target = list.cell(at) == 0 ? null : tree.byPhandle(list.cell(at));
            if (target == null) {
                String text = list.cell(at) == 0 ? "is empty (phandle 0)"
                    : "names phandle 0x" + Integer.toHexString(list.cell(at)) + ", which no node has";
                return new ReferenceList(entries, problem(node, property, entries, text));
            }
            Property cells = cellsProperty == null ? null : target.property(cellsProperty);
            if (cellsProperty != null && (cells == null ? !lenient : cells.length() < 4)) {
                String text = "names " + target.path() + ", which has no " + cellsProperty;
                return new ReferenceList(entries, problem(node, property, entries, text));
            }
            int count = cells == null ? 0 : cells.cell(0);
            if (count < 0 || count > end - at - 1) {
                String text = "has " + (end - at - 1) + " cells, not the " + Integer.toUnsignedString(count) + " that "
                    + target.path() + " wants";
                return new ReferenceList(entries, problem(node, property, entries, text));
            }
            entries.add(new Reference(target, cells(list, at + 1, count)));
            at += 1 + count;
        }
        String rest = (list.length() & 3) == 0 ? null : "is no whole number of cells";
        return new ReferenceList(entries, rest == null ? null : problem(node, property, entries, rest));
    }

    /** Reads {@code iommus}. */
    public static ReferenceList iommus(DeviceTree tree, Node master) {
        return of(tree, master, "iommus", "#iommu-cells");
    }

    /** Reads the legacy {@code mmu-masters} of an SMMU: targets are masters, cells their stream ids. */
    public static ReferenceList mmuMasters(DeviceTree tree, Node smmu) {
        return of(tree, smmu, "mmu-masters", "#stream-id-cells");
    }

    /**
     * Reads the interrupts of a node: {@code interrupts-extended}, else {@code interrupts} at the interrupt parent. Targets are
     * interrupt controllers or nexus nodes; an {@code interrupt-map} is not followed.
     */
    public static ReferenceList interrupts(DeviceTree tree, Node node) {
        if (node.has("interrupts-extended")) {
            return of(tree, node, "interrupts-extended", "#interrupt-cells");
        }
        Property list = node.property("interrupts");
        if (list == null) {
            return EMPTY;
        }
        Node controller = interruptParent(tree, node);
        if (controller == null) {
            return new ReferenceList(List.of(), problem(node, "interrupts", List.of(), "has no interrupt parent"));
        }
        int count = controller.u32("#interrupt-cells", 0);
        if (count < 1 || count > list.cellCount()) {
            String text = "has " + list.cellCount() + " cells, not the " + Integer.toUnsignedString(count) + " that "
                + controller.path() + " wants";
            return new ReferenceList(List.of(), problem(node, "interrupts", List.of(), text));
        }
        List<Reference> entries = new ArrayList<>(2);
        for (int at = 0; at + count <= list.cellCount(); at += count) {
            entries.add(new Reference(controller, cells(list, at, count)));
        }
        boolean whole = list.length() == entries.size() * count * 4;
        return new ReferenceList(entries, whole ? null : problem(node, "interrupts", entries, "is not complete"));
    }

    /**
     * Returns the interrupt parent: from the node upward, the phandle of {@code interrupt-parent} where there is one, else the
     * parent, until a node has {@code #interrupt-cells}. Null when there is none, or the phandles go round in a circle.
     */
    public static Node interruptParent(DeviceTree tree, Node node) {
        Node at = node;
        for (int steps = 0; steps <= tree.size(); steps++) {
            Property named = at.property("interrupt-parent");
            at = named != null && named.length() >= 4 ? tree.byPhandle(named.cell(0)) : at.parent();
            if (at == null || at.has("#interrupt-cells")) {
                return at;
            }
        }
        return null;
    }

    /**
     * Returns the entries when all can be read.
     *
     * @throws DeviceTreeException when one cannot
     */
    public List<Reference> strict(DeviceTree tree) {
        if (problem != null) {
            throw new DeviceTreeException(tree.source(), problem);
        }
        return entries;
    }

    private static int[] cells(Property list, int from, int count) {
        int[] cells = new int[count];
        Arrays.setAll(cells, i -> list.cell(from + i));
        return cells;
    }

    private static String problem(Node node, String property, List<Reference> before, String text) {
        return node.path() + ": " + property + ": entry " + before.size() + " " + text;
    }
}
