package org.latebind.console.trace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.latebind.console.report.CoreText;
import org.latebind.driver.Device.LogLevel;
import org.latebind.runtime.LogEntry;

/** The log of a run in other forms. Pure functions. */
public final class TraceViews {

    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int PROCESS = 1;
    private static final int CORE_THREAD = 1;

    private TraceViews() {
    }

    /** The lines a kernel would print: everything but debug messages, with times. */
    public static String dmesg(List<LogEntry> log) {
        StringBuilder text = new StringBuilder();
        for (LogEntry entry : log) {
            if (entry.level() != LogLevel.DEBUG) {
                text.append(CoreText.line(entry)).append('\n');
            }
        }
        return text.toString();
    }

    /**
     * The Trace Event Format of Chrome, which the Perfetto UI opens: one thread for each device with complete events
     * (waiting, bound) and instants, thread 1 for what concerns no device. Times are virtual, in microseconds.
     */
    public static Map<String, Object> traceEvents(String board, List<LogEntry> log) {
        List<Object> events = new ArrayList<>();
        events.add(metadata("process_name", 0, board));
        events.add(metadata("thread_name", CORE_THREAD, "driver core"));
        Map<String, Integer> threads = new LinkedHashMap<>();
        for (LogEntry entry : log) {
            if (entry.subject().startsWith("/") && !threads.containsKey(entry.subject())) {
                threads.put(entry.subject(), CORE_THREAD + 1 + threads.size());
                events.add(metadata("thread_name", threads.get(entry.subject()), entry.subject()));
            }
        }
        for (Wait wait : Wait.of(log)) {
            Map<String, Object> event = event("X", wait.kind().name().toLowerCase(Locale.ROOT), wait.fromNanos(),
                    threads.getOrDefault(wait.device(), CORE_THREAD));
            event.put("dur", wait.nanos() / NANOS_PER_MICRO);
            event.put("args", Map.of("driver", wait.driver()));
            events.add(event);
        }
        for (LogEntry entry : log) {
            Map<String, Object> event = event("i", entry.text().isEmpty() ? entry.kind().name() : entry.text(), entry.timeNanos(),
                    threads.getOrDefault(entry.subject(), CORE_THREAD));
            event.put("s", "t");
            event.put("cat", entry.kind().name().toLowerCase(Locale.ROOT));
            event.put("args", new java.util.TreeMap<>(entry.details()));
            events.add(event);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("displayTimeUnit", "ms");
        document.put("traceEvents", events);
        return document;
    }

    private static Map<String, Object> event(String phase, String name, long nanos, int thread) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("ph", phase);
        event.put("name", name);
        event.put("ts", nanos / NANOS_PER_MICRO);
        event.put("pid", PROCESS);
        event.put("tid", thread);
        return event;
    }

    private static Map<String, Object> metadata(String what, int thread, String name) {
        Map<String, Object> event = event("M", what, 0, thread);
        event.put("args", Map.of("name", name));
        return event;
    }

    /** Who waited longest: total waiting time of each device, longest first, then by path. */
    public static String blame(List<LogEntry> log) {
        Map<String, Long> waited = new LinkedHashMap<>();
        for (Wait wait : Wait.of(log)) {
            if (wait.kind() == Wait.Kind.WAITING) {
                waited.merge(wait.device(), wait.nanos(), Long::sum);
            }
        }
        StringBuilder text = new StringBuilder();
        waited.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> text.append(String.format(Locale.ROOT, "%12.6fs %s%n", entry.getValue() / NANOS_PER_SECOND,
                        entry.getKey())));
        return text.isEmpty() ? "nobody waited\n" : text.toString();
    }

    /** The schedule that plays the run again: its commands, and loads and unloads of modules as their drivers came and went. */
    public static String schedule(List<LogEntry> log) {
        StringBuilder text = new StringBuilder();
        java.util.Set<String> loaded = new java.util.HashSet<>();
        long now = 0;
        for (LogEntry entry : log) {
            String bundle = entry.details().get("bundle");
            String event = entry.details().get("schedule");
            if (entry.kind() == LogEntry.Kind.DRIVER_ADDED && bundle != null && loaded.add(bundle)) {
                event = "load " + bundle;
            } else if (entry.kind() == LogEntry.Kind.DRIVER_REMOVED && bundle != null && loaded.remove(bundle)) {
                event = "unload " + bundle;
            }
            if (event != null) {
                // Time that no command moved was moved by the clock.
                String at = event.startsWith("advance ") || entry.timeNanos() <= now ? ""
                        : String.format(Locale.ROOT, " at %.6f", entry.timeNanos() / NANOS_PER_SECOND);
                text.append(event).append(at).append('\n');
                now = Math.max(now, entry.timeNanos()) + advanced(event);
            }
        }
        return text.toString();
    }

    private static long advanced(String event) {
        return event.startsWith("advance ")
                ? Math.round(Double.parseDouble(event.substring("advance ".length())) * NANOS_PER_SECOND) : 0;
    }
}
