package org.latebind.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.explorer.report.ExplorationText;
import org.latebind.probe.Outcome;
import org.latebind.probe.Reason;

/** Every rule on the smallest known board that shows it: cause in words and as a tree, table of the schedule, repair. */
class RulesTest {

    private static Exploration explore(String file, String name, int answer) {
        KnownBoard board = KnownBoard.read(file).stream().filter(b -> b.title.startsWith(name + " ")).findFirst().orElseThrow();
        KnownBoard.Answer a = board.answers.get(answer);
        return Explorer.explore(a.input(a.policies.get(0)));
    }

    private static Finding finding(Exploration exploration, Rule rule) {
        return exploration.findings().stream().filter(f -> f.rule() == rule).findFirst().orElseThrow();
    }

    private static List<String> lines(Finding finding) {
        return finding.schedule().format().lines().toList();
    }

    private static List<Outcome> own(Finding finding) {
        return finding.trail().outcomes().stream().map(row -> row.get(0)).toList();
    }

    /** All rules that known boards show, with one finding of each. */
    private static Map<Rule, Finding> shown() {
        Map<Rule, Finding> shown = new EnumMap<>(Rule.class);
        for (Exploration e : List.of(explore("complaints.boards", "C1", 0), explore("complaints.boards", "C2", 0),
            explore("complaints.boards", "C6", 0), explore("boots.boards", "O21", 0), explore("rules.boards", "R6", 0),
            explore("rules.boards", "R15", 0))) {
            e.findings().forEach(f -> shown.putIfAbsent(f.rule(), f));
        }
        return shown;
    }

    @Test
    void knownBoardsShowEveryRule() {
        assertThat(shown()).containsOnlyKeys(Rule.values());
    }

    @Test
    void everyFindingEndsAsItSaysAndItsTrailIsAsLongAsItsSchedule() {
        assertThat(shown().values()).allSatisfy(f -> {
            assertThat(f.trail().outcomes()).hasSize(f.schedule().steps().size() + 1);
            assertThat(f.trail().devices().get(0)).isEqualTo(f.device());
            assertThat(own(f).get(own(f).size() - 1)).isEqualTo(f.outcome());
            assertThat(f.cause().subject()).isEqualTo(f.device());
            assertThat(f.sentence()).endsWith(".").contains(": ").doesNotContain(f.device() + " ").doesNotContain("see above");
            assertThat(f.repairVerified()).isEqualTo(!f.repair().isEmpty());
        });
    }

    @Nested
    class InWordsAndAsATree {

        @Test
        void boundUntranslated() {
            Finding f = finding(explore("complaints.boards", "C1", 0), Rule.BOUND_UNTRANSLATED);
            assertThat(f.sentence()).isEqualTo("Bound without its IOMMU, its DMA is not translated: the wait for its IOMMU timed "
                + "out; iommus names /smmu, which is FAILED (the wait for its power domain timed out, for good; power-domains "
                + "names /mmcc, which bound only later: module mmcc came after the timer fired).");
            Reason smmu = f.cause().causes().get(0);
            assertThat(smmu.subject()).isEqualTo("/smmu");
            assertThat(smmu.property()).isEqualTo("iommus");
            assertThat(smmu.causes().get(0).subject()).isEqualTo("/mmcc");
            assertThat(own(f)).containsExactly(Outcome.PENDING, Outcome.PENDING, Outcome.BOUND_DIRECT, Outcome.BOUND_DIRECT);
            assertThat(f.repair()).containsExactly(new Repair.InitramfsMember("mmcc"));
        }

        @Test
        void orderDependentNamesTheEndsAndTheOneShown() {
            Finding f = finding(explore("complaints.boards", "C1", 0), Rule.ORDER_DEPENDENT);
            assertThat(f.sentence()).startsWith("The order decides between BOUND_DIRECT, FAILED; here FAILED: ");
            assertThat(lines(f)).containsExactly("late-init", "expire", "load mmcc");
        }

        @Test
        void boundThenBlocked() {
            Finding f = finding(explore("complaints.boards", "C3", 0), Rule.BOUND_THEN_BLOCKED);
            assertThat(f.sentence()).isEqualTo("Bound without its IOMMU, which aborts its DMA: the wait for its IOMMU timed out; "
                + "iommus names /smmu, which bound only later: module smmu came after the timer fired.");
            assertThat(own(f)).endsWith(Outcome.BOUND_DIRECT, Outcome.BOUND_BLOCKED);
            assertThat(f.repair()).containsExactly(new Repair.Softdep("nic", "smmu"));
        }

        @Test
        void neverBound() {
            Finding f = finding(explore("complaints.boards", "C6", 0), Rule.NEVER_BOUND);
            assertThat(f.sentence()).isEqualTo("No order binds it: waits for supplier node /eeprom/mac@0; nvmem-cells names it, "
                + "a node that never becomes a device; it is part of /eeprom, which has no driver: no driver in the catalogue "
                + "matches eeprom.");
        }

        @Test
        void strandedAfterUnload() {
            Finding f = finding(explore("rules.boards", "R6", 0), Rule.STRANDED_AFTER_UNLOAD);
            assertThat(f.sentence()).startsWith("Without driver after an unload and the reload").contains("its IOMMU was unbound");
            assertThat(lines(f)).containsSubsequence("load reg", "unload reg", "load reg");
            assertThat(own(f)).contains(Outcome.BOUND_TRANSLATED).endsWith(Outcome.FORCED_OFF);
            assertThat(f.repairVerified()).isTrue();
        }

        @Test
        void lostIommuAfterSupplierUnload() {
            Finding f = finding(explore("boots.boards", "O21", 0), Rule.LOST_IOMMU_AFTER_SUPPLIER_UNLOAD);
            assertThat(f.sentence()).startsWith("Still bound after the unload, its IOMMU gone, its DMA aborted: ");
            assertThat(lines(f)).endsWith("unload reg");
            assertThat(own(f)).endsWith(Outcome.BOUND_TRANSLATED, Outcome.BOUND_BLOCKED);
        }

        @Test
        void reprobeLivelock() {
            Finding f = finding(explore("rules.boards", "R15", 0), Rule.REPROBE_LIVELOCK);
            assertThat(f.sentence()).isEqualTo("It probes without end: its driver waits for /reg (failed to get regulator), after "
                + "it has created devices; they bind, go again with the failed probe, and start it anew; vdd-supply names /reg, "
                + "which has no driver: module reg would drive it.");
            assertThat(lines(f)).containsExactly("load bridge", "late-init");
            assertThat(own(f)).endsWith(Outcome.PENDING);
            assertThat(f.repair()).containsExactly(new Repair.Softdep("bridge", "reg"));
        }

        @Test
        void supplierNotInInitramfs() {
            Finding f = finding(explore("complaints.boards", "C2", 0), Rule.SUPPLIER_NOT_IN_INITRAMFS);
            assertThat(f.sentence()).startsWith("Its driver is there early, module icc that it needs is not in the initramfs: ");
            assertThat(f.repair()).containsExactly(new Repair.InitramfsMember("icc"));
        }
    }

    @Test
    void theTableHasModulesLeftTheSystemBesideAndWhatBecomesOfTheDevice() {
        String text = ExplorationText.of("C3", explore("complaints.boards", "C3", 0));
        List<String> table = text.lines().filter(line -> line.matches("   .{38}\\|.*")).limit(6).map(line ->
            line.strip().replaceAll(" +", " ")).toList();
        assertThat(table.get(0)).isEqualTo("modules | system | the device");
        assertThat(Set.copyOf(table)).contains("| booted | NO_DRIVER", "| late-init |");
        assertThat(text).contains("repair, verified by exploring again:\n     /etc/modprobe.d/latebind.conf: softdep nic pre: smmu");
    }

    @Test
    void aBoardWithoutFindingSaysSo() {
        assertThat(ExplorationText.of("O7c", explore("boots.boards", "O7c", 0))).endsWith("no finding\n");
    }
}
