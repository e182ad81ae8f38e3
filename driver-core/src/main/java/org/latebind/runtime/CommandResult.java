package org.latebind.runtime;

import java.util.Objects;

/**
 * How a command went.
 *
 * @param ok   whether it was carried out
 * @param text one line for people: why not, or what came of it; may be empty, not null
 */
public record CommandResult(boolean ok, String text) {

    /** Checks the arguments. */
    public CommandResult {
        Objects.requireNonNull(text, "text");
    }

    /** Carried out. */
    public static CommandResult done(String text) {
        return new CommandResult(true, text);
    }

    /** Refused. */
    public static CommandResult refused(String text) {
        return new CommandResult(false, text);
    }
}
