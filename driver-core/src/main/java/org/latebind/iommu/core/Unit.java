package org.latebind.iommu.core;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.latebind.iommu.IommuOps;

/** A registered IOMMU unit. */
public final class Unit {

    private final String driver;
    private final IommuOps ops;
    private final Set<StreamClient> clients = new LinkedHashSet<>();

    Unit(String driver, IommuOps ops) {
        this.driver = Objects.requireNonNull(driver, "driver");
        this.ops = Objects.requireNonNull(ops, "ops");
    }

    /** Path of the unit's device. */
    public String path() {
        return ops.path();
    }

    /** Name of its driver. */
    public String driver() {
        return driver;
    }

    /** What its driver offers. */
    public IommuOps ops() {
        return ops;
    }

    /** Clients in the order in which they came; a view. */
    public Set<StreamClient> clients() {
        return Collections.unmodifiableSet(clients);
    }

    void add(StreamClient client) {
        clients.add(client);
    }

    void remove(StreamClient client) {
        clients.remove(client);
    }
}
