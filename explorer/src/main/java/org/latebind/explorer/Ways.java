package org.latebind.explorer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.latebind.probe.Event;
import org.latebind.probe.Outcome;

/**
 * How one device can end, in events of the whole machine.
 *
 * @param device   device
 * @param ways     by outcome, then by {@link Search.Kind}: a shortest way, or null
 * @param lostAs   outcome right after an unload took a bound device's IOMMU away, or null
 * @param loss     a shortest way to that, or null
 * @param complete whether these are all outcomes
 */
record Ways(int device, Map<Outcome, List<List<Event>>> ways, Outcome lostAs, List<Event> loss, boolean complete) {

    static Ways constant(int device, Outcome outcome, List<Event> way) {
        Map<Outcome, List<List<Event>>> ways = new EnumMap<>(Outcome.class);
        ways.put(outcome, Arrays.asList(way, null, null));
        return new Ways(device, ways, null, null, true);
    }

    List<Event> way(Outcome outcome, Search.Kind kind) {
        List<List<Event>> byKind = ways.get(outcome);
        return byKind == null ? null : byKind.get(kind.ordinal());
    }

    /** The shortest way of any kind. */
    List<Event> shortest(Outcome outcome) {
        List<Event> best = null;
        for (List<Event> way : ways.get(outcome)) {
            best = best == null || way != null && way.size() < best.size() ? way : best;
        }
        return best;
    }

    /** Outcomes that some way of this kind or a plainer one reaches. */
    List<Outcome> outcomes(Search.Kind most) {
        List<Outcome> found = new ArrayList<>();
        for (Outcome outcome : ways.keySet()) {
            for (int k = 0; k <= most.ordinal(); k++) {
                if (ways.get(outcome).get(k) != null) {
                    found.add(outcome);
                    break;
                }
            }
        }
        return found;
    }
}
