package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A node while a source is read. What is deleted stays in its place, marked: a node or property that comes back takes the place
 * it had, as with dtc.
 */
final class SourceNode {

    final String name;
    final SourcePlace place;
    final Set<String> labels = new LinkedHashSet<>(0);
    final List<SourceProperty> properties = new ArrayList<>();
    final List<SourceNode> children = new ArrayList<>(0);
    private final Map<String, SourceProperty> propertyByName = new LinkedHashMap<>();
    private final Map<String, SourceNode> childByName = new LinkedHashMap<>();
    SourceNode parent;
    boolean deleted;
    boolean omitIfUnused;
    boolean referenced;
    int phandle;

    SourceNode(String name, SourcePlace place) {
        this.name = name;
        this.place = place;
    }

    void add(SourceProperty property) {
        properties.add(property);
        propertyByName.putIfAbsent(property.name, property);
    }

    void add(SourceNode child) {
        child.parent = this;
        children.add(child);
        childByName.putIfAbsent(child.name, child);
    }

    /** Returns the property, or null when it is not there or deleted. */
    SourceProperty property(String wanted) {
        SourceProperty p = propertyByName.get(wanted);
        return p == null || p.deleted ? null : p;
    }

    /** Returns the child, or null when it is not there or deleted. */
    SourceNode child(String wanted) {
        SourceNode child = childByName.get(wanted);
        return child == null || child.deleted ? null : child;
    }

    String path() {
        return parent == null ? "/" : parent.parent == null ? "/" + name : parent.path() + "/" + name;
    }

    /** Tells {@code labelled} of the node and all below that have labels. */
    void attach(Consumer<SourceNode> labelled) {
        if (!labels.isEmpty()) {
            labelled.accept(this);
        }
        children.forEach(child -> child.attach(labelled));
    }

    /** Deletes the node with all that is in it. */
    void delete() {
        deleted = true;
        labels.clear();
        properties.forEach(SourceProperty::delete);
        children.forEach(SourceNode::delete);
    }

    /** Lays a later definition of the same node over this one; {@code labelled} is told of every node that gets labels. */
    void merge(SourceNode later, Consumer<SourceNode> labelled) {
        deleted = false;
        if (labels.addAll(later.labels)) {
            labelled.accept(this);
        }
        for (SourceProperty p : later.properties) {
            SourceProperty mine = propertyByName.get(p.name);
            if (p.deleted) {
                if (mine != null) {
                    mine.delete();
                }
            } else if (mine == null) {
                add(p);
            } else {
                mine.data = p.data;
                mine.labels.addAll(p.labels);
                mine.deleted = false;
            }
        }
        for (SourceNode child : later.children) {
            SourceNode mine = childByName.get(child.name);
            if (child.deleted) {
                if (mine != null) {
                    mine.delete();
                }
            } else if (mine == null) {
                add(child);
                child.attach(labelled);
            } else {
                mine.merge(child, labelled);
            }
        }
    }
}
