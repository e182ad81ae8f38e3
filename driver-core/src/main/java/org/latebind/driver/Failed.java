package org.latebind.driver;

import java.util.Objects;

/**
 * A probe that failed for good.
 *
 * @param errno the error; not null, not {@link Errno#EPROBE_DEFER}
 * @param text  one line for people; not null
 */
public record Failed(Errno errno, String text) implements ProbeResult {

    /** Checks the arguments. */
    public Failed {
        Objects.requireNonNull(text, "text");
        if (errno == null || errno == Errno.EPROBE_DEFER) {
            throw new IllegalArgumentException("a failure needs an error number that is no deferral, got " + errno);
        }
    }
}
