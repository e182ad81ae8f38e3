package org.latebind.explorer;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.latebind.explorer.verify.Digests;
import org.latebind.probe.Event;
import org.latebind.probe.Outcome;
import org.latebind.schedule.Schedule;

/**
 * Writes what an exploration has proven in a form that {@link org.latebind.explorer.verify.Certificate} checks without the
 * search: the states of each cone, every device's outcomes with a schedule each, the findings. One JSON object a line; format in
 * docs/certificates.md. The same exploration gives the same text.
 */
public final class Certificates {

    private static final int STATES_PER_LINE = 4096;

    private final ExplorerInput input;
    private final Machine machine;
    private final Writer out;
    private final ObjectMapper mapper = new ObjectMapper();
    private final Map<Integer, Integer> coneOf = new TreeMap<>();
    private long states;

    private Certificates(ExplorerInput input, Writer out) {
        // A set of states that leaves out orders is not closed, so all orders are tried again.
        this.input = input.withLimits(input.limits().withReduced(false).withSliced(true));
        this.machine = new Machine(this.input);
        this.out = out;
    }

    /**
     * Writes the certificate of an exploration.
     *
     * @param result what {@link Explorer#explore} made of the input; its verdict is not {@link Verdict#LIMIT}
     * @param inputs where board, modules, builtins and population came from, by these words; for whoever verifies
     * @param out    gets the lines; not closed
     * @throws IllegalArgumentException when the result proves nothing
     * @throws IOException              when writing fails
     */
    public static void write(ExplorerInput input, Exploration result, Map<String, String> inputs, Writer out)
            throws IOException {
        if (result.verdict() == Verdict.LIMIT) {
            throw new IllegalArgumentException("a limit was reached: there is nothing to certify");
        }
        try {
            new Certificates(input, out).write(result, inputs);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void write(Exploration result, Map<String, String> inputs) {
        line(header(result, inputs));
        Cones cones = new Cones(machine, input.limits(), new KnownCones());
        Map<Integer, Ways> ways = cones.solve(IntStream.range(0, input.board().deviceCount()).toArray());
        List<Integer> open = new ArrayList<>();
        for (int d : ways.keySet()) {
            if (!machine.influence.constant(d)) {
                open.add(d);
            }
        }
        open.sort(null);
        List<Integer> left = new ArrayList<>();
        int number = 0;
        for (Cones.Group group : cones.groups(open)) {
            number = cone(group, number, ways, left);
        }
        if (!left.isEmpty()) {
            left.sort(null);
            number = cone(cones.whole(left), number, ways, null);
        }
        for (int d = 0; d < input.board().deviceCount(); d++) {
            device(ways.get(d));
        }
        for (Finding finding : result.findings()) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("finding", finding.rule().id());
            line.put("device", finding.device());
            line.put("outcome", finding.outcome().name());
            line.put("schedule", lines(finding.schedule()));
            line(line);
        }
        Map<String, Object> end = new LinkedHashMap<>();
        end.put("end", true);
        end.put("cones", number);
        end.put("states", states);
        line(end);
    }

    private Map<String, Object> header(Exploration result, Map<String, String> inputs) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("certificate", "latebind-explore");
        header.put("version", 1);
        header.put("board", result.board());
        header.put("boardDigest", Digests.of(input.board()));
        header.put("modulesDigest", Digests.of(input.catalogue()));
        header.put("inputs", new TreeMap<>(inputs));
        header.put("policy", input.policy().name());
        header.put("parameters", new TreeMap<>(input.parameters().values()));
        AllowedEvents e = input.events();
        Map<String, Object> events = new LinkedHashMap<>();
        events.put("load", e.load());
        events.put("unloads", e.unloads());
        events.put("expire", e.expire());
        events.put("failures", e.failures());
        events.put("binds", e.binds());
        header.put("events", events);
        Map<String, Object> constraints = new LinkedHashMap<>();
        constraints.put("orders", input.constraints().orders().stream()
            .map(o -> List.of(o.before(), o.after(), o.origin().name())).toList());
        constraints.put("initramfs", new TreeSet<>(input.constraints().initramfs()));
        constraints.put("startLevels", new TreeMap<>(input.constraints().startLevels()));
        header.put("constraints", constraints);
        header.put("verdict", result.verdict().word());
        return header;
    }

    /**
     * Writes a cone, unless it claims more than the devices can do; those are left to a search in one piece.
     *
     * @return the next number
     */
    private int cone(Cones.Group group, int number, Map<Integer, Ways> ways, List<Integer> left) {
        int[] watched = group.members.stream().mapToInt(Cones.Member::position).sorted().distinct().toArray();
        Search search = search(group, watched, false);
        boolean wide = !group.whole && (group.ordered || search.triggerMatters());
        if (wide) {
            search = search(group, watched, true);
        }
        List<Cones.Member> covered = new ArrayList<>();
        for (Cones.Member member : group.members) {
            Search.Found found = search.found(Arrays.binarySearch(watched, member.position()), 1);
            if (left == null || claims(found, Search.Kind.UNLOADS).equals(Set.copyOf(ways.get(member.device())
                    .outcomes(Search.Kind.UNLOADS))) && claims(found, Search.Kind.FORCED)
                    .equals(Set.copyOf(ways.get(member.device()).outcomes(Search.Kind.FORCED)))) {
                covered.add(member);
            } else {
                left.add(member.device());
            }
        }
        if (covered.isEmpty()) {
            return number;
        }
        covered.forEach(member -> coneOf.put(member.device(), number));
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("cone", number);
        line.put("devices", Arrays.stream(group.slice.devices()).mapToObj(d -> input.board().device(d).path()).toList());
        line.put("ordered", group.ordered);
        line.put("wide", wide);
        line(line);
        states(search.store(), group.slice.words(), number);
        return number + 1;
    }

    private static Set<Outcome> claims(Search.Found found, Search.Kind most) {
        Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
        found.ways().forEach((outcome, byKind) -> {
            if (byKind.subList(0, most.ordinal() + 1).stream().anyMatch(list -> !list.isEmpty())) {
                outcomes.add(outcome);
            }
        });
        return outcomes;
    }

    private Search search(Cones.Group group, int[] watched, boolean rotates) {
        Limits limits = input.limits();
        long most = Math.max(1, Math.min(limits.states(), limits.bytes() / StateStore.bytesPerState(group.slice.words())));
        Search search = new Search(new Moves(group.slice, machine, watched, !group.whole, rotates, null), most, size -> { }).run();
        if (!search.complete()) {
            throw new IllegalArgumentException("a limit was reached while all orders were tried for the certificate");
        }
        return search;
    }

    private void states(StateStore store, int words, int number) {
        for (int from = 0; from < store.size(); from += STATES_PER_LINE) {
            int to = Math.min(store.size(), from + STATES_PER_LINE);
            ByteBuffer bytes = ByteBuffer.allocate((to - from) * words * Long.BYTES);
            for (int s = from; s < to; s++) {
                bytes.asLongBuffer().put(store.words(s), store.at(s), words);
                bytes.position(bytes.position() + words * Long.BYTES);
            }
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("of", number);
            line.put("states", Base64.getEncoder().encodeToString(bytes.array()));
            line(line);
        }
        states += store.size();
    }

    private void device(Ways ways) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("device", input.board().device(ways.device()).path());
        if (coneOf.containsKey(ways.device())) {
            line.put("cone", coneOf.get(ways.device()));
        } else {
            line.put("constant", true);
        }
        List<Map<String, Object>> claims = new ArrayList<>();
        for (Outcome outcome : ways.ways().keySet()) {
            List<Event> plain = ways.way(outcome, Search.Kind.PLAIN) != null ? ways.way(outcome, Search.Kind.PLAIN)
                : ways.way(outcome, Search.Kind.UNLOADS);
            Map<String, Object> claim = new LinkedHashMap<>();
            claim.put("outcome", outcome.name());
            claim.put("schedule", lines(machine.schedule(plain != null ? plain : ways.way(outcome, Search.Kind.FORCED))));
            claims.add(claim);
        }
        line.put("outcomes", claims);
        line(line);
    }

    private static List<String> lines(Schedule schedule) {
        return schedule.steps().stream().map(Schedule::format).toList();
    }

    private void line(Map<String, Object> object) {
        try {
            out.write(mapper.writeValueAsString(object));
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
