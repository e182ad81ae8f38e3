package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.List;
import org.latebind.driver.DeviceProperties;

/**
 * One node. Immutable once its tree is complete. Nodes are numbered densely in document order, so that whoever keeps something
 * for every node can use an array. Two nodes are equal only when they are the same object.
 */
public final class Node implements DeviceProperties {

    static final int[] NO_CELLS = new int[0];

    private final Node parent;
    private final String name;
    private final String path;
    private final int index;
    private List<Property> properties = new ArrayList<>();
    private List<Node> children = List.of();
    private List<String> compatible = List.of();
    private int phandle;

    Node(Node parent, String name, int index) {
        this.parent = parent;
        this.name = name;
        this.index = index;
        this.path = parent == null ? "/" : parent.parent == null ? "/" + name : parent.path + "/" + name;
    }

    void add(Property property) {
        properties.add(property);
    }

    void add(Node child) {
        if (children.isEmpty()) {
            children = new ArrayList<>();
        }
        children.add(child);
    }

    void seal() {
        properties = List.copyOf(properties);
        children = List.copyOf(children);
        compatible = strings("compatible");
        phandle = readPhandle("phandle");
        if (phandle == 0) {
            phandle = readPhandle("linux,phandle");
        }
    }

    private int readPhandle(String property) {
        Property p = property(property);
        int value = p != null && p.length() == 4 ? p.cell(0) : 0;
        return value == -1 ? 0 : value;
    }

    /** Returns the place in document order: 0 is the root. */
    public int index() {
        return index;
    }

    /** Returns the name with the unit address; empty for the root. */
    public String name() {
        return name;
    }

    /** Returns the name without the unit address. */
    public String baseName() {
        int at = name.indexOf('@');
        return at < 0 ? name : name.substring(0, at);
    }

    /** Returns what follows the {@code @} of the name, or null. */
    public String unitAddress() {
        int at = name.indexOf('@');
        return at < 0 ? null : name.substring(at + 1);
    }

    @Override
    public String path() {
        return path;
    }

    /** Returns the parent; null for the root. */
    public Node parent() {
        return parent;
    }

    /** Returns the children in document order. */
    public List<Node> children() {
        return children;
    }

    /** Returns the child of this full name, or the only one of this name without unit address, or null. */
    public Node child(String wanted) {
        Node found = null;
        for (Node child : children) {
            if (child.name.equals(wanted)) {
                return child;
            }
            if (child.name.startsWith(wanted) && child.name.startsWith("@", wanted.length())) {
                found = found == null ? child : this;
            }
        }
        return found == this ? null : found;
    }

    /** Returns the properties in document order. */
    public List<Property> properties() {
        return properties;
    }

    /** Returns the property, or null. */
    public Property property(String wanted) {
        for (int i = 0; i < properties.size(); i++) {
            Property p = properties.get(i);
            if (p.name().equals(wanted)) {
                return p;
            }
        }
        return null;
    }

    @Override
    public boolean has(String property) {
        return property(property) != null;
    }

    @Override
    public byte[] bytes(String property) {
        Property p = property(property);
        return p == null ? null : p.bytes();
    }

    @Override
    public int[] cells(String property) {
        Property p = property(property);
        return p == null ? NO_CELLS : p.cells();
    }

    @Override
    public List<String> strings(String property) {
        Property p = property(property);
        return p == null ? List.of() : p.strings();
    }

    /** Returns the first string of the property, or null when it is not there or not made of strings. */
    public String string(String property) {
        List<String> strings = strings(property);
        return strings.isEmpty() ? null : strings.get(0);
    }

    /** Returns the first cell of the property, or {@code otherwise} when it has fewer than four bytes. */
    public int u32(String property, int otherwise) {
        Property p = property(property);
        return p == null || p.length() < 4 ? otherwise : p.cell(0);
    }

    /** Returns the first two cells of the property as one number, or {@code otherwise} when it has fewer than eight bytes. */
    public long u64(String property, long otherwise) {
        Property p = property(property);
        return p == null || p.length() < 8 ? otherwise : p.number(0, 2);
    }

    /** Returns the compatible strings, most specific first. */
    public List<String> compatible() {
        return compatible;
    }

    /** Tells whether {@code wanted} is one of the compatible strings. */
    public boolean isCompatible(String wanted) {
        return compatible.contains(wanted);
    }

    /** Returns the phandle, 0 when the node has none. */
    public int phandle() {
        return phandle;
    }

    /** Returns the literal status, {@code okay} when the property is not there. */
    public String status() {
        if (!has("status")) {
            return "okay";
        }
        String status = string("status");
        return status == null ? "" : status;
    }

    /** Tells whether the node itself is available (status absent, okay or ok), whatever its ancestors are. */
    public boolean availableItself() {
        String status = status();
        return status.equals("okay") || status.equals("ok");
    }

    /** Tells whether the node and all its ancestors are available: only then a device is created for it. */
    @Override
    public boolean available() {
        for (Node node = this; node != null; node = node.parent) {
            if (!node.availableItself()) {
                return false;
            }
        }
        return true;
    }

    /** Returns the number of address cells of this node's children: its own, else inherited as Linux does, else 2. */
    public int addressCells() {
        return inherited("#address-cells", 2);
    }

    /** Returns the number of size cells of this node's children: its own, else inherited as Linux does, else 1. */
    public int sizeCells() {
        return inherited("#size-cells", 1);
    }

    private int inherited(String property, int otherwise) {
        for (Node node = this; node != null; node = node.parent) {
            Property p = node.property(property);
            if (p != null && p.length() >= 4) {
                return p.cell(0);
            }
        }
        return otherwise;
    }

    /** Returns the entries of {@code reg} with their CPU addresses; trailing cells that make no whole entry are left out. */
    public List<RegEntry> reg() {
        return BusTranslation.reg(this);
    }

    @Override
    public String toString() {
        return path;
    }
}
