package org.latebind.console.internal;

import java.io.File;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.latebind.console.module.DriverModules;
import org.latebind.driver.DriverCapability;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Finds modules by the capabilities of installed bundles, started or not. */
@Component(service = DriverModules.class)
public final class BundleModules implements DriverModules {

    private static final String CLIENT_HEADER = "Latebind-Client";
    private static final String EXTENDER = "osgi.extender";
    private static final String CLIENT_EXTENDER = "latebind.client";

    private final BundleContext context;

    /** Takes the framework. */
    @Activate
    public BundleModules(BundleContext context) {
        this.context = context;
    }

    @Override
    public List<Module> modules() {
        List<Module> modules = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (isModule(bundle)) {
                modules.add(describe(bundle));
            }
        }
        modules.sort(Comparator.comparing(Module::name));
        return modules;
    }

    private static boolean isModule(Bundle bundle) {
        return bundle.getState() != Bundle.UNINSTALLED
                && (!capabilities(bundle).isEmpty() || bundle.getHeaders("").get(CLIENT_HEADER) != null || isExtender(bundle));
    }

    private static boolean isExtender(Bundle bundle) {
        return bundle.adapt(BundleRevision.class).getDeclaredCapabilities(EXTENDER).stream()
                .anyMatch(c -> CLIENT_EXTENDER.equals(c.getAttributes().get(EXTENDER)));
    }

    private static List<BundleCapability> capabilities(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision == null ? List.of() : revision.getDeclaredCapabilities(DriverCapability.NAMESPACE);
    }

    private static Module describe(Bundle bundle) {
        List<String> drivers = new ArrayList<>();
        List<String> compatible = new ArrayList<>();
        for (BundleCapability capability : capabilities(bundle)) {
            drivers.add(String.valueOf(capability.getAttributes().get(DriverCapability.NAMESPACE)));
            Object strings = capability.getAttributes().get("compatible");
            if (strings instanceof Collection<?> several) {
                several.forEach(one -> compatible.add(one.toString()));
            } else if (strings != null) {
                compatible.add(strings.toString());
            }
        }
        return new Module(bundle.getSymbolicName(), bundle.getVersion().toString(), bundle.getState() == Bundle.ACTIVE,
                List.copyOf(drivers), List.copyOf(compatible));
    }

    @Override
    public boolean isLoaded(String name) {
        return !name.endsWith(".jar") && find(name).getState() == Bundle.ACTIVE;
    }

    @Override
    public String load(String name) {
        Bundle bundle = name.endsWith(".jar") ? install(name) : find(name);
        try {
            bundle.start();
        } catch (BundleException e) {
            throw new ModuleException("module " + bundle.getSymbolicName() + " does not start: " + firstLine(e));
        }
        return bundle.getSymbolicName();
    }

    private Bundle install(String path) {
        try {
            return context.installBundle(new File(path).toURI().toString());
        } catch (BundleException e) {
            throw new ModuleException(path + ": no usable bundle: " + firstLine(e));
        }
    }

    @Override
    public void unload(String name) {
        Bundle bundle = find(name);
        if (bundle.getState() != Bundle.ACTIVE) {
            throw new ModuleException("module " + name + " is not loaded");
        }
        try {
            bundle.stop();
        } catch (BundleException e) {
            throw new ModuleException("module " + name + " does not stop: " + firstLine(e));
        }
    }

    private Bundle find(String name) {
        for (Bundle bundle : context.getBundles()) {
            if (name.equals(bundle.getSymbolicName()) && isModule(bundle)) {
                return bundle;
            }
        }
        throw new ModuleException("no module " + name + "; known: "
                + String.join(", ", modules().stream().map(Module::name).toList()));
    }

    private static String firstLine(BundleException e) {
        String text = String.valueOf(e.getMessage());
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
