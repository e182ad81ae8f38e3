package org.latebind.probe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.latebind.devicetree.DeviceTreeFile;

/**
 * QEMU's virt machine with a tree, parameters and devices, booted on the engine step by step; times in seconds after late-init.
 */
final class VirtMachine {

    static final String RTC = "9010000.pl031";
    static final String GPIO = "9030000.pl061";
    static final String SMMU = "9050000.smmuv3";
    static final String HOST = "4010000000.pcie";
    static final String FUNCTION = "0000:00:01.0";
    static final String TRANSPORT = "a003e00.virtio_mmio";

    private static final Path FOLDER = Path.of("src/test/resources/linux-boots");

    final ProbeEngine engine;
    final List<String> order = new ArrayList<>();
    State state;
    boolean refused;

    private VirtMachine(String tree, Population population, String... parameters) {
        Parameters p = Parameters.DEFAULTS;
        for (String one : parameters) {
            p = p.with(one.substring(0, one.indexOf('=')), one.substring(one.indexOf('=') + 1));
        }
        try {
            Board board = BoardReader.read(DeviceTreeFile.read(FOLDER.resolve("virt-" + tree + ".dtb")), population);
            engine = new ProbeEngine(board, CatalogueJson.read(FOLDER.resolve("modules-virt.json")), Policy.TIMEOUT_MULTI, p);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        state = engine.initial();
        send(new Event.Boot());
        send(new Event.LateInit());
    }

    /** A tree without PCI functions and with empty transports. */
    static VirtMachine plain(String tree, String... parameters) {
        return new VirtMachine(tree, new Population(List.of(), List.of(), true), parameters);
    }

    /** With a virtio function on the PCI bus. */
    static VirtMachine pci(String tree, String... parameters) {
        return new VirtMachine(tree, new Population(List.of(function(8, "1044", "virtio:d00000004v00001AF4")), List.of(), true),
            parameters);
    }

    /** With virtio-iommu as function 1 and a master as function 2. */
    static VirtMachine viommu(String... parameters) {
        return new VirtMachine("viommu", new Population(List.of(function(8, "1057", "virtio:d00000017v00001AF4"),
            function(16, "1044", "virtio:d00000004v00001AF4")), List.of(), true), parameters);
    }

    /** With a virtio device behind the last transport. */
    static VirtMachine transport(String tree, String... parameters) {
        return new VirtMachine(tree, new Population(List.of(), List.of(new Population.Transport("/virtio_mmio@a003e00",
            List.of(new Population.Child("virtio:d00000004v00001AF4", "virtio_rng")))), true), parameters);
    }

    private static Population.PciFunction function(int rid, String device, String child) {
        return new Population.PciFunction("/pcie@10000000", rid, List.of(), "0000:00:0" + (rid >> 3) + ".0",
            "pci:v00001AF4d0000" + device + "sv00000000sd00000000bc00sc00i00", "virtio-pci", null,
            List.of(new Population.Child(child, null)));
    }

    VirtMachine send(Event event) {
        Step step = engine.run(state, event, engine.model());
        state = step.state();
        refused = step.refusal() != null;
        step.log().stream().filter(r -> r.kind() == LogRecord.Kind.BOUND)
            .forEach(r -> order.add(engine.board().device(r.device()).name()));
        return this;
    }

    VirtMachine load(String... modules) {
        for (String module : modules) {
            send(new Event.Load(engine.catalogue().moduleIndex(module)));
        }
        return this;
    }

    VirtMachine unload(String... modules) {
        for (String module : modules) {
            send(new Event.Unload(engine.catalogue().moduleIndex(module), false));
        }
        return this;
    }

    VirtMachine at(double seconds) {
        return send(new Event.Advance(Math.round(seconds * 1e6)));
    }

    int device(String name) {
        return engine.board().deviceIndex(name);
    }

    Outcome outcome(String name) {
        return state.outcome(device(name));
    }

    String reason(String name) {
        return state.reasonText(device(name));
    }
}
