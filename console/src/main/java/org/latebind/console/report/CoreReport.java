package org.latebind.console.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.LogEntry;
import org.latebind.runtime.Reason;

/**
 * A snapshot as the documents of the command line: maps and lists in the order of their keys, ready for any JSON library.
 * The keys are a stable contract.
 */
public final class CoreReport {

    private static final double NANOS_PER_SECOND = 1e9;

    private CoreReport() {
    }

    /** The document of {@code run --json} and {@code replay --json}. */
    public static Map<String, Object> document(CoreSnapshot snapshot) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("board", snapshot.board());
        document.put("policy", snapshot.policy());
        document.put("parameters", new LinkedHashMap<>(snapshot.parameters()));
        List<Object> devices = new ArrayList<>();
        for (DeviceStatus device : snapshot.devices()) {
            devices.add(device(device));
        }
        document.put("devices", devices);
        document.put("deferred", new ArrayList<>(snapshot.deferred()));
        document.put("events", snapshot.events());
        return document;
    }

    private static Map<String, Object> device(DeviceStatus device) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("path", device.path());
        row.put("driver", device.driver());
        row.put("outcome", device.outcome());
        row.put("iommu", device.iommu());
        row.put("group", device.group());
        row.put("reason", device.reason() == null ? null : reason(device.reason()));
        List<Object> times = new ArrayList<>();
        for (long nanos : device.boundAtNanos()) {
            times.add(nanos / NANOS_PER_SECOND);
        }
        row.put("boundAt", times);
        if (device.stateSynced()) {
            row.put("stateSynced", true);
        }
        return row;
    }

    /** A log entry as a map: one line of a trace. */
    public static Map<String, Object> logEntry(LogEntry entry) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("sequence", entry.sequence());
        row.put("time", entry.timeNanos() / NANOS_PER_SECOND);
        row.put("kind", entry.kind().name());
        row.put("level", entry.level().name());
        row.put("subject", entry.subject());
        row.put("text", entry.text());
        row.put("details", new java.util.TreeMap<>(entry.details()));
        return row;
    }

    /** A reason tree as nested maps. */
    public static Map<String, Object> reason(Reason reason) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("kind", reason.kind());
        row.put("subject", reason.subject());
        row.put("text", reason.text());
        List<Object> causes = new ArrayList<>();
        for (Reason cause : reason.causes()) {
            causes.add(reason(cause));
        }
        row.put("causes", causes);
        return row;
    }
}
