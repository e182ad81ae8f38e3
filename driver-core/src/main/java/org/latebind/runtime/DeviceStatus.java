package org.latebind.runtime;

import java.util.List;
import java.util.Objects;

/**
 * One device.
 *
 * @param path          path in the tree, unique
 * @param name          Linux' device name
 * @param compatible    compatible strings, most specific first
 * @param driver        name of the bound driver, or null
 * @param outcome       word of the outcome vocabulary: {@code NO_DRIVER}, {@code PENDING}, {@code FAILED},
 *                      {@code BOUND_TRANSLATED}, {@code BOUND_IDENTITY}, {@code BOUND_DIRECT}, {@code BOUND_BLOCKED},
 *                      {@code GROUPED_UNBOUND} or {@code FORCED_OFF}
 * @param iommu         path of the unit it is attached to, or null
 * @param group         group number, or null
 * @param streams       stream ids at that unit, in the order of the tree; empty without unit
 * @param reason        why it is not {@code BOUND_TRANSLATED}; null when it is
 * @param boundAtNanos  virtual times at which it was bound, oldest first
 * @param stateSynced   whether it was told that all its consumers are bound (Linux: {@code state_synced})
 */
public record DeviceStatus(String path, String name, List<String> compatible, String driver, String outcome, String iommu,
        Integer group, List<Integer> streams, Reason reason, List<Long> boundAtNanos, boolean stateSynced) {

    /** A device that was told nothing of its consumers. */
    public DeviceStatus(String path, String name, List<String> compatible, String driver, String outcome, String iommu,
            Integer group, List<Integer> streams, Reason reason, List<Long> boundAtNanos) {
        this(path, name, compatible, driver, outcome, iommu, group, streams, reason, boundAtNanos, false);
    }

    /** Checks and copies the arguments. */
    public DeviceStatus {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(outcome, "outcome");
        compatible = List.copyOf(compatible);
        streams = List.copyOf(streams);
        boundAtNanos = List.copyOf(boundAtNanos);
    }

    /** Tells whether a driver holds the device. */
    public boolean bound() {
        return driver != null;
    }
}
