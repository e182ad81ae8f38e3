package org.latebind.explorer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.latebind.probe.Event;
import org.latebind.probe.Outcome;
import org.latebind.probe.Slice;

/**
 * Turns what searches of slices have found into ways of the whole machine. Every way has been replayed there; what cannot be
 * shown there leaves the device undecided. For any threads.
 */
final class Confirmation {

    private static final List<List<List<Integer>>> NONE = List.of(List.of(), List.of(), List.of());

    private final Witnesses witnesses;

    Confirmation(Machine machine) {
        witnesses = new Witnesses(machine);
    }

    /** By member, in order. */
    List<Ways> of(Cones.Group group, KnownCones.Solution solution, int[] watched) {
        List<Ways> all = new ArrayList<>();
        for (Cones.Member member : group.members) {
            int watch = Arrays.binarySearch(watched, member.position());
            all.add(of(member, solution.plain()[watch], solution.wide() == null ? null : solution.wide()[watch]));
        }
        return all;
    }

    private Ways of(Cones.Member member, Search.Found plain, Search.Found wide) {
        Map<Outcome, List<List<Event>>> ways = new EnumMap<>(Outcome.class);
        boolean complete = plain.complete() && (wide == null || wide.complete());
        List<Outcome> outcomes = new ArrayList<>(plain.ways().keySet());
        if (wide != null) {
            wide.ways().keySet().stream().filter(outcome -> !outcomes.contains(outcome)).forEach(outcomes::add);
        }
        for (Outcome outcome : outcomes) {
            List<List<Event>> byKind = new ArrayList<>();
            for (Search.Kind kind : Search.Kind.values()) {
                List<List<Integer>> inside = plain.ways().getOrDefault(outcome, NONE).get(kind.ordinal());
                List<List<Integer>> open = wide == null ? List.of() : wide.ways().getOrDefault(outcome, NONE).get(kind.ordinal());
                List<Event> way = way(member, outcome, inside, open);
                if (way != null && wide != null && !witnesses.completes(way, member.device(), outcome)) {
                    way = null;
                }
                byKind.add(way);
                complete &= way != null || inside.isEmpty() && open.isEmpty();
            }
            if (byKind.stream().anyMatch(java.util.Objects::nonNull)) {
                ways.put(outcome, byKind);
            }
        }
        return withLoss(member, plain, wide, ways, complete);
    }

    private List<Event> way(Cones.Member member, Outcome outcome, List<List<Integer>> inside, List<List<Integer>> open) {
        List<Event> way = witnesses.plain(member.slice(), member.device(), outcome, inside);
        if (way == null) {
            way = witnesses.plain(member.slice(), member.device(), outcome, open);
        }
        List<List<Integer>> rest = open.isEmpty() ? inside : open;
        return way != null || rest.isEmpty() ? way : witnesses.mixed(member.slice(), member.device(), outcome, rest);
    }

    private Ways withLoss(Cones.Member member, Search.Found plain, Search.Found wide, Map<Outcome, List<List<Event>>> ways,
            boolean complete) {
        Search.Found from = plain.lostAs() != null || wide == null ? plain : wide;
        if (from.lostAs() == null) {
            return new Ways(member.device(), ways, null, null, complete);
        }
        Slice slice = member.slice();
        List<Event> loss = from.loss().stream().noneMatch(slice::outside) ? from.loss().stream().map(slice::event).toList() : null;
        boolean shown = loss != null && witnesses.loses(loss, member.device(), from.lostAs());
        return new Ways(member.device(), ways, shown ? from.lostAs() : null, shown ? loss : null, complete && shown);
    }
}
