package org.latebind.explorer.replay;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.probe.Board;
import org.latebind.probe.LogRecord;
import org.latebind.probe.Outcome;
import org.latebind.probe.Reason;
import org.latebind.probe.State;

/** The end of a replay as the document of {@code replay --json}: maps and lists in the order of their keys. */
public final class ReplayDocument {

    private static final double MICROS_PER_SECOND = 1e6;

    private ReplayDocument() {
    }

    /** Makes the document; {@code name} is the board's name. */
    public static Map<String, Object> of(String name, ModelReplay replay) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("board", name);
        document.put("policy", replay.engine().policy().name());
        document.put("parameters", new LinkedHashMap<>(replay.engine().parameters().values()));
        Board board = replay.engine().board();
        State state = replay.state();
        List<Object> devices = new ArrayList<>();
        for (int d = 0; d < board.deviceCount(); d++) {
            if (state.present(d)) {
                devices.add(device(replay, d));
            }
        }
        document.put("devices", devices);
        List<Object> deferred = new ArrayList<>();
        for (int d : state.deferredList()) {
            deferred.add(board.device(d).path());
        }
        document.put("deferred", deferred);
        document.put("events", replay.events());
        return document;
    }

    private static Map<String, Object> device(ModelReplay replay, int d) {
        State state = replay.state();
        Board board = replay.engine().board();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("path", board.device(d).path());
        row.put("name", state.deviceName(d));
        row.put("driver", state.bound(d) ? replay.engine().catalogue().driver(state.driver(d)).name() : null);
        row.put("outcome", state.outcome(d).name());
        row.put("iommu", state.attachedTo(d) < 0 ? null : board.iommuPath(state.attachedTo(d)));
        row.put("group", state.group(d) < 0 ? null : state.group(d));
        row.put("reason", state.outcome(d) == Outcome.BOUND_TRANSLATED ? null : reason(state.explain(d)));
        List<Object> times = new ArrayList<>();
        for (LogRecord record : replay.log()) {
            if (record.kind() == LogRecord.Kind.BOUND && record.device() == d) {
                times.add(record.micros() / MICROS_PER_SECOND);
            }
        }
        row.put("boundAt", times);
        if (state.stateSynced(d)) {
            row.put("stateSynced", true);
        }
        return row;
    }

    /** A reason tree as nested maps. */
    public static Map<String, Object> reason(Reason reason) {
        if (reason == null) {
            return null;
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("kind", reason.kind().name().toLowerCase(java.util.Locale.ROOT));
        row.put("subject", reason.subject());
        row.put("property", reason.property());
        row.put("text", reason.text());
        List<Object> causes = new ArrayList<>();
        reason.causes().forEach(cause -> causes.add(reason(cause)));
        row.put("causes", causes);
        return row;
    }
}
