package org.latebind.iommu.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.latebind.iommu.Domain;
import org.latebind.iommu.ReservedRegion;

/**
 * Devices that an IOMMU cannot tell apart, or must not: they share one domain. Lives as long as it has members.
 */
public final class Group {

    private final int number;
    private final Unit unit;
    private final Object key;
    private final Set<StreamClient> members = new LinkedHashSet<>();
    private final List<ReservedRegion> reserved = new ArrayList<>();
    private Domain defaultDomain;
    private Domain current;

    Group(int number, Unit unit, Object key) {
        this.number = number;
        this.unit = Objects.requireNonNull(unit, "unit");
        this.key = Objects.requireNonNull(key, "key");
    }

    /** Lowest number that was free when the group came. */
    public int number() {
        return number;
    }

    /** The unit of its members. */
    public Unit unit() {
        return unit;
    }

    /** Members in the order in which they joined; a view. */
    public Set<StreamClient> members() {
        return Collections.unmodifiableSet(members);
    }

    /** The domain the DMA API uses; not null once the first member has joined. */
    public Domain defaultDomain() {
        return defaultDomain;
    }

    /** The domain the members are attached to: the default domain unless somebody took the group over. */
    public Domain current() {
        return current;
    }

    /** Reserved regions of all members so far. */
    public List<ReservedRegion> reserved() {
        return List.copyOf(reserved);
    }

    boolean isKeyedBy(Unit otherUnit, Object otherKey) {
        return unit == otherUnit && key.equals(otherKey);
    }

    void adopt(Domain domain) {
        defaultDomain = domain;
        current = domain;
    }

    void attachedTo(Domain domain) {
        current = domain;
    }

    void join(StreamClient client, List<ReservedRegion> regions) {
        members.add(client);
        for (ReservedRegion region : regions) {
            if (!reserved.contains(region)) {
                reserved.add(region);
            }
        }
    }

    void leave(StreamClient client) {
        members.remove(client);
    }
}
