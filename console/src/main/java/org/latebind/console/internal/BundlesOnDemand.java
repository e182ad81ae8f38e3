package org.latebind.console.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.latebind.console.module.DriverModules;
import org.latebind.console.module.OnDemandDrivers;
import org.latebind.driver.DriverCapability;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The framework's own resolver decides what a driver bundle needs; only bundles that are installed can be found. */
@Component(service = OnDemandDrivers.class)
public final class BundlesOnDemand implements OnDemandDrivers {

    private final BundleContext context;
    private final Set<Long> refused = new HashSet<>();

    /** Takes the framework. */
    @Activate
    public BundlesOnDemand(BundleContext context) {
        this.context = context;
    }

    @Override
    public List<String> offer(Path folder) {
        List<Path> jars;
        try (Stream<Path> files = Files.list(folder)) {
            jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException e) {
            throw new DriverModules.ModuleException(folder + ": cannot be listed: " + e.getClass().getSimpleName());
        }
        List<String> problems = new ArrayList<>();
        for (Path jar : jars) {
            try {
                Bundle bundle = context.installBundle(jar.toUri().toString());
                if (bundle.getSymbolicName() == null) {
                    bundle.uninstall();
                    problems.add(jar + ": ignored: no bundle");
                }
            } catch (BundleException e) {
                problems.add(jar + ": ignored: " + firstLine(e));
            }
        }
        return List.copyOf(problems);
    }

    @Override
    public synchronized List<String> satisfy(CoreSnapshot snapshot) {
        List<String> done = new ArrayList<>();
        for (DeviceStatus device : snapshot.devices()) {
            if (!device.bound()) {
                find(device.compatible()).ifPresent(found -> done.add(start(found, device)));
            }
        }
        return List.copyOf(done);
    }

    private record Found(Bundle bundle, String compatible) {
    }

    private Optional<Found> find(List<String> compatible) {
        for (String wanted : compatible) {
            List<Bundle> drivers = Stream.of(context.getBundles()).filter(bundle -> drives(bundle, wanted)).toList();
            if (drivers.stream().anyMatch(bundle -> bundle.getState() == Bundle.ACTIVE)) {
                // It is there and does not have the device: another bundle would not either.
                return Optional.empty();
            }
            Optional<Bundle> best = drivers.stream().filter(bundle -> !refused.contains(bundle.getBundleId()))
                    .max(Comparator.comparing(Bundle::getVersion));
            if (best.isPresent()) {
                return Optional.of(new Found(best.get(), wanted));
            }
        }
        return Optional.empty();
    }

    private static boolean drives(Bundle bundle, String compatible) {
        BundleRevision revision = bundle.getState() == Bundle.UNINSTALLED ? null : bundle.adapt(BundleRevision.class);
        if (revision != null) {
            for (BundleCapability capability : revision.getDeclaredCapabilities(DriverCapability.NAMESPACE)) {
                Object strings = capability.getAttributes().get("compatible");
                if (strings instanceof Collection<?> several ? several.contains(compatible) : compatible.equals(strings)) {
                    return true;
                }
            }
        }
        return false;
    }

    private String start(Found found, DeviceStatus device) {
        Bundle bundle = found.bundle();
        String why = " for " + found.compatible() + " (" + device.path() + ")";
        try {
            startWithSuppliers(bundle, new HashSet<>());
            return "autoload: " + bundle.getSymbolicName() + " " + bundle.getVersion() + why;
        } catch (BundleException e) {
            refused.add(bundle.getBundleId());
            return "autoload: " + bundle.getSymbolicName() + why + " does not start: " + firstLine(e);
        }
    }

    private void startWithSuppliers(Bundle bundle, Set<Bundle> begun) throws BundleException {
        if (!begun.add(bundle) || bundle.getState() == Bundle.ACTIVE || bundle.getBundleId() == Constants.SYSTEM_BUNDLE_ID) {
            return;
        }
        context.getBundle(Constants.SYSTEM_BUNDLE_ID).adapt(FrameworkWiring.class).resolveBundles(List.of(bundle));
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        if (wiring != null) {
            for (BundleWire wire : wiring.getRequiredWires(null)) {
                startWithSuppliers(wire.getProvider().getBundle(), begun);
            }
        }
        if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
            bundle.start();
        }
    }

    private static String firstLine(BundleException e) {
        String text = String.valueOf(e.getMessage());
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
