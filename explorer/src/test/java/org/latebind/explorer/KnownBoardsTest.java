package org.latebind.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.latebind.probe.Outcome;

/**
 * Small boards whose answers are known beforehand, from recorded boots, from the texts of the policies and from what people
 * complained about. The answers stand in {@code known-boards/*.boards}, each with its source; none was taken from our output.
 */
class KnownBoardsTest {

    private static final List<String> FILES = List.of("complaints.boards", "boots.boards", "rules.boards");

    private static List<KnownBoard> boards() {
        return FILES.stream().flatMap(file -> KnownBoard.read(file).stream()).toList();
    }

    @TestFactory
    Stream<DynamicTest> everyBoardHasItsKnownAnswers() {
        List<DynamicTest> tests = new ArrayList<>();
        for (KnownBoard board : boards()) {
            for (KnownBoard.Answer answer : board.answers) {
                for (String policy : answer.policies) {
                    tests.add(dynamicTest(board.title + " | " + policy, () -> check(board, answer, policy)));
                }
            }
        }
        return tests.stream();
    }

    @Test
    void fortyBoardsAtLeastEachWithASourceAndAnAnswer() {
        assertThat(boards()).hasSizeGreaterThanOrEqualTo(40).allSatisfy(board -> {
            assertThat(board.source).as(board.title).isNotBlank();
            assertThat(board.answers).as(board.title).isNotEmpty();
        });
    }

    @Test
    void everyComplaintIsThereByItsName() {
        List<String> names = boards().stream().map(board -> board.title.split(" ")[0]).toList();
        assertThat(names).contains(IntStream.rangeClosed(1, 16).mapToObj(i -> "C" + i).toArray(String[]::new))
            .doesNotHaveDuplicates();
    }

    private static void check(KnownBoard board, KnownBoard.Answer answer, String policy) {
        Exploration result = Explorer.explore(answer.input(policy));
        SoftAssertions soft = new SoftAssertions();
        Map<String, Set<Outcome>> ends = new LinkedHashMap<>();
        answer.ends.keySet().forEach(path -> ends.put(path, result.device(path).outcomes().stream()
            .map(Exploration.Reachable::outcome).collect(Collectors.toCollection(TreeSet::new))));
        soft.assertThat(ends).as("ends").isEqualTo(answer.ends);
        Set<String> findings = result.findings().stream().map(f -> f.device() + ' ' + f.rule().id())
            .collect(Collectors.toCollection(TreeSet::new));
        soft.assertThat(findings).as("findings").isEqualTo(answer.findings);
        String verdict = answer.verdict.isEmpty() ? answer.ends.values().stream().anyMatch(set -> set.size() > 1)
            ? "order-dependent" : "order-independent" : answer.verdict;
        soft.assertThat(result.verdict().word()).as("verdict").isEqualTo(verdict);
        for (Finding finding : result.findings()) {
            String key = finding.device() + ' ' + finding.rule().id();
            if (answer.repairs.containsKey(key)) {
                List<String> lines = finding.repair().stream().map(Repair::line).toList();
                soft.assertThat(lines.isEmpty() ? List.of("none") : lines).as("repair of " + key)
                    .isEqualTo(answer.repairs.get(key));
                soft.assertThat(finding.repairVerified()).as("verified: " + key).isEqualTo(!lines.isEmpty());
            }
            if (answer.sentences.containsKey(key)) {
                soft.assertThat(finding.sentence()).as(key).contains(answer.sentences.get(key));
            }
        }
        answer.ways.forEach((key, way) -> soft.assertThat(result.device(key.split(" ")[0]).outcomes().stream()
            .filter(r -> r.outcome().name().equals(key.split(" ")[1])).map(r -> r.schedule().format().strip().replace("\n", "; "))
            .findFirst().orElse("no way")).as("way to " + key).isEqualTo(way));
        soft.assertThat(answer.repairs.keySet()).as("repairs of findings that are expected").isSubsetOf(answer.findings);
        soft.assertThat(answer.sentences.keySet()).as("sentences of findings that are expected").isSubsetOf(answer.findings);
        soft.assertAll();
    }
}
