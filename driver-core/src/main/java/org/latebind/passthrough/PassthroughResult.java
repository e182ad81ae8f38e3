package org.latebind.passthrough;

import java.util.Objects;
import org.latebind.driver.Errno;

/**
 * Answer of a toolstack call.
 *
 * @param code 0 done, 1 need not be protected, negative error number
 * @param text one line for people; not null
 */
public record PassthroughResult(int code, String text) {

    /** Checks the arguments. */
    public PassthroughResult {
        Objects.requireNonNull(text, "text");
    }

    /** Done. */
    public static PassthroughResult done(String text) {
        return new PassthroughResult(0, text);
    }

    /** Refused. */
    public static PassthroughResult refused(Errno errno, String text) {
        return new PassthroughResult(-errno.number(), errno + ": " + text);
    }

    /** Tells whether it was carried out. */
    public boolean ok() {
        return code >= 0;
    }
}
