package org.latebind.explorer.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Finding;
import org.latebind.explorer.Repair;
import org.latebind.probe.Outcome;
import org.latebind.probe.Reason;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/** An exploration as text that can be read in a log: verdict, findings with their schedules as two columns, repairs. */
public final class ExplorationText {

    private static final int LEFT_WIDTH = 38;
    private static final int MIDDLE_WIDTH = 20;
    private static final int LINE_WIDTH = 118;
    private static final int REASON_DEPTH_MAX = 12;

    private ExplorationText() {
    }

    /** The whole report. */
    public static String of(String board, Exploration exploration) {
        StringBuilder text = new StringBuilder();
        Exploration.Stats stats = exploration.stats();
        text.append(String.format(Locale.ROOT, "%s, policy %s: %s%n", board, exploration.policy(),
                ExplorationDocument.verdict(exploration)));
        text.append(String.format(Locale.ROOT, "%d modules, %s orders, %d states, %d transitions, %d ms%n", stats.modules(),
                stats.orders() == null ? "uncounted" : stats.orders(), stats.states(), stats.transitions(), stats.millis()));
        for (Map.Entry<String, Integer> entry : outcomeSets(exploration).entrySet()) {
            text.append(String.format(Locale.ROOT, "  %4d device%s can end as %s%n", entry.getValue(),
                    entry.getValue() == 1 ? " " : "s", entry.getKey()));
        }
        int number = 1;
        for (FindingGroup group : FindingGroup.of(exploration.findings())) {
            text.append('\n').append(finding(number++, group));
        }
        if (exploration.findings().isEmpty()) {
            text.append("no finding\n");
        }
        return text.toString();
    }

    private static Map<String, Integer> outcomeSets(Exploration exploration) {
        Map<String, Integer> sets = new LinkedHashMap<>();
        for (Exploration.DeviceResult device : exploration.devices()) {
            List<String> words = device.outcomes().stream().map(r -> r.outcome().name()).sorted().toList();
            sets.merge(String.join(" or ", words), 1, Integer::sum);
        }
        return sets;
    }

    private static String finding(int number, FindingGroup group) {
        Finding finding = group.first();
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%d. %s: %s%s, %s%n", number, finding.rule().id(), group.devices().get(0),
                group.devices().size() == 1 ? "" : " and " + (group.devices().size() - 1) + " more", finding.outcome()));
        for (String device : group.devices().subList(1, group.devices().size())) {
            text.append("     ").append(device).append('\n');
        }
        text.append(wrapped(finding.sentence()));
        for (Finding other : group.findings().subList(1, group.findings().size())) {
            text.append("   also ").append(other.rule().id()).append(": ").append(what(other)).append('\n');
        }
        text.append(reason(finding.cause(), 2));
        text.append(schedule(finding));
        if (finding.repair().isEmpty()) {
            text.append("   repair: none found\n");
        } else {
            text.append(finding.repairVerified() ? "   repair, verified by exploring again:\n" : "   repair, NOT verified:\n");
            for (Repair repair : finding.repair()) {
                text.append("     ").append(repair.file()).append(": ").append(repair.line()).append('\n');
            }
        }
        return text.toString();
    }

    /** The sentence's first half: what is wrong, without the reason, which stands there already. */
    private static String what(Finding finding) {
        int colon = finding.sentence().indexOf(": ");
        return colon < 0 ? finding.sentence() : finding.sentence().substring(0, colon);
    }

    /** Two columns, what is loaded on the left and what the system does by itself beside it; then what becomes of the device. */
    static String schedule(Finding finding) {
        StringBuilder text = new StringBuilder();
        text.append("   ").append(pad("modules", LEFT_WIDTH)).append("| ").append(pad("system", MIDDLE_WIDTH))
            .append("| the device\n   ").append("-".repeat(LEFT_WIDTH)).append('+').append("-".repeat(MIDDLE_WIDTH + 1))
            .append('+').append("-".repeat(MIDDLE_WIDTH)).append('\n');
        row(text, "", "booted", finding, 0);
        int number = 0;
        for (Schedule.Step step : finding.schedule().steps()) {
            String line = Schedule.format(step);
            boolean left = step.event() instanceof ScheduleEvent.Load || step.event() instanceof ScheduleEvent.Unload;
            row(text, left ? line : "", left ? "" : line, finding, ++number);
        }
        return text.toString();
    }

    private static void row(StringBuilder text, String left, String middle, Finding finding, int step) {
        List<List<Outcome>> rows = finding.trail().outcomes();
        boolean known = step < rows.size() && !rows.get(step).isEmpty();
        boolean same = known && step > 0 && rows.get(step).get(0) == rows.get(step - 1).get(0);
        String outcome = !known || same ? "" : " " + rows.get(step).get(0);
        text.append("   ").append(pad(left, LEFT_WIDTH)).append("| ").append(pad(middle, MIDDLE_WIDTH)).append('|')
            .append(outcome).append('\n');
    }

    private static String pad(String text, int width) {
        return text.length() >= width ? text + " " : text + " ".repeat(width - text.length());
    }

    /** Text in lines of at most {@link #LINE_WIDTH} characters, words that are longer left whole. */
    private static String wrapped(String text) {
        StringBuilder lines = new StringBuilder();
        StringBuilder line = new StringBuilder("  ");
        for (String word : text.split(" ")) {
            if (line.length() + word.length() >= LINE_WIDTH && line.length() > 2) {
                lines.append(line).append('\n');
                line.setLength(2);
            }
            line.append(' ').append(word);
        }
        return lines.append(line).append('\n').toString();
    }

    private static String reason(Reason reason, int depth) {
        StringBuilder text = new StringBuilder("  ".repeat(depth));
        if (depth > 2) {
            text.append(reason.property().isEmpty() ? "" : reason.property() + " -> ").append(reason.subject()).append(": ");
        }
        text.append(reason.text()).append('\n');
        if (depth < REASON_DEPTH_MAX) {
            reason.causes().forEach(cause -> text.append(reason(cause, depth + 1)));
        }
        return text.toString();
    }
}
