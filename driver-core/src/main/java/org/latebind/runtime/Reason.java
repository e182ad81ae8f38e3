package org.latebind.runtime;

import java.util.List;
import java.util.Objects;

/**
 * Why a device is where it is, as a tree: device, property, supplier, compatible string, and what would satisfy it.
 *
 * @param kind    what this node of the tree is, for example {@code device}, {@code property}, {@code supplier},
 *                {@code compatible}, {@code bundle}, {@code policy}; lower case, stable; not null
 * @param subject path, property name, compatible string or bundle name; may be empty, not null
 * @param text    one line for people; not null
 * @param causes  what it comes from, empty at the leaves; not null
 */
public record Reason(String kind, String subject, String text, List<Reason> causes) {

    /** Checks and copies the arguments. */
    public Reason {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(text, "text");
        causes = List.copyOf(causes);
    }
}
