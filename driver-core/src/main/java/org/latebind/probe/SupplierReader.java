package org.latebind.probe;

import java.util.ArrayList;
import java.util.List;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Property;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;

/** Which nodes the properties of a node name as suppliers, in property order; what an era makes of them is decided later. */
final class SupplierReader {

    /** {@code assumed}: the reference can only be read when a target without number of cells wants none. */
    record Named(String property, Node target, boolean assumed) { }

    private SupplierReader() {
    }

    static List<Named> read(DeviceTree tree, Node node) {
        List<Named> found = new ArrayList<>(2);
        for (Property p : node.properties()) {
            if (!known(p.name()) || p.name().startsWith("gpio") && node.has("gpio-hog")) {
                continue;
            }
            switch (p.name()) {
                case "interrupts" -> add(found, "interrupts", ReferenceList.interrupts(tree, node).entries(), Integer.MAX_VALUE);
                case "remote-endpoint" -> {
                    // Its consumer is another node, see graphLink.
                }
                case "interrupt-parent" -> addNode(found, p.name(), p.length() < 4 ? null : tree.byPhandle(p.cell(0)));
                case "interrupt-map" -> interruptMap(found, tree, node, p);
                case "iommu-map" -> {
                    for (int i = 1; i < p.cellCount() && addNode(found, p.name(), tree.byPhandle(p.cell(i))); i += 4) {
                        continue;
                    }
                }
                default -> list(found, tree, node, p);
            }
            if (p.name().startsWith("pinctrl-")) {
                pins(found, tree, node, p);
            }
        }
        return found;
    }

    /** What only the pins of a node say ({@link Pins}): no link follows from it. */
    private static void pins(List<Named> found, DeviceTree tree, Node node, Property p) {
        if (p.cellCount() == 0) {
            found.add(new Named(p.name() + Pins.EMPTY, node, false));
        }
        for (int i = 0; i < p.cellCount(); i++) {
            Node group = tree.byPhandle(p.cell(i));
            if (group == null) {
                found.add(new Named(p.name() + Pins.DANGLING, node, false));
                return;
            }
            for (Node n = group; n != null && n.parent() != null; n = n.parent()) {
                if (n.has("pinctrl-use-default")) {
                    found.add(new Named(p.name() + Pins.OPTIONAL, group, false));
                    break;
                }
            }
        }
    }

    /** A link of the graph binding: both ends are the devices whose ports are joined. */
    record GraphLink(Node consumer, Node supplier) { }

    /** What an endpoint makes of its {@code remote-endpoint}; null when the node is none or the other end is missing. */
    static GraphLink graphLink(DeviceTree tree, Node endpoint) {
        Property remote = endpoint.property("remote-endpoint");
        Node other = remote == null || remote.length() < 4 ? null : tree.byPhandle(remote.cell(0));
        Node consumer = remote == null ? null : portParent(endpoint);
        Node supplier = other == null ? null : portParent(other);
        return consumer == null || supplier == null ? null : new GraphLink(consumer, supplier);
    }

    /** endpoint, port, perhaps ports, device. */
    private static Node portParent(Node endpoint) {
        Node port = endpoint.parent();
        Node above = port == null ? null : port.parent();
        return above != null && above.name().equals("ports") ? above.parent() : above;
    }

    private static boolean known(String property) {
        for (SupplierProperties.Era era : SupplierProperties.Era.values()) {
            if (SupplierProperties.use(property, era) != SupplierProperties.Use.NONE) {
                return true;
            }
        }
        return false;
    }

    /** nvmem cells have arguments only where the target says so. */
    private static String cells(DeviceTree tree, Property p) {
        String cells = SupplierProperties.cells(p.name());
        Node first = p.length() < 4 ? null : tree.byPhandle(p.cell(0));
        boolean optional = p.name().equals("nvmem-cells") || p.name().equals("msi-parent");
        return optional && (first == null || !first.has(cells)) ? null : cells;
    }

    private static void list(List<Named> found, DeviceTree tree, Node node, Property p) {
        String cells = cells(tree, p);
        int exact = ReferenceList.of(tree, node, p.name(), cells).entries().size();
        boolean lenient = cells != null && !cells.equals("#gpio-cells") && !cells.equals("#interrupt-cells");
        add(found, p.name(), (lenient ? ReferenceList.lenient(tree, node, p.name(), cells)
            : ReferenceList.of(tree, node, p.name(), cells)).entries(), exact);
    }

    private static void add(List<Named> found, String property, List<Reference> references, int exact) {
        for (int i = 0; i < references.size(); i++) {
            found.add(new Named(property, references.get(i).target(), i >= exact));
        }
    }

    private static boolean addNode(List<Named> found, String property, Node target) {
        if (target != null) {
            found.add(new Named(property, target, false));
        }
        return target != null;
    }

    private static void interruptMap(List<Named> found, DeviceTree tree, Node node, Property p) {
        long own = (long) node.u32("#address-cells", 0) + node.u32("#interrupt-cells", 0);
        long at = own;
        Node last = null;
        while (own > 0 && at < p.cellCount()) {
            Node parent = tree.byPhandle(p.cell((int) at));
            if (parent == null) {
                return;
            }
            if (parent != last) {
                found.add(new Named(p.name(), parent, false));
                last = parent;
            }
            at += 1L + parent.u32("#address-cells", 0) + parent.u32("#interrupt-cells", 0) + own;
            if (at < own) {
                return;
            }
        }
    }
}
