package org.latebind.launcher.session;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.framework.BundleContext;

/**
 * What a comparison of framework and model is asked for; beside the {@link Request}, which names the board.
 *
 * @param schedules how many schedules
 * @param seed      seed of the first; each later one has the next number
 * @param policies  policy ids, taken in turn
 * @param allow     events that may come, as the explorer's option says them
 * @param clients   how many client modules share the masters; 0 for the generic one; negative: most schedules with
 *                  three, the others with the generic one
 */
public record AgreementRequest(int schedules, long seed, List<String> policies, String allow, int clients) {

    private static final String PREFIX = "latebind.agreement.";
    private static final String SCHEDULES = PREFIX + "schedules";

    /** Copies. */
    public AgreementRequest {
        policies = List.copyOf(policies);
    }

    /** Reads it from framework properties; null when no comparison is asked for. */
    static AgreementRequest from(BundleContext context) {
        String schedules = context.getProperty(SCHEDULES);
        return schedules == null ? null : new AgreementRequest(Integer.parseInt(schedules),
                Long.parseLong(context.getProperty(PREFIX + "seed")),
                List.of(context.getProperty(PREFIX + "policies").split(",")), context.getProperty(PREFIX + "allow"),
                Integer.parseInt(context.getProperty(PREFIX + "clients")));
    }

    /** The request as framework properties. */
    public Map<String, String> toProperties() {
        Map<String, String> properties = new TreeMap<>();
        properties.put(SCHEDULES, Integer.toString(schedules));
        properties.put(PREFIX + "seed", Long.toString(seed));
        properties.put(PREFIX + "policies", String.join(",", policies));
        properties.put(PREFIX + "allow", allow);
        properties.put(PREFIX + "clients", Integer.toString(clients));
        return properties;
    }
}
