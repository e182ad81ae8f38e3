package org.latebind.runtime;

import java.util.Map;
import java.util.Objects;
import org.latebind.driver.Device.LogLevel;

/**
 * One line of the core's log, the truth of which dmesg text, JSON lines, traces and the web page are views.
 *
 * @param sequence  position in the log, from 0
 * @param timeNanos virtual time since the board came up
 * @param kind      what happened; not null
 * @param level     weight; not null
 * @param subject   path of the device, or name of the driver, parameter or timer it is about; may be empty, not null
 * @param text      one line for people; not null
 * @param details   typed facts, for example {@code group} or {@code driver}; keys are stable; not null
 */
public record LogEntry(long sequence, long timeNanos, Kind kind, LogLevel level, String subject, String text,
        Map<String, String> details) {

    /** Checks the arguments. */
    public LogEntry {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(text, "text");
        details = Map.copyOf(details);
    }

    /** What happened. */
    public enum Kind {
        /** The board came up or went away. */ BOARD,
        /** An event reached the engine. */ EVENT,
        /** A driver is tried on a device. */ ATTEMPT,
        /** A device bound; details {@code driver}, {@code outcome}. */ BOUND,
        /** A device waits; details {@code reason}. */ DEFERRED,
        /** A probe failed for good; details {@code driver}, {@code errno}. */ FAILED,
        /** A device lost its driver. */ RELEASED,
        /** A unit was registered. */ IOMMU_ADDED,
        /** A unit was unregistered. */ IOMMU_REMOVED,
        /** A device joined a group; details {@code group}, {@code iommu}, {@code ids}, {@code domain}. */ GROUP_JOINED,
        /** A device left its group; details {@code group}. */ GROUP_LEFT,
        /** A driver came; details {@code bundle}. */ DRIVER_ADDED,
        /** A driver went; details {@code bundle}. */ DRIVER_REMOVED,
        /** A driver misbehaved: threw, hung, answered late, would not go. */ DRIVER_MISBEHAVED,
        /** A line a driver wrote. */ MESSAGE,
        /** A timer was armed, restarted or fired. */ TIMER,
        /** A parameter changed. */ PARAMETER,
        /** A command, details {@code schedule}: its text; or a refusal. */ COMMAND,
        /** The hardware complained. */ FINDING
    }
}
