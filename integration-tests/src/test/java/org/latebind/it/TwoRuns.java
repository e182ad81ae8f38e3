package org.latebind.it;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.driver.DriverCapability;
import org.latebind.it.toy.ToyBundles;
import org.latebind.probe.Board;
import org.latebind.probe.BoardReader;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Event;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.Population;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.State;
import org.latebind.runtime.Command;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverAttributes;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/** One board on the framework and on the engine; every event goes to both. */
final class TwoRuns {

    /** What mainline lets through on R-Car Gen3: the engine's own knowledge of the IPMMU driver, not the driver's. */
    private static final Set<String> GEN3 = Set.of("pci", "ee100000.mmc", "ee120000.mmc", "ee140000.mmc", "ee160000.mmc");
    private static final int CLIENT_MODULES = 2;

    private final Live live;
    private final Board board;
    private final Map<String, Bundle> bundles = new LinkedHashMap<>();
    private final Map<String, List<DriverDescription>> drivers = new LinkedHashMap<>();
    private final Set<String> started = new TreeSet<>();
    private final ProbeEngine engine;
    private State state;
    private boolean lateInit;

    TwoRuns(Live live, DeviceTree tree, String policy, String iommuBundle) throws BundleException {
        this.live = live;
        this.board = BoardReader.read(tree, Population.NONE);
        Bundle iommu = live.install(iommuBundle);
        bundles.put(iommuBundle, iommu);
        drivers.put(iommuBundle, descriptions(iommu, tree));
        clientModules(tree);
        List<KernelModule> modules = new ArrayList<>();
        drivers.forEach((name, all) -> modules.add(KernelModule.loadable(name, all.toArray(DriverDescription[]::new))));
        engine = new ProbeEngine(board, new ModuleCatalogue(modules), Policy.named(policy), Parameters.DEFAULTS);
        state = engine.run(engine.initial(), new Event.Boot(), engine.model()).state();
    }

    private static List<DriverDescription> descriptions(Bundle bundle, DeviceTree tree) {
        List<DriverDescription> all = new ArrayList<>();
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        for (BundleCapability capability : revision.getDeclaredCapabilities(DriverCapability.NAMESPACE)) {
            DriverDescription driver = DriverAttributes.read(capability.getAttributes());
            boolean gen3 = tree.root().isCompatible("renesas,r8a7795");
            boolean denied = tree.root().isCompatible("renesas,r8a7796");
            all.add(!driver.name().equals("ipmmu-vmsa") || !gen3 && !denied ? driver
                    : driver.withAllowedClients(denied ? Set.of() : GEN3));
        }
        return all;
    }

    /** Bundles of one header each, which share the board's masters between them. */
    private void clientModules(DeviceTree tree) throws BundleException {
        Set<String> masters = new TreeSet<>();
        for (Node node : tree.nodes()) {
            if ((node.has("iommus") || node.isCompatible("toy,two")) && node.available()) {
                masters.add(node.compatible().get(0));
            }
        }
        List<String> all = new ArrayList<>(masters);
        for (int module = 0; module < CLIENT_MODULES; module++) {
            int own = module;
            List<String> share = all.stream().filter(one -> all.indexOf(one) % CLIENT_MODULES == own).toList();
            if (!share.isEmpty()) {
                String name = "client-" + (char) ('a' + module);
                String header = name + ";compatible=\"" + String.join(" ", share) + "\"";
                bundles.put(name, ToyBundles.headersOnly(live.context(), name, Map.of("Latebind-Client", header)));
                drivers.put(name, List.of(DriverDescription.named(name).withCompatible(share.toArray(String[]::new))));
            }
        }
    }

    /** Does one event on both sides and returns it as a line of a schedule. */
    String next(Random random, int position) throws BundleException {
        int dice = random.nextInt(100);
        if (!lateInit && (dice < 15 || position == 3)) {
            lateInit = true;
            live.core().execute(new Command.LateInit());
            step(new Event.LateInit());
            return "late-init";
        }
        if (dice < 75) {
            List<String> names = new ArrayList<>(bundles.keySet());
            return toggle(names.get(random.nextInt(names.size())));
        }
        if (dice < 85 && state.timerDueMicros() >= 0) {
            live.core().execute(new Command.Expire());
            step(new Event.Expire());
            return "expire";
        }
        int device = random.nextInt(board.deviceCount());
        String path = board.device(device).path();
        if (state.bound(device)) {
            live.core().execute(new Command.Unbind(path));
            step(new Event.Unbind(device));
            return "unbind " + path;
        }
        live.core().execute(new Command.Bind(path, null));
        step(new Event.Bind(device, -1));
        return "bind " + path;
    }

    private String toggle(String name) throws BundleException {
        if (started.remove(name)) {
            bundles.get(name).stop();
            forDrivers(name, false);
            return "unload " + name;
        }
        started.add(name);
        bundles.get(name).start();
        forDrivers(name, true);
        return "load " + name;
    }

    private void forDrivers(String module, boolean register) {
        live.settled();
        for (DriverDescription driver : drivers.get(module)) {
            int number = engine.catalogue().driverIndex(driver.name());
            step(register ? new Event.RegisterDriver(number) : new Event.UnregisterDriver(number));
        }
    }

    private void step(Event event) {
        state = engine.run(state, event, engine.model()).state();
    }

    /** Where the two runs differ now, one line each. */
    List<String> differences() {
        Map<String, String> live = live();
        Map<String, String> model = model();
        Set<String> keys = new TreeSet<>(live.keySet());
        keys.addAll(model.keySet());
        return keys.stream().filter(key -> !Objects.equals(live.get(key), model.get(key)))
                .map(key -> key + ": the engine says " + model.get(key) + ", the framework came to " + live.get(key)).toList();
    }

    /** What the framework came to. */
    private Map<String, String> live() {
        CoreSnapshot snapshot = live.settled();
        Map<String, String> all = new TreeMap<>();
        for (DeviceStatus device : snapshot.devices()) {
            all.put(device.path(), device.outcome() + " " + device.driver() + " " + device.group());
        }
        all.put("deferred", snapshot.deferred().toString());
        return all;
    }

    /** What the engine says. */
    private Map<String, String> model() {
        Map<String, String> all = new TreeMap<>();
        for (int device = 0; device < board.deviceCount(); device++) {
            if (state.present(device)) {
                String driver = state.driver(device) < 0 ? null : engine.catalogue().driver(state.driver(device)).name();
                Integer group = state.group(device) < 0 ? null : Integer.valueOf(state.group(device));
                all.put(board.device(device).path(), state.outcome(device) + " " + driver + " " + group);
            }
        }
        List<String> deferred = Arrays.stream(state.deferredList()).mapToObj(number -> board.device(number).path()).toList();
        all.put("deferred", deferred.toString());
        return all;
    }
}
