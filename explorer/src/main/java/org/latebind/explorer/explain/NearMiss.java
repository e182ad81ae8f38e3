package org.latebind.explorer.explain;

import java.util.Optional;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.ModuleCatalogue;

/**
 * A driver that would match if a compatible string were a little different: a misspelt string, an SoC one digit off.
 *
 * @param wanted   compatible string of the device
 * @param offered  compatible string of the driver
 * @param driver   driver
 * @param module   its module
 * @param distance number of inserted, removed or changed characters
 */
public record NearMiss(String wanted, String offered, String driver, String module, int distance) {

    /** Farther strings are no misses but other things. */
    private static final int DISTANCE_MAX = 3;
    /** One more character may differ for each stretch of this length: "arm,pl330" is no misspelt "arm,pl011". */
    private static final int LENGTH_PER_CHANGE = 12;

    /**
     * Finds the nearest driver for any of the strings; the earliest string and driver win among equals. An equal string is no
     * miss.
     */
    public static Optional<NearMiss> find(Iterable<String> compatible, ModuleCatalogue catalogue) {
        NearMiss best = null;
        for (String wanted : compatible) {
            for (int d = 0; d < catalogue.drivers().size(); d++) {
                DriverDescription driver = catalogue.driver(d);
                for (String offered : driver.compatible()) {
                    int allowed = Math.min(DISTANCE_MAX, 1 + wanted.length() / LENGTH_PER_CHANGE);
                    int limit = best == null ? allowed : Math.min(allowed, best.distance - 1);
                    int distance = distance(wanted, offered, limit);
                    if (distance > 0 && distance <= limit) {
                        best = new NearMiss(wanted, offered, driver.name(), catalogue.module(catalogue.moduleOf(d)).name(),
                                distance);
                    }
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** Edit distance of two strings, or {@code limit + 1} when it is larger than {@code limit}. */
    static int distance(String a, String b, int limit) {
        if (Math.abs(a.length() - b.length()) > limit) {
            return limit + 1;
        }
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            int least = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, 1 + Math.min(previous[j], current[j - 1]));
                least = Math.min(least, current[j]);
            }
            if (least > limit) {
                return limit + 1;
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
