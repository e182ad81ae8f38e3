package org.latebind.probe;

import java.util.List;
import java.util.Objects;

/**
 * What one event led to.
 *
 * @param state   the new state; not null
 * @param actions what the world has to do, in order; the last one may be awaited, the others are not
 * @param log     what happened, in order
 * @param refusal why the event was not accepted, or null; a refused event changes nothing but the log
 */
public record Step(State state, List<Action> actions, List<LogRecord> log, Refusal refusal) {

    /** Copies. */
    public Step {
        Objects.requireNonNull(state, "state");
        actions = List.copyOf(actions);
        log = List.copyOf(log);
    }

    /** Returns the action that must be answered before any other event is accepted, or null. */
    public Action awaited() {
        if (actions.isEmpty()) {
            return null;
        }
        Action last = actions.get(actions.size() - 1);
        return last.awaited() ? last : null;
    }

    /**
     * Why an event was refused.
     *
     * @param errno positive error number, as the kernel gives it to the writer
     * @param text  one line
     */
    public record Refusal(int errno, String text) { }
}
