package org.latebind.launcher.session;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.UnclaimedMasters;
import org.latebind.explorer.catalogue.BundleModules;
import org.latebind.explorer.catalogue.ClientModules;
import org.latebind.explorer.catalogue.GenericClient;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Bundles of one header that share the masters of a board. While they are there the generic client only lends them its driver:
 * it is started and takes no masters of its own.
 */
@Component(service = ClientBundles.class)
public final class ClientBundles {

    private static final String PID = "org.latebind.dmaclient";
    private static final String REFERENCE = "reference:file:";

    private final BundleContext context;
    private final ConfigurationAdmin admin;
    private final List<Bundle> shared = new ArrayList<>();

    /** Takes the framework. */
    @Activate
    public ClientBundles(BundleContext context, @Reference ConfigurationAdmin admin) {
        this.context = context;
        this.admin = admin;
    }

    /** The jars of all installed bundles that come from files. */
    List<Path> jars() {
        List<Path> jars = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getLocation().startsWith(REFERENCE)) {
                jars.add(Path.of(java.net.URI.create(bundle.getLocation().substring("reference:".length()))));
            }
        }
        return jars;
    }

    /** Installs, without starting them, {@code count} bundles that share the masters of a board. */
    void share(DeviceTree tree, int count) {
        List<String> claimed = new ArrayList<>();
        BundleModules.read(jars(), List.of()).forEach(module ->
                module.drivers().forEach(driver -> claimed.addAll(driver.compatible())));
        try {
            Configuration configuration = admin.getConfiguration(PID, "?");
            configuration.update(new Hashtable<>(Map.of("claim.unclaimed", false)));
            for (ClientModules.Shared client : ClientModules.shared(UnclaimedMasters.of(tree, claimed), count)) {
                shared.add(context.installBundle("latebind-client:" + client.name(),
                        new ByteArrayInputStream(jar(client.name(), client.header()))));
            }
            generic().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes them away again. */
    void withdraw() {
        try {
            for (Bundle bundle : shared) {
                bundle.uninstall();
            }
            shared.clear();
            generic().stop();
            admin.getConfiguration(PID, "?").delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        }
    }

    private Bundle generic() {
        for (Bundle bundle : context.getBundles()) {
            if (GenericClient.NAME.equals(bundle.getSymbolicName())) {
                return bundle;
            }
        }
        throw new IllegalStateException("no bundle " + GenericClient.NAME);
    }

    private static byte[] jar(String name, String header) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        main.putValue(Constants.BUNDLE_SYMBOLICNAME, name);
        main.putValue("Latebind-Client", header);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            jar.finish();
        }
        return bytes.toByteArray();
    }
}
