package org.latebind.probe;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a policy can ever answer to "wait on or go without?", asked over everything the answer may depend on. Immutable. */
final class Waiting {

    private final Tables t;

    Waiting(Tables t) {
        this.t = t;
    }

    private AbsentRule rule() {
        return t.board.acpi ? t.policy.absentAcpi : t.policy.absent;
    }

    /** Whether an absent IOMMU is waited for in every situation. */
    boolean forIommus() {
        return questions().allMatch(q -> rule().decide(q) == AbsentRule.Verdict.DEFER);
    }

    /** Whether an absent power domain is waited for in every situation. */
    boolean forDomains() {
        return questions().allMatch(q -> t.policy.absentPowerDomain.decide(q) == AbsentRule.Verdict.DEFER);
    }

    /** Whether an absent pin controller is waited for in every situation. */
    boolean forPins() {
        return questions().allMatch(q -> t.policy.absentPinController.decide(q) == AbsentRule.Verdict.DEFER);
    }

    /** All situations. */
    Stream<AbsentRule.Question> questions() {
        int timeout = t.parameters.timeoutSeconds(t.policy);
        IntStream timeouts = timeout > 0 ? IntStream.of(timeout, 0) : IntStream.of(timeout);
        return timeouts.boxed().flatMap(s -> IntStream.range(0, 16).mapToObj(bits -> new AbsentRule.Question(
            (bits & 1) != 0, (bits & 2) != 0, t.parameters.modules(), (bits & 4) != 0, (bits & 8) != 0, s)));
    }

    /** Whether the start of user space decides anything. */
    boolean userSpaceMatters() {
        return t.policy.boot == Policy.BootRule.LINUX && questions().anyMatch(q -> {
            AbsentRule.Question other = new AbsentRule.Question(q.initcallsDone(), !q.running(), q.modules(), q.builtin(),
                q.known(), q.timeoutSeconds());
            return rule().decide(q) != rule().decide(other)
                || t.policy.absentPowerDomain.decide(q) != t.policy.absentPowerDomain.decide(other)
                || t.policy.absentPinController.decide(q) != t.policy.absentPinController.decide(other);
        });
    }
}
