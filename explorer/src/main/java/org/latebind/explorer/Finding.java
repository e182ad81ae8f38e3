package org.latebind.explorer;

import java.util.List;
import java.util.Objects;
import org.latebind.probe.Outcome;
import org.latebind.probe.Reason;
import org.latebind.schedule.Schedule;

/**
 * One thing a user should know, with proof.
 *
 * @param rule           rule; not null
 * @param device         path of the device; not null
 * @param outcome        the outcome it is about; not null
 * @param schedule       a shortest schedule that shows it, replayed on the whole engine; not null
 * @param cause          reason tree at the end of the schedule; not null
 * @param sentence       the cause in words; not null
 * @param repair         smallest set of changes found; empty when none was found or looked for
 * @param repairVerified whether exploring again with the repair no longer shows the finding
 * @param trail          outcomes along the schedule; not null
 */
public record Finding(Rule rule, String device, Outcome outcome, Schedule schedule, Reason cause, String sentence,
        List<Repair> repair, boolean repairVerified, Trail trail) {

    /** Copies. */
    public Finding {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(schedule, "schedule");
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(sentence, "sentence");
        Objects.requireNonNull(trail, "trail");
        repair = List.copyOf(repair);
    }

    /** The same with a repair. */
    public Finding withRepair(List<Repair> value, boolean verified) {
        return new Finding(rule, device, outcome, schedule, cause, sentence, value, verified, trail);
    }
}
