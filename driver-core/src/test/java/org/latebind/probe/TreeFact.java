package org.latebind.probe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DmaLimits;
import org.latebind.devicetree.DmaRanges;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.IommuMap;
import org.latebind.iommu.ReservedRegion;
import org.latebind.iommu.core.FirmwareRegions;
import org.latebind.pci.DmaAliases;
import org.latebind.pci.PciFunction;
import org.latebind.pci.PciGroups;
import org.latebind.pci.PciPopulation;
import org.latebind.pci.PciPopulationReader;

/**
 * One question to a tree and its PCI functions that the sheet answers: masks, id translation, aliases, groups, reserved
 * regions, and what becomes of a PCI function once everything is loaded. The questions are explained in docs/conformance.md.
 */
record TreeFact(String rule, String sheet, String tree, String functions, String question, String expected) {

    private static final String HEADER = "/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; ";

    /** What the engine and the readers say. */
    String answer() {
        DeviceTree dt = DtsReader.read("fact.dts", HEADER + tree + " };");
        PciPopulation pci = PciPopulationReader.read("fact.pci", functions);
        String[] w = question.split(" ");
        return switch (w[0]) {
            case "masks" -> masks(dt, w);
            case "coherent" -> DmaRanges.coherent(dt, dt.byPath(w[1]), false) ? "yes" : "no";
            case "map" -> map(IommuMap.of(dt, dt.byPath("/pcie"), w.length > 2 && w[2].equals("7.3")
                ? IommuMap.Reading.TARGET_CELLS : IommuMap.Reading.FOUR_CELLS).translate(Integer.decode(w[1])));
            case "aliases" -> DmaAliases.of(pci, function(pci, w[1])).stream()
                .map(a -> Integer.toHexString(a.requesterId())).collect(Collectors.joining(" "));
            case "groups" -> groups(pci);
            case "devices" -> BoardReader.read(dt, PciDevices.population(dt, pci)).devices().stream()
                .map(d -> d.bus() + ":" + d.name()).collect(Collectors.joining(" "));
            case "regions" -> FirmwareRegions.of(dt, dt.byPath(w[1])).stream().map(TreeFact::region)
                .collect(Collectors.joining(" "));
            case "numbers" -> numbers(dt, pci, Situation.SHORT.get(w[1]));
            case "outcome" -> outcome(dt, pci, w[1], w.length > 2 ? Situation.SHORT.get(w[2]) : Policy.TIMEOUT_MULTI,
                w.length > 3 ? Parameters.DEFAULTS.with("deferred_probe_timeout", w[3]) : Parameters.DEFAULTS);
            default -> throw new IllegalArgumentException("unknown question " + question);
        };
    }

    /** {@code masks PATH size|end DMA COHERENT [unforced]}; - for a mask the bus did not give. */
    private static String masks(DeviceTree dt, String[] w) {
        OptionalLong streaming = w[3].equals("-") ? OptionalLong.empty() : OptionalLong.of(Long.parseUnsignedLong(w[3], 16));
        DmaLimits.Rule rule = w[2].equals("end") ? DmaLimits.Rule.END : DmaLimits.Rule.SIZE;
        DmaRanges ranges = DmaRanges.ofDevice(dt, dt.byPath(w[1]));
        DmaLimits limits = DmaLimits.of(ranges, rule, streaming, Long.parseUnsignedLong(w[4], 16), w.length < 6);
        DmaLimits again = DmaLimits.of(ranges, rule, OptionalLong.of(limits.dmaMask()), limits.coherentMask(), w.length < 6);
        if (again.dmaMask() != limits.dmaMask() || again.coherentMask() != limits.coherentMask()) {
            return "not idempotent";
        }
        return limits.error() != null ? limits.error().name() : Long.toHexString(limits.dmaMask()) + " "
            + Long.toHexString(limits.coherentMask())
            + (limits.busLimit().isPresent() ? " limit " + Long.toHexString(limits.busLimit().getAsLong()) : "")
            + (limits.warnings().isEmpty() ? "" : " warned");
    }

    private static String map(IommuMap.Answer answer) {
        if (answer instanceof IommuMap.Mapped m) {
            List<String> cells = new ArrayList<>();
            for (int cell : m.reference().cells()) {
                cells.add(Integer.toHexString(cell));
            }
            return m.reference().target().path() + " " + String.join(" ", cells);
        }
        return answer instanceof IommuMap.Wrong wrong ? wrong.errno().name() : "bypass";
    }

    private static PciFunction function(PciPopulation pci, String name) {
        return pci.functions().stream().filter(f -> f.name().endsWith(name)).findFirst().orElseThrow();
    }

    private static String groups(PciPopulation pci) {
        Map<Integer, List<String>> sets = new TreeMap<>();
        PciGroups.of(pci, pci.functions()).forEach((f, group) -> sets.computeIfAbsent(group, key -> new ArrayList<>())
            .add(f.name().replace("0000:", "")));
        return sets.values().stream().map(names -> names.stream().sorted().collect(Collectors.joining("+")))
            .collect(Collectors.joining(" "));
    }

    private static String region(ReservedRegion r) {
        return r.kind() + ":" + Long.toHexString(r.start()) + "+" + Long.toHexString(r.sizeBytes());
    }

    /** Host, endpoint and IOMMU drivers built in; after late-init and the end of the timeout. */
    private static String outcome(DeviceTree dt, PciPopulation pci, String name, Policy policy,
            Parameters parameters) {
        State s = played(dt, pci, policy, parameters);
        for (BoardDevice d : s.board().devices()) {
            if (d.name().endsWith(name)) {
                return s.present(d.index()) ? s.outcome(d.index()).name() : "absent";
            }
        }
        return "no such device";
    }

    /** Who is in which group, by number, in the state of {@link #outcome}. */
    private static String numbers(DeviceTree dt, PciPopulation pci, Policy policy) {
        State s = played(dt, pci, policy, Parameters.DEFAULTS);
        Map<Integer, String> groups = new TreeMap<>();
        s.board().devices().stream().filter(d -> s.group(d.index()) >= 0)
            .forEach(d -> groups.merge(s.group(d.index()), d.name(), (a, b) -> a + "+" + b));
        return groups.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).collect(Collectors.joining(" "));
    }

    private static State played(DeviceTree dt, PciPopulation pci, Policy policy, Parameters parameters) {
        Board board = BoardReader.read(dt, PciDevices.population(dt, pci));
        ProbeEngine engine = new ProbeEngine(board, ModuleCatalogue.of(
            KernelModule.builtin("host", 1, DriverDescription.named("host").withCompatible("host").withCreatesDevices("pci")),
            KernelModule.builtin("dev", 2, DriverDescription.named("dev").withCompatible("dev")),
            KernelModule.builtin("end", 2, DriverDescription.named("end").withBus("pci").withIds("pci:*")),
            KernelModule.builtin("iommu", 3, DriverDescription.named("iommu").withCompatible("iommu")
                .withIommu(Unattached.BYPASS).withLegacyBinding(true))), policy, parameters);
        State s = engine.initial();
        for (Event event : List.of(new Event.Boot(), new Event.LateInit(), new Event.Advance(20_000_000))) {
            s = engine.run(s, event, engine.model()).state();
        }
        return s;
    }
}
