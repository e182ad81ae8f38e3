package org.latebind.console.trace;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.latebind.devicetree.PathSearch;
import org.latebind.runtime.LogEntry;

/**
 * Why a device was bound no earlier: backwards from its last bind, at each device the event that let its probe succeed. That is
 * the bind of its IOMMU when it waited and joined a group; else the last device that bound, or its own driver that came, between
 * its last deferral and its bind.
 */
public final class CriticalPath {

    private CriticalPath() {
    }

    /**
     * The path, the device first.
     *
     * @param device path of the device
     * @return the log entries on it, latest first; empty when the device never bound
     */
    public static List<LogEntry> of(List<LogEntry> log, String device) {
        List<LogEntry> path = new ArrayList<>();
        Set<Long> seen = new HashSet<>();
        int at = lastBound(log, device, log.size());
        while (at >= 0 && seen.add(log.get(at).sequence())) {
            path.add(log.get(at));
            at = enabler(log, at);
        }
        return List.copyOf(path);
    }

    /** The path as text, one line each, or a sentence when the device never bound; {@code name} may be a part of a path. */
    public static String text(List<LogEntry> log, String name) {
        Set<String> subjects = new LinkedHashSet<>();
        log.forEach(entry -> subjects.add(entry.subject()));
        List<String> found = PathSearch.find(subjects, name);
        if (found.size() > 1) {
            return name + ": several devices: " + String.join(", ", found) + "\n";
        }
        String device = found.isEmpty() ? name : found.get(0);
        List<LogEntry> path = of(log, device);
        if (path.isEmpty()) {
            return device + " never bound\n";
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < path.size(); i++) {
            LogEntry entry = path.get(i);
            text.append(String.format(java.util.Locale.ROOT, "%s@%.6fs  %s: %s%n", "  ".repeat(i), entry.timeNanos() / 1e9,
                    entry.subject(), entry.text()));
        }
        return text.toString();
    }

    private static int lastBound(List<LogEntry> log, String device, int before) {
        for (int i = before - 1; i >= 0; i--) {
            if (log.get(i).kind() == LogEntry.Kind.BOUND && log.get(i).subject().equals(device)) {
                return i;
            }
        }
        return -1;
    }

    private static int enabler(List<LogEntry> log, int bound) {
        LogEntry entry = log.get(bound);
        if (entry.kind() != LogEntry.Kind.BOUND) {
            return -1;
        }
        String driver = entry.details().getOrDefault("driver", "");
        int attempt = -1;
        for (int i = bound - 1; i >= 0; i--) {
            LogEntry earlier = log.get(i);
            boolean own = earlier.subject().equals(entry.subject());
            if (attempt < 0) {
                attempt = own && earlier.kind() == LogEntry.Kind.ATTEMPT ? i : -1;
            } else if (own && earlier.kind() == LogEntry.Kind.DEFERRED) {
                return -1;
            } else if (earlier.kind() == LogEntry.Kind.BOUND || own && earlier.kind() == LogEntry.Kind.TIMER
                    || earlier.kind() == LogEntry.Kind.DRIVER_ADDED && earlier.subject().equals(driver)) {
                return preferIommu(log, i, attempt, bound);
            }
        }
        return -1;
    }

    private static int preferIommu(List<LogEntry> log, int found, int attempt, int bound) {
        for (int i = attempt; i < bound; i++) {
            LogEntry entry = log.get(i);
            if (entry.kind() == LogEntry.Kind.GROUP_JOINED && entry.subject().equals(log.get(bound).subject())) {
                int unit = lastBound(log, entry.details().getOrDefault("iommu", ""), attempt);
                return unit >= 0 && waitedSince(log, unit, log.get(bound).subject()) ? unit : found;
            }
        }
        return found;
    }

    /** Whether the device had been deferred before this event: only then did it wait for it. */
    private static boolean waitedSince(List<LogEntry> log, int event, String device) {
        return log.subList(0, event).stream()
                .anyMatch(entry -> entry.kind() == LogEntry.Kind.DEFERRED && entry.subject().equals(device));
    }
}
