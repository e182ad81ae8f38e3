package org.latebind.explorer.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.latebind.probe.Outcome;

/** Takes the lines of a certificate one after the other and refuses the first that is not so. */
final class CertificateCheck {

    private final CheckedMachine machine;
    private final String verdict;
    private final Map<Integer, CheckedCone> cones = new HashMap<>();
    private final Map<Integer, String> shapes = new HashMap<>();
    private final boolean[] judged;
    private CheckedCone open;
    private String place = "";
    private boolean dependent;
    private boolean ended;
    private long states;
    private long transitions;
    private int schedules;

    CertificateCheck(CheckedMachine machine, JsonNode header) {
        this.machine = machine;
        verdict = header.path("verdict").asText();
        judged = new boolean[machine.engine.board().deviceCount()];
    }

    boolean ended() {
        return ended;
    }

    /** What the present line is about, for messages. */
    String place() {
        return place;
    }

    Certificate.Result result(String problem) {
        return new Certificate.Result(problem, verdict, cones.size(), states, transitions, schedules);
    }

    void take(JsonNode line) {
        if (line.has("states") && line.has("of")) {
            place = "cone " + line.path("of").asInt() + ": ";
            Refusal.unless(open != null && cones.get(line.path("of").asInt()) == open, "states without their cone");
            open.add(longs(line.path("states").asText()));
            return;
        }
        close();
        if (line.has("cone") && line.has("devices")) {
            cone(line);
        } else if (line.has("device") && line.has("outcomes")) {
            device(line);
        } else if (line.has("finding")) {
            finding(line);
        } else if (line.path("end").asBoolean()) {
            end();
        } else {
            throw new IllegalArgumentException("neither cone, states, device, finding nor end");
        }
    }

    /** The last cone has all its states. */
    private void close() {
        if (open != null) {
            open.check();
            states += open.size();
            transitions += open.transitions();
            open = null;
        }
    }

    private static long[] longs(String base64) {
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(base64));
        long[] words = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(words);
        return words;
    }

    private void cone(JsonNode line) {
        int number = line.path("cone").asInt();
        place = "cone " + number + ": ";
        int[] devices = new int[line.path("devices").size()];
        for (int i = 0; i < devices.length; i++) {
            devices[i] = machine.device(line.path("devices").get(i).asText());
        }
        Refusal.unless(isAscending(devices), "devices are not in the order of the board");
        open = new CheckedCone(machine, devices, line.path("ordered").asBoolean(), line.path("wide").asBoolean());
        Refusal.unless(cones.put(number, open) == null, "is there twice");
        shapes.put(number, open.shape());
    }

    private static boolean isAscending(int[] devices) {
        for (int i = 1; i < devices.length; i++) {
            if (devices[i] <= devices[i - 1]) {
                return false;
            }
        }
        return devices.length > 0;
    }

    private void device(JsonNode line) {
        String path = line.path("device").asText();
        place = path + ": ";
        int device = machine.device(path);
        Refusal.unless(!judged[device], "is there twice");
        judged[device] = true;
        Set<Outcome> plain = EnumSet.noneOf(Outcome.class);
        Set<Outcome> all = EnumSet.noneOf(Outcome.class);
        for (JsonNode claim : line.path("outcomes")) {
            Outcome outcome = Outcome.valueOf(claim.path("outcome").asText());
            Outcome shown = machine.replay(claim.path("schedule"), device);
            schedules++;
            Refusal.unless(shown == outcome, "its schedule ends " + shown + ", not " + outcome);
            all.add(outcome);
            if (!forced(claim.path("schedule"))) {
                plain.add(outcome);
            }
        }
        dependent |= plain.size() > 1;
        if (line.path("constant").asBoolean()) {
            Refusal.unless(machine.influence.constant(device), "events can change what has become of it");
            Refusal.unless(all.equals(EnumSet.of(machine.booted.outcome(device))), "was booted "
                + machine.booted.outcome(device) + ", not " + all);
            return;
        }
        CheckedCone cone = cones.get(line.path("cone").asInt());
        Refusal.unless(cone != null, "no cone " + line.path("cone").asInt());
        int position = position(device, line.path("cone").asInt(), cone);
        covered(cone.outcomes(position, false), plain);
        covered(cone.outcomes(position, true), all);
    }

    /** Where the device stands in the cone, which must hold all that has a say in it, or in one of its own that is just like it. */
    private int position(int device, int number, CheckedCone cone) {
        int own = Arrays.binarySearch(cone.slice.devices(), device);
        int[] devices = machine.influence.cone(device);
        if (own >= 0 && (Arrays.equals(devices, cone.slice.devices())
                || cone.slice.devices().length == machine.engine.board().deviceCount())) {
            return own;
        }
        CheckedCone like = new CheckedCone(machine, devices, cone.ordered, cone.wide);
        Refusal.unless(like.shape().equals(shapes.get(number)), "what has a say in it is not cone " + number);
        return Arrays.binarySearch(devices, device);
    }

    private static void covered(Set<Outcome> reached, Set<Outcome> claimed) {
        Set<Outcome> missing = EnumSet.noneOf(Outcome.class);
        missing.addAll(reached);
        missing.removeAll(claimed);
        Refusal.unless(missing.isEmpty(), "the states of its cone end " + missing + " too");
    }

    private static boolean forced(JsonNode schedule) {
        for (JsonNode line : schedule) {
            String text = line.asText();
            if (text.startsWith("fail ") || text.startsWith("bind ") || text.startsWith("unbind ")) {
                return true;
            }
        }
        return false;
    }

    private void finding(JsonNode line) {
        place = line.path("finding").asText() + " of " + line.path("device").asText() + ": ";
        Outcome shown = machine.replay(line.path("schedule"), machine.device(line.path("device").asText()));
        schedules++;
        Refusal.unless(shown.name().equals(line.path("outcome").asText()), "its schedule ends " + shown + ", not "
            + line.path("outcome").asText());
    }

    private void end() {
        place = "";
        for (int d = 0; d < judged.length; d++) {
            Refusal.unless(judged[d], "nothing is said of " + machine.engine.board().device(d).path());
        }
        String proven = dependent ? "order-dependent" : "order-independent";
        Refusal.unless(verdict.equals(proven), "the verdict is " + proven + ", not " + verdict);
        ended = true;
    }
}
