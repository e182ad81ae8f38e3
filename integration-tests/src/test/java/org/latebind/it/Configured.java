package org.latebind.it;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ConfigurationAdmin;

/** A configuration that lasts as long as a test. */
final class Configured implements AutoCloseable {

    private final org.osgi.service.cm.Configuration configuration;

    private Configured(org.osgi.service.cm.Configuration configuration) {
        this.configuration = configuration;
    }

    /** Configures the driver core; before the board comes up. */
    static Configured core(Map<String, Object> properties) throws IOException {
        return of("org.latebind.core", properties);
    }

    /** Configures a component by its PID. */
    static Configured of(String pid, Map<String, Object> properties) throws IOException {
        BundleContext context = FrameworkUtil.getBundle(Configured.class).getBundleContext();
        ConfigurationAdmin admin = context.getService(context.getServiceReference(ConfigurationAdmin.class));
        org.osgi.service.cm.Configuration configuration = admin.getConfiguration(pid, "?");
        configuration.update(new Hashtable<>(properties));
        return new Configured(configuration);
    }

    @Override
    public void close() throws IOException {
        configuration.delete();
    }
}
