package org.latebind.explorer.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Finding;
import org.latebind.explorer.Repair;
import org.latebind.explorer.replay.ReplayDocument;
import org.latebind.schedule.Schedule;

/** The document of {@code explore --format json}: maps and lists in the order of their keys, which are a stable contract. */
public final class ExplorationDocument {

    private ExplorationDocument() {
    }

    /** Makes the document. */
    public static Map<String, Object> of(String board, Exploration exploration) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("board", board);
        document.put("policy", exploration.policy());
        document.put("parameters", new TreeMap<>(exploration.parameters()));
        document.put("verdict", verdict(exploration));
        List<Object> devices = new ArrayList<>();
        for (Exploration.DeviceResult device : exploration.devices()) {
            devices.add(device(device));
        }
        document.put("devices", devices);
        List<Object> findings = new ArrayList<>();
        exploration.findings().forEach(finding -> findings.add(finding(finding)));
        document.put("findings", findings);
        document.put("stats", stats(exploration.stats()));
        return document;
    }

    /** The verdict's word: order-independent, order-dependent or limit. */
    public static String verdict(Exploration exploration) {
        return exploration.verdict().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Map<String, Object> device(Exploration.DeviceResult device) {
        List<Object> outcomes = new ArrayList<>();
        for (Exploration.Reachable reachable : device.outcomes()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("outcome", reachable.outcome().name());
            row.put("schedule", lines(reachable.schedule()));
            outcomes.add(row);
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("path", device.path());
        row.put("outcomes", outcomes);
        return row;
    }

    private static Map<String, Object> finding(Finding finding) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("rule", finding.rule().id());
        row.put("device", finding.device());
        row.put("outcome", finding.outcome().name());
        row.put("schedule", lines(finding.schedule()));
        Map<String, Object> cause = ReplayDocument.reason(finding.cause());
        cause.put("sentence", finding.sentence());
        row.put("cause", cause);
        List<Object> repairs = new ArrayList<>();
        for (Repair repair : finding.repair()) {
            Map<String, Object> change = new LinkedHashMap<>();
            change.put("file", repair.file());
            change.put("line", repair.line());
            repairs.add(change);
        }
        row.put("repair", repairs);
        row.put("repairVerified", finding.repairVerified());
        Map<String, Object> trail = new LinkedHashMap<>();
        trail.put("devices", finding.trail().devices());
        trail.put("outcomes", finding.trail().outcomes().stream().map(step -> step.stream().map(Enum::name).toList()).toList());
        row.put("trail", trail);
        return row;
    }

    private static Map<String, Object> stats(Exploration.Stats stats) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("modules", stats.modules());
        row.put("orders", orders(stats));
        row.put("states", stats.states());
        row.put("transitions", stats.transitions());
        row.put("bytes", stats.bytes());
        row.put("millis", stats.millis());
        return row;
    }

    /** The number of orders as a decimal string; null when counting them would cost more than the search. */
    static String orders(Exploration.Stats stats) {
        return stats.orders() == null ? null : stats.orders().toString();
    }

    /** A schedule as one text for each event. */
    public static List<String> lines(Schedule schedule) {
        return schedule.steps().stream().map(Schedule::format).toList();
    }
}
