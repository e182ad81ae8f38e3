package org.latebind.console.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.runtime.LogEntry;

/**
 * A stretch of time in the life of a device.
 *
 * @param device    path
 * @param kind      what it did in that time
 * @param fromNanos virtual time of its beginning
 * @param toNanos   virtual time of its end; the log's last when it did not end
 * @param driver    name of the driver that waited or was bound; may be empty
 */
public record Wait(String device, Kind kind, long fromNanos, long toNanos, String driver) {

    /** What a device does. */
    public enum Kind {
        /** Its probe was deferred. */ WAITING,
        /** A driver holds it. */ BOUND
    }

    /** Length in nanoseconds. */
    public long nanos() {
        return toNanos - fromNanos;
    }

    /** All stretches of a log, by device in the order in which the devices appear, each device's in time. */
    public static List<Wait> of(List<LogEntry> log) {
        Map<String, List<Wait>> done = new LinkedHashMap<>();
        Map<String, Wait> open = new LinkedHashMap<>();
        long end = log.isEmpty() ? 0 : log.get(log.size() - 1).timeNanos();
        for (LogEntry entry : log) {
            Wait now = open.get(entry.subject());
            Kind next = switch (entry.kind()) {
                case DEFERRED -> Kind.WAITING;
                case BOUND -> Kind.BOUND;
                default -> null;
            };
            boolean over = next != null ? now != null && now.kind() != next
                    : now != null && (entry.kind() == LogEntry.Kind.RELEASED || entry.kind() == LogEntry.Kind.FAILED);
            if (over) {
                close(done, open.remove(entry.subject()), entry.timeNanos());
                now = null;
            }
            if (next != null && now == null) {
                done.computeIfAbsent(entry.subject(), path -> new ArrayList<>());
                open.put(entry.subject(), new Wait(entry.subject(), next, entry.timeNanos(), entry.timeNanos(),
                        entry.details().getOrDefault("driver", "")));
            }
        }
        open.values().forEach(wait -> close(done, wait, end));
        return done.values().stream().flatMap(List::stream).toList();
    }

    private static void close(Map<String, List<Wait>> done, Wait wait, long at) {
        done.get(wait.device()).add(new Wait(wait.device(), wait.kind(), wait.fromNanos(), at, wait.driver()));
    }
}
