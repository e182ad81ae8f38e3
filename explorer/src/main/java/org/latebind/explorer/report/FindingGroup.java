package org.latebind.explorer.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.latebind.explorer.Finding;

/**
 * Findings that say the same of several devices, or several things of the same devices, so that a reader reads them once.
 *
 * @param findings one finding for each rule, all with the same outcome, schedule and repair; the first is the one to show
 * @param devices  paths of the devices that have all of them, in the order of the board
 */
public record FindingGroup(List<Finding> findings, List<String> devices) {

    /** Copies. */
    public FindingGroup {
        findings = List.copyOf(findings);
        devices = List.copyOf(devices);
    }

    /** The finding to show. */
    public Finding first() {
        return findings.get(0);
    }

    /** Ids of the rules, the first one first. */
    public List<String> rules() {
        return findings.stream().map(finding -> finding.rule().id()).toList();
    }

    /** Puts findings together, in the order of the first of each group. */
    public static List<FindingGroup> of(List<Finding> findings) {
        Map<List<Object>, List<Finding>> byShow = new LinkedHashMap<>();
        for (Finding finding : findings) {
            byShow.computeIfAbsent(List.of(finding.device(), finding.outcome(), ExplorationDocument.lines(finding.schedule()),
                finding.repair(), finding.repairVerified()), k -> new ArrayList<>()).add(finding);
        }
        Map<List<Object>, Set<String>> devices = new LinkedHashMap<>();
        Map<List<Object>, List<Finding>> examples = new LinkedHashMap<>();
        byShow.forEach((show, same) -> {
            List<Object> key = new ArrayList<>(show.subList(1, show.size()));
            same.forEach(finding -> key.add(finding.rule().id() + ' ' + finding.sentence()));
            devices.computeIfAbsent(key, k -> new LinkedHashSet<>()).add((String) show.get(0));
            examples.putIfAbsent(key, same);
        });
        List<FindingGroup> groups = new ArrayList<>();
        examples.forEach((key, same) -> groups.add(new FindingGroup(same, List.copyOf(devices.get(key)))));
        return groups;
    }
}
