package org.latebind.console.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.latebind.console.module.OnDemandDrivers;
import org.latebind.driver.DriverCapability;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverCore;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Capability;
import org.osgi.resource.Resource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.resolver.ResolutionException;
import org.osgi.service.resolver.Resolver;

/** Candidates are installed bundles and the resources of a {@link DriverRepository}; the resolver service chooses what they need. */
@Component(service = OnDemandDrivers.class)
public final class BundlesOnDemand implements OnDemandDrivers {

    private final BundleContext context;
    private final Resolver resolver;
    private final Set<String> refused = new HashSet<>();
    /** Null until a place is offered. */
    private DriverRepository repository;

    /** Takes the framework and its resolver. What is offered and refused lasts as long as the board's core. */
    @Activate
    public BundlesOnDemand(BundleContext context, @Reference Resolver resolver, @Reference DriverCore core) {
        this.context = context;
        this.resolver = resolver;
    }

    @Override
    public synchronized List<String> offer(Path place) {
        if (repository == null) {
            repository = new DriverRepository();
        }
        return repository.add(place);
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

    /** A bundle that drives a compatible string: an installed revision, or a resource of the repository. */
    private record Found(Resource resource, String compatible) {

        private Capability identity() {
            return resource.getCapabilities(IdentityNamespace.IDENTITY_NAMESPACE).get(0);
        }

        Version version() {
            return (Version) identity().getAttributes().get(IdentityNamespace.CAPABILITY_VERSION_ATTRIBUTE);
        }

        String name() {
            return String.valueOf(identity().getAttributes().get(IdentityNamespace.IDENTITY_NAMESPACE));
        }

        String nameAndVersion() {
            return name() + " " + version();
        }
    }

    private Optional<Found> find(List<String> compatible) {
        for (String wanted : compatible) {
            List<Bundle> installed = Stream.of(context.getBundles()).filter(bundle -> drives(bundle, wanted)).toList();
            if (installed.stream().anyMatch(bundle -> bundle.getState() == Bundle.ACTIVE)) {
                // It is there and does not have the device: another bundle would not either.
                return Optional.empty();
            }
            Stream<Resource> all = Stream.concat(installed.stream().map(bundle -> bundle.adapt(BundleRevision.class)),
                    repository == null ? Stream.empty() : repository.driving(wanted).stream());
            Optional<Found> best = all.map(resource -> new Found(resource, wanted))
                    .filter(found -> !refused.contains(found.nameAndVersion())).max(Comparator.comparing(Found::version));
            if (best.isPresent()) {
                return best;
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
        String why = " for " + found.compatible() + " (" + device.path() + ")";
        try {
            startWithSuppliers(install(found.resource()), new HashSet<>());
            return "autoload: " + found.nameAndVersion() + why;
        } catch (BundleException | ResolutionException e) {
            refused.add(found.nameAndVersion());
            return "autoload: " + found.name() + why + " does not start: " + firstLine(e);
        }
    }

    /** Installs a resource with everything it needs that is not there; returns its bundle. */
    private Bundle install(Resource wanted) throws BundleException, ResolutionException {
        if (repository == null) {
            return ((BundleRevision) wanted).getBundle();
        }
        Bundle bundle = null;
        for (Resource resource : resolver.resolve(new DriverResolution(wanted, repository, context)).keySet()) {
            Bundle its = resource instanceof BundleRevision revision ? revision.getBundle()
                    : context.installBundle(DriverRepository.location(resource));
            if (resource.equals(wanted)) {
                bundle = its;
            }
        }
        return bundle != null ? bundle : ((BundleRevision) wanted).getBundle();
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

    private static String firstLine(Exception e) {
        String text = String.valueOf(e.getMessage());
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
