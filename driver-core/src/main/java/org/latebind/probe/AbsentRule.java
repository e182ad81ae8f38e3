package org.latebind.probe;

/**
 * What a kernel generation does with a client whose IOMMU is not there ({@code driver_deferred_probe_check_state} and its
 * predecessors; driver-core sheet, section 3).
 */
@FunctionalInterface
public interface AbsentRule {

    /** What to do. */
    enum Verdict {
        /** Wait. */ DEFER,
        /** Go on without it: no driver is assumed to come (ENODEV). */ ASSUME_NONE,
        /** Go on without it: waited long enough (ETIMEDOUT). */ TIMED_OUT
    }

    /**
     * What the rule may ask.
     *
     * @param initcallsDone  {@code late_initcall} is over
     * @param running        user space has started
     * @param modules        the kernel can load modules
     * @param builtin        the driver of the supplier is part of the kernel
     * @param known          the driver of the supplier is in the catalogue, built in or module
     * @param timeoutSeconds present value of the timeout: negative for ever, 0 none or expired
     */
    record Question(boolean initcallsDone, boolean running, boolean modules, boolean builtin, boolean known,
            int timeoutSeconds) { }

    /** Decides. */
    Verdict decide(Question question);

    /** Up to 4.11: nobody waits. */
    AbsentRule NEVER_WAITS = q -> Verdict.ASSUME_NONE;

    /** 4.12 to 4.18: only for a built-in driver, and only before user space starts. */
    AbsentRule BUILTIN_BEFORE_USER_SPACE = q -> q.builtin() && !q.running() ? Verdict.DEFER : Verdict.ASSUME_NONE;

    /** 4.19 to 5.6: until late-init is over; a running timer does not keep anybody waiting. */
    AbsentRule UNTIL_LATE_INIT = q -> !q.initcallsDone() ? Verdict.DEFER
        : q.modules() && q.timeoutSeconds() == 0 ? Verdict.TIMED_OUT : Verdict.ASSUME_NONE;

    /** The proposal of 2019: with modules, for ever. */
    AbsentRule FOR_EVER_WITH_MODULES = q -> !q.initcallsDone() || q.modules() ? Verdict.DEFER : Verdict.ASSUME_NONE;

    /** Pin controllers up to 4.18: for ever. */
    AbsentRule ALWAYS_WAITS = q -> Verdict.DEFER;

    /** Pin controllers from 5.7 on: for ever in a kernel with modules, else not at all (recorded boots of 5.10 and later). */
    AbsentRule WITH_MODULES = q -> q.modules() ? Verdict.DEFER : Verdict.ASSUME_NONE;

    /** 5.7 and later: until the timeout is 0. */
    AbsentRule UNTIL_TIMEOUT = q -> {
        if (!q.initcallsDone()) {
            return Verdict.DEFER;
        }
        if (!q.modules()) {
            return Verdict.ASSUME_NONE;
        }
        return q.timeoutSeconds() == 0 ? Verdict.TIMED_OUT : Verdict.DEFER;
    };

    /** IORT up to 6.12: for ever when the driver is configured at all. */
    AbsentRule FOR_EVER_WHEN_CONFIGURED = q -> q.known() ? Verdict.DEFER : Verdict.ASSUME_NONE;

    /** IORT in 7.x: as with a device tree, but nobody waits for a driver that is not configured at all. */
    AbsentRule UNTIL_TIMEOUT_WHEN_CONFIGURED = q -> q.known() ? UNTIL_TIMEOUT.decide(q) : Verdict.ASSUME_NONE;

    /** Latebind: for ever, unless a timeout was asked for and is over. */
    AbsentRule FOR_EVER = q -> q.initcallsDone() && q.timeoutSeconds() == 0 ? Verdict.TIMED_OUT : Verdict.DEFER;
}
