package org.latebind.explorer.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Finding;
import org.latebind.explorer.Repair;
import org.latebind.probe.Reason;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/** An exploration as text that can be read in a log: verdict, findings with their schedules as two columns, repairs. */
public final class ExplorationText {

    private static final int LEFT_WIDTH = 44;
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
        for (Finding finding : exploration.findings()) {
            text.append('\n').append(finding(number++, finding));
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

    private static String finding(int number, Finding finding) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%d. %s: %s%n   %s (%s)%n", number, finding.rule().id(), finding.device(),
                finding.sentence(), finding.outcome()));
        text.append(reason(finding.cause(), 2));
        text.append(schedule(finding.schedule()));
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

    /** Two columns: what is loaded on the left, what the system does by itself on the right. */
    static String schedule(Schedule schedule) {
        StringBuilder text = new StringBuilder();
        text.append("   ").append(pad("modules")).append("| system\n");
        text.append("   ").append("-".repeat(LEFT_WIDTH)).append("+").append("-".repeat(20)).append('\n');
        for (Schedule.Step step : schedule.steps()) {
            String line = Schedule.format(step);
            boolean left = step.event() instanceof ScheduleEvent.Load || step.event() instanceof ScheduleEvent.Unload;
            text.append("   ").append(left ? pad(line) : pad("")).append(left ? "|" : "| " + line).append('\n');
        }
        return text.toString();
    }

    private static String pad(String text) {
        return text.length() >= LEFT_WIDTH ? text + " " : text + " ".repeat(LEFT_WIDTH - text.length());
    }

    private static String reason(Reason reason, int depth) {
        StringBuilder text = new StringBuilder("  ".repeat(depth)).append(reason.text()).append('\n');
        if (depth < REASON_DEPTH_MAX) {
            reason.causes().forEach(cause -> text.append(reason(cause, depth + 1)));
        }
        return text.toString();
    }
}
