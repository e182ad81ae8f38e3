package org.latebind.explorer.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.explorer.replay.ReplayDocument;
import org.latebind.probe.Reason;

/** An explanation as text and as a document: what the command line, the shell and the live page show. Pure. */
public final class ExplanationReport {

    private ExplanationReport() {
    }

    /** Text for people: the reason tree, then each command with where it leads, then what nearly matches. */
    public static String text(DeviceExplanation e) {
        StringBuilder text = new StringBuilder(e.path() + ": " + e.before() + "\n");
        if (e.reason() != null) {
            tree(text, e.reason(), e.path(), 1);
        }
        if (!e.steps().isEmpty()) {
            text.append(e.after().isBound() ? "cure: " : "known commands lead only this far: ")
                    .append(String.join(", then ", e.cures())).append(" -> ").append(e.after()).append('\n');
            for (CureStep step : e.steps()) {
                text.append("  after ").append(step.command()).append(": ").append(step.outcome()).append('\n');
                if (step.reason() != null) {
                    tree(text, step.reason(), e.path(), 2);
                }
            }
        } else if (e.reason() != null) {
            text.append("no known command changes that; 'latebind explore' says whether another order of loading does\n");
        }
        e.nearMiss().ifPresent(miss -> text.append("nearly: driver ").append(miss.driver()).append(" (module ")
                .append(miss.module()).append(") matches ").append(miss.offered()).append(", not ").append(miss.wanted())
                .append(": ").append(miss.distance() == 1 ? "one character differs" : miss.distance() + " characters differ")
                .append('\n'));
        return text.toString();
    }

    /** A document for {@code --json} and the page. */
    public static Map<String, Object> document(DeviceExplanation e) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("device", e.path());
        document.put("outcome", e.before().name());
        document.put("reason", ReplayDocument.reason(e.reason()));
        document.put("cures", e.cures());
        List<Object> steps = new ArrayList<>();
        for (CureStep step : e.steps()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("command", step.command());
            row.put("outcome", step.outcome().name());
            row.put("reason", ReplayDocument.reason(step.reason()));
            steps.add(row);
        }
        document.put("steps", steps);
        document.put("outcomeAfterCures", e.after().name());
        document.put("remaining", ReplayDocument.reason(e.remaining()));
        document.put("nearMiss", e.nearMiss().map(ExplanationReport::miss).orElse(null));
        return document;
    }

    private static Map<String, Object> miss(NearMiss miss) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("wanted", miss.wanted());
        row.put("offered", miss.offered());
        row.put("driver", miss.driver());
        row.put("module", miss.module());
        row.put("distance", miss.distance());
        return row;
    }

    private static void tree(StringBuilder text, Reason reason, String above, int depth) {
        String name = switch (reason.kind()) {
            case MODULE -> "module " + reason.subject() + ": ";
            case NOTHING -> reason.subject() + ": ";
            default -> reason.subject().equals(above) || reason.subject().isEmpty() ? ""
                    : (reason.property().isEmpty() ? "" : reason.property() + " names ") + reason.subject() + ": ";
        };
        text.append("  ".repeat(depth)).append(name).append(reason.text()).append('\n');
        reason.causes().forEach(cause -> tree(text, cause, reason.subject(), depth + 1));
    }
}
