package org.latebind.explorer.catalogue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
                String header = manifest == null ? null : manifest.getMainAttributes().getValue("Provide-Capability");
                List<DriverDescription> drivers = header == null ? List.of() : drivers(header, boardCompatible);
                if (!drivers.isEmpty()) {
                    String name = manifest.getMainAttributes().getValue("Bundle-SymbolicName").split(";")[0].trim();
                    modules.add(new KernelModule(name, false, null, 0, drivers));
                }
            } catch (IOException e) {
                throw new CatalogueException(jar + ": no readable bundle");
            }
        }
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
