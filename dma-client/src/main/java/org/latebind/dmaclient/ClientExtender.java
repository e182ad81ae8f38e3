package org.latebind.dmaclient;

import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.util.tracker.BundleTracker;
import org.osgi.util.tracker.BundleTrackerCustomizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lends a driver to every started bundle with the header {@value ClientHeader#NAME}. The driver is registered in that bundle's
 * name, so it comes and goes with the bundle.
 */
@Component(service = {})
public final class ClientExtender implements BundleTrackerCustomizer<RegisteredDrivers> {

    private static final Logger LOG = LoggerFactory.getLogger(ClientExtender.class);

    private final BundleTracker<RegisteredDrivers> tracker;

    /** Looks at the bundles that are started already, then at every other one. */
    @Activate
    public ClientExtender(BundleContext context) {
        tracker = new BundleTracker<>(context, Bundle.ACTIVE, this);
        tracker.open();
    }

    @Deactivate
    void deactivate() {
        tracker.close();
    }

    @Override
    public RegisteredDrivers addingBundle(Bundle bundle, BundleEvent event) {
        String header = bundle.getHeaders("").get(ClientHeader.NAME);
        BundleContext context = bundle.getBundleContext();
        if (header == null || context == null) {
            return null;
        }
        try {
            List<ClientHeader.Clause> clauses = ClientHeader.parse(header);
            RegisteredDrivers drivers = new RegisteredDrivers(context);
            for (ClientHeader.Clause clause : clauses) {
                drivers.register(clause.name(), clause.bus(), clause.compatible());
            }
            return drivers;
        } catch (ClientHeader.MalformedHeaderException e) {
            LOG.error("bundle {}: {}", bundle.getSymbolicName(), e.getMessage());
            return null;
        }
    }

    @Override
    public void modifiedBundle(Bundle bundle, BundleEvent event, RegisteredDrivers drivers) {
        // Only started bundles are tracked; there is nothing to follow.
    }

    @Override
    public void removedBundle(Bundle bundle, BundleEvent event, RegisteredDrivers drivers) {
        drivers.close();
    }
}
