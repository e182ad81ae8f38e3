package org.latebind.explorer;

import java.util.List;
import java.util.Locale;

/**
 * Which events may happen, beside the boot of the built-ins (always first) and late-init (once, anywhere).
 *
 * @param load     whether the loadable modules load, each once, in any order the constraints allow; without, none loads
 * @param unloads  how many unloads may happen altogether; 0 for none; an unloaded module loads again
 * @param expire   whether the deferred-probe timer may fire while it is armed; without, it never does
 * @param failures how many probe failures may be injected altogether (EIO, lasting); 0 for none
 * @param binds    how many devices may be unbound by hand altogether, each free to be bound again; 0 for none
 */
public record AllowedEvents(boolean load, int unloads, boolean expire, int failures, int binds) {

    /** Most of any counted event. */
    public static final int COUNT_MAX = 7;

    /** Loads, late-init and one expiry, in any order. */
    public static final AllowedEvents DEFAULT = new AllowedEvents(true, 0, true, 0, 0);

    /** Checks. */
    public AllowedEvents {
        for (int count : new int[] {unloads, failures, binds}) {
            if (count < 0 || count > COUNT_MAX) {
                throw new IllegalArgumentException("a bound of " + count + " is outside 0.." + COUNT_MAX);
            }
        }
    }

    /**
     * Reads the list of the command line: {@code load,unload,expire,fail,bind}; each counted event happens at most once.
     *
     * @throws IllegalArgumentException naming the known words when one is unknown
     */
    public static AllowedEvents parse(String list) {
        AllowedEvents events = new AllowedEvents(false, 0, false, 0, 0);
        for (String word : list.split(",")) {
            events = switch (word.strip().toLowerCase(Locale.ROOT)) {
                case "load" -> new AllowedEvents(true, events.unloads, events.expire, events.failures, events.binds);
                case "unload" -> events.withUnloads(1);
                case "expire" -> new AllowedEvents(events.load, events.unloads, true, events.failures, events.binds);
                case "fail" -> events.withFailures(1);
                case "bind" -> events.withBinds(1);
                default -> throw new IllegalArgumentException("unknown event " + word.strip() + "; known: "
                    + String.join(", ", List.of("load", "unload", "expire", "fail", "bind")));
            };
        }
        return events;
    }

    /** With this many unloads. */
    public AllowedEvents withUnloads(int count) {
        return new AllowedEvents(load, count, expire, failures, binds);
    }

    /** With this many injected failures. */
    public AllowedEvents withFailures(int count) {
        return new AllowedEvents(load, unloads, expire, count, binds);
    }

    /** With this many unbinds by hand. */
    public AllowedEvents withBinds(int count) {
        return new AllowedEvents(load, unloads, expire, failures, count);
    }
}
