package org.latebind.explorer.catalogue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.Unattached;

/** Driver bundles as modules, from the capabilities in their manifests; nothing is started. */
public final class BundleModules {

    private static final String NAMESPACE = "latebind.driver";

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
                            boardCompatible).ifPresent(modules::add);
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
     * @param boardCompatible as for {@link #read}
     * @return empty when it declares no driver
     */
    public static Optional<KernelModule> module(String name, String capabilities, List<String> boardCompatible) {
        List<DriverDescription> drivers = capabilities == null ? List.of() : drivers(capabilities, boardCompatible);
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

    private static DriverDescription driver(Map<String, List<String>> attributes) {
        List<String> compatible = attributes.getOrDefault("compatible", List.of());
        DriverDescription driver = DriverDescription.named(attributes.get(NAMESPACE).get(0))
                .withCompatible(compatible.toArray(new String[0]));
        if (attributes.getOrDefault("iommu", List.of("false")).get(0).equals("true")) {
            boolean abort = attributes.getOrDefault("unattached", List.of("bypass")).get(0).equals("abort");
            driver = driver.withIommu(abort ? Unattached.ABORT : Unattached.BYPASS);
            if (!compatible.isEmpty()) {
                driver = IommuFamilies.complete(driver, compatible.get(0));
            }
        }
        List<String> suppliers = attributes.getOrDefault("suppliers", List.of());
        return suppliers.isEmpty() ? driver : driver.withSuppliersAsked(suppliers.toArray(new String[0]));
    }
}
