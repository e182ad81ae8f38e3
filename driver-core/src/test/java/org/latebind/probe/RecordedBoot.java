package org.latebind.probe;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.DeviceTreeFile;

/** One recorded boot of a real kernel, replayed on the engine: what differs is collected, device by device. */
final class RecordedBoot {

    private final JsonNode boot;
    private final ProbeEngine engine;
    private final List<String> differences = new ArrayList<>();
    private final List<LogRecord> log = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final Map<Integer, String> lastNames = new HashMap<>();
    private final List<Boolean> dma = new ArrayList<>();
    private State state;

    RecordedBoot(JsonNode boot, Path folder, ModuleCatalogue catalogue) {
        this.boot = boot;
        Board board = BoardReader.read(DeviceTreeFile.read(folder.resolve(boot.get("dtb").asText())), population(boot));
        Policy policy = Policy.named(boot.path("policy").asText("timeout-multi"));
        this.engine = new ProbeEngine(board, catalogue, policy, asynchronous(boot, parameters(boot.get("params"))));
    }

    /** Modules that some event loads with {@code async_probe}; no boot loads them another time without. */
    private static Parameters asynchronous(JsonNode boot, Parameters parameters) {
        List<String> modules = new ArrayList<>();
        for (JsonNode e : boot.get("events")) {
            for (JsonNode option : e.path("options")) {
                if (option.asText().equals("async_probe")) {
                    modules.add(e.get("module").asText());
                }
            }
        }
        return modules.isEmpty() ? parameters : parameters.with("async_probe", String.join(",", modules));
    }

    static Parameters parameters(JsonNode params) {
        Parameters parameters = Parameters.DEFAULTS.with("deferred_probe_timeout", params.get("deferred_probe_timeout").asText())
            .with("fw_devlink", params.get("fw_devlink").asText())
            .with("fw_devlink.strict", params.get("fw_devlink.strict").asBoolean() ? "1" : "0");
        for (String name : List.of("driver_async_probe", "iommu.passthrough", "iommu.strict")) {
            if (params.has(name)) {
                parameters = parameters.with(name, params.get(name).asText());
            }
        }
        return parameters;
    }

    static Population population(JsonNode boot) {
        JsonNode p = boot.get("population");
        List<Population.PciFunction> pci = new ArrayList<>();
        for (JsonNode f : p.path("pci")) {
            String[] id = f.get("id").asText().split(":");
            String modalias = "pci:v0000" + id[0].toUpperCase(java.util.Locale.ROOT) + "d0000"
                + id[1].toUpperCase(java.util.Locale.ROOT) + "sv00000000sd00000000bc00sc00i00";
            pci.add(new Population.PciFunction(f.get("host").asText(), f.get("rid").asInt(), List.of(), f.get("device").asText(),
                modalias, f.path("driver").asText(null), null, children(f)));
        }
        List<Population.Transport> transports = new ArrayList<>();
        for (JsonNode t : p.path("virtioMmio")) {
            transports.add(new Population.Transport(t.get("transport").asText(), children(t)));
        }
        return new Population(pci, transports, p.has("emptyVirtioMmio"));
    }

    private static List<Population.Child> children(JsonNode creator) {
        List<Population.Child> children = new ArrayList<>();
        for (JsonNode c : creator.path("creates")) {
            children.add(new Population.Child(c.get("id").asText() + "v00001AF4", c.path("driver").asText(null)));
        }
        return children;
    }

    List<String> replay() {
        state = engine.initial();
        for (JsonNode f : boot.get("population").path("failing")) {
            send(new Event.InjectFailure(-1, engine.board().deviceIndex(f.get("device").asText()), f.get("errno").asInt()));
        }
        send(new Event.Boot());
        int snapshot = 0;
        JsonNode snapshots = boot.get("expect").get("snapshots");
        for (JsonNode e : boot.get("events")) {
            send(new Event.Advance(micros(e.get("t"))));
            switch (e.get("op").asText()) {
                case "late-init" -> send(new Event.LateInit());
                case "register" -> send(new Event.RegisterUnrelated());
                case "init" -> {
                    send(new Event.Init());
                    compare("atInit", boot.get("expect").get("atInit"));
                    snapshot("snapshot 0", snapshots.get(snapshot++));
                }
                case "snapshot" -> snapshot("snapshot " + snapshot, snapshots.get(snapshot++));
                case "load", "unload" -> module(e);
                case "unbind" -> refusable(e, new Event.Unbind(device(e.get("device").asText())));
                case "bind" -> bind(e);
                case "override" -> send(new Event.DriverOverride(device(e.get("device").asText()), overriding(e)));
                case "remove" -> send(new Event.RemoveDevice(device(e.get("device").asText())));
                case "rescan" -> rescan();
                case "dma-check" -> dmaCheck(e.get("device").asText());
                default -> throw new IllegalArgumentException("unknown event " + e);
            }
        }
        compare("final", boot.get("expect").get("final"));
        finalDma();
        binds();
        timer();
        deferredList("final list", boot.get("expect").get("deferredList"));
        return differences;
    }

    List<LogRecord> log() {
        return log;
    }

    State state() {
        return state;
    }

    private void differ(String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            differences.add(boot.get("id").asText() + ": " + what + ": kernel " + expected + ", engine " + found);
        }
    }

    private Step send(Event event) {
        Step step = engine.run(state, event, engine.model());
        state = step.state();
        for (LogRecord r : step.log()) {
            log.add(r);
            names.add(nameNow(r.device()));
        }
        return step;
    }

    /** The writer of {@code drivers_probe} (no driver named) learns nothing of a probe that failed. */
    private void bind(JsonNode e) {
        int device = device(e.get("device").asText());
        if (e.has("driver")) {
            refusable(e, new Event.Bind(device, engine.catalogue().driverIndex(e.get("driver").asText())));
        } else {
            send(new Event.Bind(device, -1));
        }
    }

    /** A name that no driver has keeps all of them away; no name lifts that. */
    private int overriding(JsonNode e) {
        int driver = engine.catalogue().driverIndex(e.path("driver").asText());
        return e.has("driver") && driver < 0 ? engine.catalogue().driverIndex("pci-host-generic") : driver;
    }

    /** PCI functions that were removed appear again, lowest first. */
    private void rescan() {
        Board board = engine.board();
        for (int d = 0; d < board.deviceCount(); d++) {
            if (!state.present(d) && board.device(d).name().matches("[0-9a-f]{4}:.*") && !state.present(d)) {
                send(new Event.AddDevice(d));
            }
        }
    }

    private void refusable(JsonNode e, Event event) {
        Step step = send(event);
        boolean refused = step.refusal() != null;
        differ("t " + e.get("t") + " " + e.get("op").asText(), e.path("rc").asInt() != 0, refused);
    }

    private static long micros(JsonNode seconds) {
        return Math.round(seconds.asDouble() * 1e6);
    }

    /** A module that this kernel does not have: the refusal is all there is. */
    private void module(JsonNode e) {
        int module = engine.catalogue().moduleIndex(e.get("module").asText());
        if (module < 0) {
            differ("t " + e.get("t") + " unknown module refused", e.path("rc").asInt() != 0, true);
        } else {
            refusable(e, e.get("op").asText().equals("load") ? new Event.Load(module) : new Event.Unload(module, false));
        }
    }

    private int device(String name) {
        Board board = engine.board();
        for (int d = 0; d < board.deviceCount(); d++) {
            if (state.present(d) && state.deviceName(d).equals(name)) {
                return d;
            }
        }
        return board.deviceIndex(name);
    }

    private List<String> judgeable() {
        List<String> names = new ArrayList<>();
        boot.get("judgeable").forEach(n -> names.add(n.asText()));
        return names;
    }

    private void snapshot(String what, JsonNode snapshot) {
        String name = what + " after " + snapshot.get("after").asText();
        compare(name, snapshot.get("devices"));
        deferredList(name + " list", snapshot.get("deferredList"));
    }

    private void compare(String what, JsonNode devices) {
        for (String name : judgeable()) {
            JsonNode expected = devices.path(name);
            int d = device(name);
            boolean present = d >= 0 && state.present(d) && state.deviceName(d).equals(name);
            differ(what + " " + name + " present", expected.path("present").asBoolean(true), present);
            if (!present) {
                continue;
            }
            int driver = state.driver(d);
            differ(what + " " + name + " driver", expected.path("driver").asText("null"),
                driver < 0 ? "null" : engine.catalogue().driver(driver).name());
            differ(what + " " + name + " bound", expected.path("bound").asBoolean(), state.bound(d));
            differ(what + " " + name + " group", expected.path("group").asBoolean(), state.group(d) >= 0);
            if (expected.has("groupNumber")) {
                if (!boot.path("orderOpen").asBoolean()) {
                    differ(what + " " + name + " group number", expected.get("groupNumber").asInt(), state.group(d));
                }
                groupType(what + " " + name, expected.path("groupType").asText(), d);
            }
            differ(what + " " + name + " deferred", expected.path("deferred").asBoolean(), state.deferred(d));
        }
    }

    private void groupType(String what, String expected, int device) {
        Outcome outcome = state.outcome(device);
        if (outcome == Outcome.BOUND_IDENTITY || outcome == Outcome.BOUND_TRANSLATED) {
            boolean lazy = "0".equals(boot.get("params").path("iommu.strict").asText());
            // In 5.10 lazy invalidation is an attribute, not a type (section 7.1).
            boolean old = engine.policy() == Policy.DEFER_LATE_INIT || engine.policy() == Policy.TIMEOUT_OPTIONAL;
            String translated = lazy && !old ? "DMA-FQ" : "DMA";
            differ(what + " group type", expected, outcome == Outcome.BOUND_IDENTITY ? "identity" : translated);
        }
    }

    private void deferredList(String what, JsonNode list) {
        List<String> expected = new ArrayList<>();
        List<String> found = new ArrayList<>();
        List<String> unjudged = new ArrayList<>();
        boot.path("unjudged").forEach(n -> unjudged.add(n.asText()));
        for (JsonNode entry : list) {
            if (unjudged.contains(entry.path("device").asText(entry.asText()))) {
                continue;
            }
            expected.add(entry.isTextual() ? entry.asText()
                : entry.get("device").asText() + " [" + comparable(entry.path("reason").asText()) + "]");
        }
        for (int d : state.deferredList()) {
            boolean withReason = list.size() == 0 || !list.get(0).isTextual();
            if (unjudged.contains(state.deviceName(d))) {
                continue;
            }
            found.add(state.deviceName(d) + (withReason ? " [" + comparable(state.reasonText(d)) + "]" : ""));
        }
        if (boot.path("orderOpen").asBoolean()) {
            Collections.sort(expected);
            Collections.sort(found);
        }
        differ(what, expected, found);
    }

    /** What a driver of {@code silentDrivers} says by itself is not compared: old ones say nothing, others have words of their own. */
    private String comparable(String reason) {
        for (JsonNode driver : boot.path("silentDrivers")) {
            if (reason.startsWith(driver.asText() + ":")) {
                return "";
            }
        }
        return reason;
    }

    private void dmaCheck(String name) {
        int number = dma.size();
        dma.add(state.dmaWorks(device(name)));
        JsonNode expected = boot.get("expect").get("dmaChecks").get(number);
        differ("dma check " + number + " of " + name, expected.get("result").asText(), dma.get(number) ? "works" : "dead");
    }

    private void finalDma() {
        for (String name : judgeable()) {
            JsonNode expected = boot.get("expect").get("final").get(name);
            if (expected.hasNonNull("dma") && expected.path("bound").asBoolean()) {
                differ("final dma of " + name, expected.get("dma").asText(), state.dmaWorks(device(name)) ? "works" : "dead");
            }
        }
    }

    /** How often each device was bound; in which order those were that no module load or asynchronous probe bound. */
    private void binds() {
        Map<String, Integer> expected = new HashMap<>();
        Map<String, Integer> found = new HashMap<>();
        JsonNode boundAt = boot.get("expect").get("boundAt");
        for (String name : judgeable()) {
            expected.put(name, boundAt.path(name).size());
            found.put(name, 0);
        }
        for (int i = 0; i < log.size(); i++) {
            if (log.get(i).kind() == LogRecord.Kind.BOUND) {
                found.computeIfPresent(names.get(i), (n, count) -> count + 1);
            }
        }
        differ("number of binds", expected, found);
        if (!boot.path("orderOpen").asBoolean()) {
            order();
        }
    }

    /**
     * The binds of this replay stand in the order of the kernel's own times. Left out: a device bound by the registration of
     * its
     * driver in a module load, or asynchronously; the kernel logs such a bind after what it causes.
     */
    private void order() {
        Map<String, Integer> seen = new HashMap<>();
        Map<Integer, Boolean> byLoad = new HashMap<>();
        double last = 0;
        String before = "start";
        boolean booted = false;
        for (int i = 0; i < log.size(); i++) {
            LogRecord r = log.get(i);
            switch (r.kind()) {
                case LATE_INIT -> booted = true;
                case DRIVER_REGISTERED -> byLoad.clear();
                case RETRY -> byLoad.put(r.device(), false);
                case BOUND -> {
                    String name = names.get(i);
                    if (judgeable().contains(name)) {
                        JsonNode at = boot.get("expect").get("boundAt").path(name).path(seen.merge(name, 1, Integer::sum) - 1);
                        if (!booted || byLoad.containsKey(r.device())) {
                            differ("order of binds: " + name + " after " + before, true, at.asDouble() >= last - 0.0011);
                            last = Math.max(last, at.asDouble());
                            before = name;
                        }
                    }
                }
                default -> { }
            }
        }
    }

    /** Late-named devices change their names: the name when the record was made, or the last one before. */
    private String nameNow(int device) {
        if (device < 0) {
            return "";
        }
        if (state.present(device)) {
            lastNames.put(device, state.deviceName(device));
        }
        return lastNames.getOrDefault(device, engine.board().device(device).name());
    }

    private void timer() {
        JsonNode timer = boot.get("expect").get("timer");
        if (!timer.hasNonNull("expiredAt")) {
            return;
        }
        double timeout = boot.get("params").get("deferred_probe_timeout").asDouble();
        double from = timer.get("lastRearmedAt").asDouble() + timeout;
        double late = Math.max(0.125 * timeout, 0.3);
        double kernel = timer.get("expiredAt").asDouble();
        differ("kernel's own timer", true, kernel >= from - 0.1 && kernel <= from + late + 0.1);
        double ours = -1;
        for (LogRecord r : log) {
            if (r.kind() == LogRecord.Kind.TIMER_EXPIRED) {
                ours = r.micros() / 1e6;
            }
        }
        // Our clock restarts at the start of insmod; the kernel's when the driver has registered, up to 0.1 s later.
        boolean inside = ours >= from - 0.11 && ours <= from + late;
        differ("timer expired in [" + from + ", " + (from + late) + "]", true, inside);
    }
}
