package org.latebind.explorer.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.latebind.explorer.Finding;
import org.latebind.explorer.Repair;
import org.latebind.explorer.Rule;
import org.latebind.explorer.Trail;
import org.latebind.probe.Outcome;
import org.latebind.probe.Reason;
import org.latebind.schedule.Schedule;

class FindingGroupTest {

    private static Finding finding(Rule rule, String device, String schedule, String sentence, Repair... repair) {
        return new Finding(rule, device, Outcome.PENDING, Schedule.parse("test", schedule),
            new Reason(Reason.Kind.DEVICE, device, "", "PENDING: waits", List.of()), sentence, List.of(repair), repair.length > 0,
            Trail.NONE);
    }

    @Test
    void devicesWithTheSameTroubleAreOneGroup() {
        List<FindingGroup> groups = FindingGroup.of(List.of(finding(Rule.NEVER_BOUND, "/a", "late-init\n", "No."),
            finding(Rule.NEVER_BOUND, "/b", "late-init\n", "No.")));
        assertThat(groups).hasSize(1);
        assertThat(groups.get(0).devices()).containsExactly("/a", "/b");
    }

    @Test
    void rulesThatSpeakOfTheSameDeviceAndScheduleAreOneGroup() {
        List<FindingGroup> groups = FindingGroup.of(List.of(finding(Rule.NEVER_BOUND, "/a", "late-init\n", "No."),
            finding(Rule.ORDER_DEPENDENT, "/a", "late-init\n", "Well.")));
        assertThat(groups).hasSize(1);
        assertThat(groups.get(0).rules()).containsExactly("never-bound", "order-dependent");
    }

    @Test
    void anotherScheduleSentenceOrRepairIsAnotherGroup() {
        assertThat(FindingGroup.of(List.of(finding(Rule.NEVER_BOUND, "/a", "late-init\n", "No."),
            finding(Rule.NEVER_BOUND, "/b", "late-init\nexpire\n", "No."),
            finding(Rule.NEVER_BOUND, "/c", "late-init\n", "Never."),
            finding(Rule.NEVER_BOUND, "/d", "late-init\n", "No.", new Repair.BuiltIn("x"))))).hasSize(4);
    }
}
