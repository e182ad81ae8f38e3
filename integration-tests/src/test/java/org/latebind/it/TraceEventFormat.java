package org.latebind.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A strict reading of the Trace Event Format, which the Perfetto UI imports (document "Trace Event Format", JSON Object Format, Event
 * Descriptions, Complete, Instant and Metadata Events). Whatever the document does not define counts as an error here.
 */
final class TraceEventFormat {

    private static final Set<String> TOP = Set.of("traceEvents", "displayTimeUnit", "systemTraceEvents", "otherData", "stackFrames",
            "samples", "metadata");
    private static final Set<String> KEYS = Set.of("name", "cat", "ph", "ts", "tts", "pid", "tid", "args", "dur", "tdur", "s", "id",
            "cname", "sf", "stack");
    private static final Set<String> METADATA = Set.of("process_name", "process_labels", "process_sort_index", "thread_name",
            "thread_sort_index");

    private final List<String> problems = new ArrayList<>();
    private final Map<String, List<double[]>> complete = new TreeMap<>();

    private TraceEventFormat() {
    }

    /** Everything that is wrong with a document; empty when it is right. */
    static List<String> problems(JsonNode document) {
        TraceEventFormat checker = new TraceEventFormat();
        checker.check(document);
        return checker.problems;
    }

    private void check(JsonNode document) {
        require(document.isObject(), "the document is an object", document);
        document.fieldNames().forEachRemaining(key -> require(TOP.contains(key), "key of the object format", key));
        JsonNode unit = document.path("displayTimeUnit");
        require(unit.isMissingNode() || Set.of("ms", "ns").contains(unit.asText()), "displayTimeUnit is ms or ns", unit);
        require(document.path("traceEvents").isArray(), "traceEvents is an array", document.path("traceEvents"));
        document.path("traceEvents").forEach(this::event);
        complete.forEach(this::nested);
    }

    private void event(JsonNode event) {
        event.fieldNames().forEachRemaining(key -> require(KEYS.contains(key), "key of an event", key));
        require(event.path("name").isTextual() && !event.path("name").asText().isEmpty(), "a name", event);
        require(event.path("pid").isIntegralNumber() && event.path("tid").isIntegralNumber(), "pid and tid are integers", event);
        require(event.path("ts").isNumber() && event.path("ts").asDouble() >= 0, "ts in microseconds, not negative", event);
        require(event.path("args").isMissingNode() || event.path("args").isObject(), "args is an object", event);
        require(event.path("cat").isMissingNode() || event.path("cat").isTextual(), "cat is text", event);
        switch (event.path("ph").asText()) {
            case "X" -> {
                require(event.path("dur").isNumber() && event.path("dur").asDouble() >= 0, "a complete event has a duration", event);
                complete.computeIfAbsent(event.path("pid") + "/" + event.path("tid"), key -> new ArrayList<>())
                        .add(new double[] {event.path("ts").asDouble(), event.path("ts").asDouble() + event.path("dur").asDouble()});
            }
            case "i" -> require(Set.of("g", "p", "t").contains(event.path("s").asText("t")), "the scope of an instant event", event);
            case "M" -> {
                require(METADATA.contains(event.path("name").asText()), "a metadata event the document names", event);
                require(event.path("args").path("name").isTextual(), "args.name of a metadata event", event);
            }
            default -> require(false, "a phase this trace may have", event);
        }
    }

    /** Complete events of one thread lie in each other or apart. */
    private void nested(String thread, List<double[]> spans) {
        spans.sort(Comparator.<double[]>comparingDouble(span -> span[0]).thenComparing(Comparator.comparingDouble(span -> -span[1])));
        Deque<double[]> open = new ArrayDeque<>();
        for (double[] span : spans) {
            while (!open.isEmpty() && open.peek()[1] <= span[0]) {
                open.pop();
            }
            require(open.isEmpty() || span[1] <= open.peek()[1], "nesting on thread " + thread, span[0] + " to " + span[1]);
            open.push(span);
        }
    }

    private void require(boolean holds, String rule, Object where) {
        if (!holds) {
            problems.add(rule + ": " + where);
        }
    }
}
