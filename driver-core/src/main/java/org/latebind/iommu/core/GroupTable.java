package org.latebind.iommu.core;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** The groups there are. A new one gets the lowest free number (driver core reference, section 7.2). */
final class GroupTable {

    private final BitSet numbers = new BitSet();
    private final List<Group> groups = new ArrayList<>();

    Optional<Group> find(Unit unit, Object key) {
        return groups.stream().filter(group -> group.isKeyedBy(unit, key)).findFirst();
    }

    Optional<Group> of(StreamClient client) {
        return groups.stream().filter(group -> group.members().contains(client)).findFirst();
    }

    Group create(Unit unit, Object key) {
        int number = numbers.nextClearBit(0);
        numbers.set(number);
        Group group = new Group(number, unit, key);
        groups.add(group);
        return group;
    }

    void drop(Group group) {
        if (!groups.remove(group)) {
            throw new IllegalStateException("group " + group.number() + " is not in the table");
        }
        numbers.clear(group.number());
    }

    List<Group> sorted() {
        List<Group> sorted = new ArrayList<>(groups);
        sorted.sort((a, b) -> Integer.compare(a.number(), b.number()));
        return sorted;
    }
}
