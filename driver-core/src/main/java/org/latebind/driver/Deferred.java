package org.latebind.driver;

import java.util.Objects;

/**
 * A probe that has to wait for a supplier. It holds nothing.
 *
 * @param supplier what it waits for; not null
 * @param reason   one line for people; not null
 */
public record Deferred(String supplier, String reason) implements ProbeResult {

    /** Checks the arguments. */
    public Deferred {
        Objects.requireNonNull(supplier, "supplier");
        Objects.requireNonNull(reason, "reason");
    }
}
