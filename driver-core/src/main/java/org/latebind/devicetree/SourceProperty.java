package org.latebind.devicetree;

import java.util.LinkedHashSet;
import java.util.Set;

/** A property while a source is read. */
final class SourceProperty {

    final String name;
    final SourcePlace place;
    /** Labels of the property and those inside its value. */
    final Set<String> labels = new LinkedHashSet<>(0);
    SourceData data;
    boolean deleted;

    /** {@code data} null: an order to delete the property of this name. */
    SourceProperty(String name, SourcePlace place, SourceData data) {
        this.name = name;
        this.place = place;
        this.data = data;
        this.deleted = data == null;
    }

    void delete() {
        deleted = true;
        labels.clear();
    }
}
