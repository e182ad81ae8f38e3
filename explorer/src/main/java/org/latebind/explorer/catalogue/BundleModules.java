package org.latebind.explorer.catalogue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.UnclaimedMasters;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.runtime.DriverAttributes;

/** Driver bundles as modules, from the capabilities in their manifests; nothing is started. */
public final class BundleModules {

    private static final String NAMESPACE = "latebind.driver";
    private static final Set<String> LISTS = Set.of("compatible", "suppliers", "ids");

    private BundleModules() {
    }

    /**
     * Reads bundles; jars that declare no driver are left out.
     *
     * @param jars            the bundles
     * @param boardCompatible compatible strings of the board: some drivers take only some clients of some boards
     * @throws CatalogueException when a jar cannot be read
     */
    public static List<KernelModule> read(List<Path> jars, List<String> boardCompatible) {
        List<KernelModule> modules = new ArrayList<>();
        for (Path jar : jars) {
            try (JarFile file = new JarFile(jar.toFile())) {
                Manifest manifest = file.getManifest();
                String name = manifest == null ? null : manifest.getMainAttributes().getValue("Bundle-SymbolicName");
                if (name != null) {
                    module(name.split(";")[0].trim(), manifest.getMainAttributes().getValue("Provide-Capability"),
                            manifest.getMainAttributes().getValue("Service-Component"), boardCompatible).ifPresent(modules::add);
                }
            } catch (IOException e) {
                throw new CatalogueException(jar + ": no readable bundle");
            }
        }
        return modules;
    }

    /**
     * One bundle as a module, from its headers.
     *
     * @param name            symbolic name
     * @param capabilities    header {@code Provide-Capability}; null for none
     * @param components      header {@code Service-Component}, in the order of which the bundle's drivers register when their
     *                        components have the drivers' names; null for none
     * @param boardCompatible as for {@link #read}
     * @return empty when it declares no driver
     */
    public static Optional<KernelModule> module(String name, String capabilities, String components,
            List<String> boardCompatible) {
        List<DriverDescription> drivers = capabilities == null ? List.of() : drivers(capabilities, boardCompatible);
        if (components != null && drivers.size() > 1) {
            List<String> order = Arrays.stream(components.split(",")).map(String::strip)
                    .map(path -> path.substring(path.lastIndexOf('/') + 1).replaceFirst("\\.xml$", "")).toList();
            if (drivers.stream().allMatch(driver -> order.contains(driver.name()))) {
                drivers.sort(Comparator.comparingInt(driver -> order.indexOf(driver.name())));
            }
        }
        return drivers.isEmpty() ? Optional.empty() : Optional.of(new KernelModule(name, false, null, 0, drivers));
    }

    /**
     * A bundle without code that lends the generic client a name and compatible strings.
     *
     * @param name   symbolic name
     * @param header header {@code Latebind-Client}; not null
     */
    public static KernelModule client(String name, String header) {
        List<DriverDescription> drivers = new ArrayList<>();
        for (CapabilityHeader.Clause clause : CapabilityHeader.parse(header)) {
            List<String> compatible = new ArrayList<>();
            clause.attributes().getOrDefault("compatible", List.of())
                    .forEach(value -> compatible.addAll(List.of(value.strip().split("\\s+"))));
            drivers.add(DriverDescription.named(clause.namespace()).withCompatible(compatible.toArray(new String[0])));
        }
        return new KernelModule(name, false, null, 0, drivers);
    }

    /**
     * Everything that can be loaded for a board: the driver bundles, and clients for the masters they leave, as the live
     * framework would have them.
     *
     * @param jars    the driver bundles
     * @param clients how many client modules share the masters ({@link ClientModules}); 0 for the one module
     *                {@code dma-client}, which drives them all
     */
    public static List<KernelModule> forBoard(List<Path> jars, DeviceTree tree, int clients) {
        List<KernelModule> modules = new ArrayList<>(read(jars, tree.root().compatible()));
        if (clients == 0) {
            modules.add(GenericClient.module(tree, modules));
            return modules;
        }
        List<String> claimed = new ArrayList<>();
        modules.forEach(module -> module.drivers().forEach(driver -> claimed.addAll(driver.compatible())));
        ClientModules.shared(UnclaimedMasters.of(tree, claimed), clients).forEach(client -> modules.add(client.module()));
        return modules;
    }

    private static List<DriverDescription> drivers(String header, List<String> boardCompatible) {
        List<DriverDescription> drivers = new ArrayList<>();
        for (CapabilityHeader.Clause clause : CapabilityHeader.parse(header)) {
            if (clause.namespace().equals(NAMESPACE)) {
                DriverDescription driver = driver(clause.attributes());
                drivers.add(driver.grouping() == DriverDescription.Grouping.INSTANCE
                        ? driver.withAllowedClients(IommuFamilies.ipmmuAllowed(boardCompatible)) : driver);
            }
        }
        return drivers;
    }

    /** As the core reads them live. */
    private static DriverDescription driver(Map<String, List<String>> attributes) {
        Map<String, Object> read = new HashMap<>();
        attributes.forEach((name, values) -> read.put(name, LISTS.contains(name) ? values : values.get(0)));
        return DriverAttributes.read(read);
    }
}
