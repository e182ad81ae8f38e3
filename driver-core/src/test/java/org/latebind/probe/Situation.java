package org.latebind.probe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * One situation of the conformance list: a board in a few words, a policy, parameters, events, and what the sheet says of
 * every device.
 * The little languages are explained in docs/conformance.md.
 */
record Situation(String file, String rule, String sheet, String board, Map<String, String> drivers, String builtin,
        Map<String, String> levels, String extra, String params, boolean acpi, String events, Policy policy, String expected) {

    static final Map<String, Policy> SHORT = shorts();

    private static Map<String, Policy> shorts() {
        Map<String, Policy> map = new LinkedHashMap<>();
        String[] names = {"IO", "DB", "DL", "TP", "DI", "TO", "TM", "EG", "FS", "XE", "LB"};
        for (int i = 0; i < names.length; i++) {
            map.put(names[i], Policy.all().get(i));
        }
        return map;
    }

    /** Plays the situation; returns what differs from the sheet. */
    List<String> check() {
        Map<String, DriverDescription> known = new LinkedHashMap<>();
        ProbeEngine engine = new ProbeEngine(readBoard(known), catalogue(known), policy, parameters());
        State s = engine.initial();
        List<String> differences = new ArrayList<>();
        List<String> order = new ArrayList<>();
        List<String> synced = new ArrayList<>();
        List<String> released = new ArrayList<>();
        List<String> forced = new ArrayList<>();
        for (String event : events.split(",")) {
            String text = event.strip();
            boolean refused = text.endsWith(" refused");
            Step step = engine.run(s, event(engine, s, text.replace(" refused", "")), engine.model());
            s = step.state();
            step.log().stream().filter(r -> r.kind() == LogRecord.Kind.BOUND)
                .forEach(r -> order.add(engine.board().device(r.device()).name()));
            step.log().stream().filter(r -> r.kind() == LogRecord.Kind.SYNC_STATE)
                .forEach(r -> synced.add(engine.board().device(r.device()).name()));
            step.log().stream().filter(r -> r.kind() == LogRecord.Kind.UNBOUND)
                .forEach(r -> released.add(engine.board().device(r.device()).name()));
            step.log().stream().filter(r -> r.kind() == LogRecord.Kind.FORCED_OFF)
                .forEach(r -> forced.add(engine.board().device(r.device()).name()));
            if (refused != (step.refusal() != null)) {
                differences.add(text + ": " + (step.refusal() == null ? "not refused" : step.refusal().text()));
            }
        }
        for (String item : items(expected)) {
            differences.addAll(differs(engine, s, Map.of("order", order, "synced", synced, "released", released,
                "forced", forced), item));
        }
        return differences;
    }

    /** Splits at spaces that are followed by NAME=, so that reasons may hold spaces. */
    private static List<String> items(String expected) {
        return List.of(expected.split(" (?=[a-z0-9/]+=)"));
    }

    private static List<String> differs(ProbeEngine engine, State s, Map<String, List<String>> happened, String item) {
        String name = item.substring(0, item.indexOf('='));
        String value = item.substring(item.indexOf('=') + 1);
        String found;
        if (name.equals("list")) {
            List<String> list = new ArrayList<>();
            for (int d : s.deferredList()) {
                list.add(s.deviceName(d) + "[" + s.reasonText(d) + "]");
            }
            found = String.join(",", list);
        } else if (name.equals("panic")) {
            found = s.panicked() ? "yes" : "no";
        } else if (name.equals("groups")) {
            found = groups(engine, s);
        } else if (name.equals("inflight")) {
            found = String.join(",", java.util.Arrays.stream(s.asyncInFlight()).mapToObj(s::deviceName).toList());
        } else if (happened.containsKey(name)) {
            found = String.join(",", happened.get(name));
        } else {
            return device(engine, s, name, value);
        }
        return found.equals(value) ? List.of() : List.of(name + ": sheet " + value + ", engine " + found);
    }

    /** Number and members of every group, by number. */
    private static String groups(ProbeEngine engine, State s) {
        Map<Integer, String> members = new java.util.TreeMap<>();
        for (int d = 0; d < engine.board().deviceCount(); d++) {
            if (s.group(d) >= 0) {
                members.merge(s.group(d), s.deviceName(d), (a, b) -> a + "+" + b);
            }
        }
        return String.join(",", members.entrySet().stream().map(e -> e.getKey() + ":" + e.getValue()).toList());
    }

    private static List<String> device(ProbeEngine engine, State s, String name, String value) {
        int d = engine.board().deviceIndex(path(engine, name));
        String[] parts = value.split("~");
        String found = s.present(d) ? s.outcome(d).name() : "absent";
        List<String> differences = new ArrayList<>();
        if (!found.equals(parts[0])) {
            differences.add(name + ": sheet " + parts[0] + ", engine " + found + " " + s.explain(d));
        }
        for (int i = 1; i < parts.length; i++) {
            if (!s.explain(d).toString().contains(parts[i])) {
                differences.add(name + ": no \"" + parts[i] + "\" in " + s.explain(d));
            }
        }
        return differences;
    }

    private static String path(ProbeEngine engine, String name) {
        for (BoardDevice d : engine.board().devices()) {
            if (d.path().endsWith("/" + name)) {
                return d.path();
            }
        }
        return name;
    }

    private Event event(ProbeEngine engine, State s, String text) {
        String[] w = text.split(" ");
        return switch (w[0]) {
            case "boot" -> new Event.Boot();
            case "late-init" -> new Event.LateInit();
            case "init" -> new Event.Init();
            case "expire" -> new Event.Expire();
            case "register" -> new Event.RegisterUnrelated();
            case "suspend" -> new Event.Suspend();
            case "resume" -> new Event.Resume();
            case "advance" -> new Event.Advance(Math.round(Double.parseDouble(w[1]) * 1e6));
            case "load" -> new Event.Load(engine.catalogue().moduleIndex(w[1]));
            case "unload" -> new Event.Unload(engine.catalogue().moduleIndex(w[1]), false);
            case "unload!" -> new Event.Unload(engine.catalogue().moduleIndex(w[1]), true);
            case "bind" -> new Event.Bind(device(engine, w[1]), w.length > 2 ? engine.catalogue().driverIndex(w[2]) : -1);
            case "unbind" -> new Event.Unbind(device(engine, w[1]));
            case "remove" -> new Event.RemoveDevice(device(engine, w[1]));
            case "run" -> new Event.RunAsync(device(engine, w[1]));
            case "add" -> new Event.AddDevice(device(engine, w[1]));
            case "override" -> new Event.DriverOverride(device(engine, w[1]),
                w.length > 2 ? engine.catalogue().driverIndex(w[2]) : -1);
            case "fail" -> new Event.InjectFailure(w.length > 3 ? engine.catalogue().driverIndex(w[3]) : -1,
                device(engine, w[1]), Integer.parseInt(w[2]));
            default -> throw new IllegalArgumentException(file + ": unknown event " + text);
        };
    }

    private static int device(ProbeEngine engine, String name) {
        return engine.board().deviceIndex(path(engine, name));
    }

    private Parameters parameters() {
        Parameters p = Parameters.DEFAULTS;
        for (String one : params.isEmpty() ? new String[0] : params.split(" ")) {
            p = p.with(one.substring(0, one.indexOf('=')), one.substring(one.indexOf('=') + 1));
        }
        return p;
    }

    // ---- board and catalogue

    private Board readBoard(Map<String, DriverDescription> known) {
        BoardBuilder b = Board.builder(rule);
        if (acpi) {
            b.acpi();
        }
        for (String line : board.strip().split("\n")) {
            String[] w = line.strip().split(" ");
            String driver = after(w, "as", w[1]);
            if (w[0].equals("node") || List.of(w).contains("disabled") || List.of(w).contains("orphan")) {
                BoardBuilder.NodeDraft node = b.node("/" + w[1], w[1]);
                if (List.of(w).contains("disabled")) {
                    node.disabled();
                }
                if (List.of(w).contains("early")) {
                    node.early();
                }
                if (w[0].equals("iommu")) {
                    node.isIommu();
                }
                continue;
            }
            boolean amba = List.of(w).contains("amba");
            BoardBuilder.DeviceDraft d = amba ? b.device(b.node("/" + w[1], driver), w[1], "amba") : b.device("/" + w[1], driver);
            if (w[0].equals("iommu")) {
                d.isIommu();
            }
            if (!List.of(w).contains("nodriver")) {
                DriverDescription description = describe(driver, w[0].equals("iommu"));
                known.putIfAbsent(driver, amba ? description.withBus("amba") : description);
            }
            for (int i = 2; i < w.length; i++) {
                word(b, d, w, i, known);
            }
        }
        return b.build();
    }

    private void word(BoardBuilder b, BoardBuilder.DeviceDraft d, String[] w, int i, Map<String, DriverDescription> known) {
        if (w[i].equals("->")) {
            for (String entry : w[i + 1].split(",")) {
                switch (entry) {
                    case "bad" -> d.badEntry(IommuEntry.END);
                    case "unmapped" -> d.badEntry(IommuEntry.NONE);
                    default -> {
                        String iommu = "/" + entry.split(":")[0];
                        int[] ids = java.util.Arrays.stream(entry.split(":")[1].split("/")).mapToInt(Integer::decode).toArray();
                        d = acpi ? d.mapped(iommu, ids) : d.iommus(iommu, ids);
                    }
                }
            }
        } else if (w[i].equals("creates")) {
            String driver = w[1].equals(after(w, "as", w[1])) ? w[1] : after(w, "as", w[1]);
            known.put(driver, known.get(driver).withCreatesDevices("virtio"));
            known.put(w[i + 1], DriverDescription.named(w[i + 1]).withBus("virtio"));
            b.child("/" + w[1], "virtio", w[i + 1], "/" + w[1] + "/" + w[i + 1]).driverHint(w[i + 1]);
        } else if (w[i].contains("=")) {
            String property = w[i].substring(0, w[i].indexOf('='));
            String target = "/" + w[i].substring(w[i].indexOf('=') + 1);
            switch (property) {
                case "asks" -> d.asks("x-gpios", target);
                case "legacy" -> d.legacyMaster(target.split(":")[0], target.contains(":")
                    ? new int[] {Integer.decode(target.split(":")[1])} : new int[0]);
                case "pci" -> d.groupKey(target);
                case "pd" -> d.powerDomain(target);
                default -> d.supplier(property, target);
            }
        }
    }

    private static String after(String[] words, String word, String otherwise) {
        int at = List.of(words).indexOf(word);
        return at < 0 ? otherwise : words[at + 1];
    }

    private DriverDescription describe(String name, boolean iommu) {
        DriverDescription d = DriverDescription.named(name).withCompatible(name);
        d = iommu ? d.withIommu(Unattached.ABORT) : d;
        for (String word : drivers.getOrDefault(name, "").split(" ")) {
            d = switch (word) {
                case "" -> d;
                case "bypass" -> d.withIommu(Unattached.BYPASS);
                case "stub" -> d.withoutTranslation();
                case "refuses" -> d.withAllowedClients(Set.of());
                case "smmu2" -> d.withIommu(Unattached.ABORT).withEnabledAfterRemove(false).withClientLinks(true)
                    .withLegacyBinding(true);
                case "max16" -> d.withStreamIdMax(16);
                case "instance" -> d.withGrouping(DriverDescription.Grouping.INSTANCE);
                case "exclusive" -> d.withGrouping(DriverDescription.Grouping.EXCLUSIVE);
                case "stream" -> d.withGrouping(DriverDescription.Grouping.STREAM);
                case "nopins" -> d.withPinController(false);
                case "async" -> d.withAsync(true);
                case "asks" -> d.withSuppliersAsked("x-gpios");
                case "forcesync" -> d.withForceSync(true);
                case "nobind" -> d.withManualBind(false);
                case "probeonly" -> d.withDeferBecomesError(true);
                default -> {
                    if (!word.startsWith("also=")) {
                        throw new IllegalArgumentException(file + ": unknown driver word " + word);
                    }
                    yield d.withCompatible(name, word.substring("also=".length()));
                }
            };
        }
        return d;
    }

    private ModuleCatalogue catalogue(Map<String, DriverDescription> known) {
        List<String> order = List.of(builtin.split(" "));
        List<KernelModule> modules = new ArrayList<>();
        known.forEach((name, d) -> modules.add(new KernelModule(name, order.contains(name), levels.getOrDefault(name, "device"),
            order.indexOf(name), List.of(d))));
        if (!extra.isEmpty()) {
            modules.add(extra.equals("empty") ? KernelModule.loadable("empty")
                : KernelModule.loadable(extra, DriverDescription.named(extra)));
        }
        return new ModuleCatalogue(modules);
    }

    String title() {
        return String.format(Locale.ROOT, "%s: %s [%s]", policy.name(), rule, sheet);
    }
}
