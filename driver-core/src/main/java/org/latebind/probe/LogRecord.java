package org.latebind.probe;

import java.util.Objects;

/**
 * One step of the engine, the source of every view: dmesg text, JSON lines, traces. Numbers are -1 where they do not apply.
 *
 * @param micros virtual time in microseconds
 * @param kind   what happened; not null
 * @param device device
 * @param driver driver
 * @param other  by kind: supplier device or IOMMU, module, group number, errno, or number of devices
 * @param text   reason or free text; empty for none, not null
 */
public record LogRecord(long micros, Kind kind, int device, int driver, int other, String text) {

    /** Checks. */
    public LogRecord {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(text, "text");
    }

    /** The kinds of steps. */
    public enum Kind {
        /** Module loaded; other: module. */ LOADED,
        /** Module unloaded; other: module. */ UNLOADED,
        /** Event refused; text: why; other: errno. */ REFUSED,
        /** Driver registered. */ DRIVER_REGISTERED,
        /** Driver unregistered. */ DRIVER_UNREGISTERED,
        /** Device created. */ DEVICE_ADDED,
        /** Device removed. */ DEVICE_REMOVED,
        /** A probe starts; links are satisfied. */ ATTEMPT,
        /** Put on, or kept on, the deferred list. */ DEFERRED,
        /** Taken from the list for a retry. */ RETRY,
        /** Waiting for an IOMMU (other) is given up. */ TIMED_OUT,
        /** Probe failed; other: errno. */ FAILED,
        /** Bound. */ BOUND,
        /** Driver left the device. */ UNBOUND,
        /** As {@link #UNBOUND}, by force: other: the supplier device that went. */ FORCED_OFF,
        /** Joined group {@code other}. */ GROUP_JOINED,
        /** Left group {@code other}. */ GROUP_LEFT,
        /** Runs without its IOMMU (other) by the IOMMU driver's own policy. */ REFUSED_BY_IOMMU,
        /** IOMMU registered; other: IOMMU. */ IOMMU_REGISTERED,
        /** IOMMU unregistered; other: IOMMU. */ IOMMU_UNREGISTERED,
        /** The deferred list is handed to the worker; other: number of devices, when counted. */ TRIGGER,
        /** The deferred-probe timer is (re)started; other: seconds. */ TIMER_ARMED,
        /** It fired. */ TIMER_EXPIRED,
        /** Link from device to supplier device (other) no longer holds. */ LINK_RELAXED,
        /** Still pending when the timer fired. */ STILL_PENDING,
        /** The supplier (device) is told that all its consumers are bound, or, with a text, that nobody waits for them any more. */
        SYNC_STATE,
        /** The timer expired, and the supplier (device) still waits for a consumer (other) to bind. */ SYNC_STATE_PENDING,
        /** late_initcall. */ LATE_INIT,
        /** User space starts. */ INIT,
        /** Suspended. */ SUSPEND,
        /** Resumed. */ RESUME,
        /** Boot stops here: the hypervisor panics. */ PANIC
    }
}
