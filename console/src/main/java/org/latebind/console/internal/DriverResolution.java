package org.latebind.console.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.HostedCapability;
import org.osgi.service.resolver.ResolveContext;

/** The resolver's view of one driver that is wanted: what the framework holds, then what the offered places have. */
final class DriverResolution extends ResolveContext {

    private final Resource wanted;
    private final DriverRepository repository;
    private final FrameworkWiring framework;
    private final Map<Resource, Wiring> wirings = new HashMap<>();

    DriverResolution(Resource wanted, DriverRepository repository, BundleContext context) {
        this.wanted = wanted;
        this.repository = repository;
        this.framework = context.getBundle(Constants.SYSTEM_BUNDLE_ID).adapt(FrameworkWiring.class);
        for (Bundle bundle : context.getBundles()) {
            BundleWiring wiring = bundle.adapt(BundleWiring.class);
            if (wiring != null) {
                wirings.put(wiring.getRevision(), wiring);
            }
        }
    }

    @Override
    public Collection<Resource> getMandatoryResources() {
        return List.of(wanted);
    }

    /** Installed bundles first: nothing is brought that is there already. */
    @Override
    public List<Capability> findProviders(Requirement requirement) {
        List<Capability> found = new ArrayList<>(framework.findProviders(requirement));
        repository.findProviders(requirement).stream().sorted(DriverRepository::byVersion).forEach(found::add);
        return found;
    }

    @Override
    public int insertHostedCapability(List<Capability> capabilities, HostedCapability hosted) {
        capabilities.add(hosted);
        return capabilities.size() - 1;
    }

    @Override
    public boolean isEffective(Requirement requirement) {
        return Constants.EFFECTIVE_RESOLVE.equals(
                requirement.getDirectives().getOrDefault(Constants.EFFECTIVE_DIRECTIVE, Constants.EFFECTIVE_RESOLVE));
    }

    @Override
    public Map<Resource, Wiring> getWirings() {
        return wirings;
    }
}
