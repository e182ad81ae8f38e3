package org.latebind.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.latebind.launcher.session.Request;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Felix inside this process. Everything crosses its border as JDK types: framework properties in, a {@link Callable} out.
 */
final class FelixHost implements AutoCloseable {

    /** Filter of the service the session publishes; calling it does the work and returns the exit code. */
    static final String SESSION = "(&(objectClass=java.util.concurrent.Callable)(latebind.session=true))";
    /** The same for the comparison with the model. */
    static final String AGREEMENT = "(&(objectClass=java.util.concurrent.Callable)(latebind.session=agreement))";
    private static final long START_LIMIT_MILLIS = 60_000;

    private final Framework framework;
    private final Path storage;

    /**
     * Makes the framework.
     *
     * @param request  the request, which gets the prefix of its own
     * @param settings further framework properties
     */
    FelixHost(Map<String, String> request, Map<String, String> settings) {
        try {
            storage = Files.createTempDirectory("latebind-");
        } catch (IOException e) {
            throw new BadInput("no temporary folder for the framework: " + e.getMessage());
        }
        Map<String, String> properties = new HashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, storage.toString());
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                "org.slf4j;version=1.7.36,org.slf4j;version=2.0.17,org.slf4j.event;version=2.0.17,org.slf4j.spi;version=2.0.17,"
                        + "org.slf4j.helpers;version=2.0.17");
        // The Flight Recorder writes calls into its inner packages into the classes of events.
        properties.put(Constants.FRAMEWORK_BOOTDELEGATION, "sun.*,jdk.jfr.internal.*");
        properties.put("felix.log.level", "1");
        properties.put("ds.loglevel", "error");
        properties.putAll(settings);
        request.forEach((key, value) -> properties.put(Request.PREFIX + key, value));
        framework = ServiceLoader.load(FrameworkFactory.class).findFirst()
                .orElseThrow(() -> new IllegalStateException("no OSGi framework on the class path"))
                .newFramework(properties);
    }

    /** Starts the framework with these bundles, in this order; jars in {@code installed} are installed but not started. */
    void start(List<Path> started, List<Path> installed) throws BundleException {
        framework.init();
        BundleContext context = framework.getBundleContext();
        List<Bundle> bundles = new ArrayList<>();
        for (Path jar : started) {
            bundles.add(context.installBundle("reference:" + jar.toUri()));
        }
        for (Path jar : installed) {
            context.installBundle("reference:" + jar.toUri());
        }
        framework.start();
        for (Bundle bundle : bundles) {
            if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null) {
                bundle.start();
            }
        }
    }

    /** Opens the shell: starts one of the installed bundles, whose thread reads commands until the framework stops. */
    void openShell(Path jar) throws BundleException {
        Bundle shell = framework.getBundleContext().getBundle("reference:" + jar.toUri());
        if (shell == null) {
            throw new IllegalStateException("not installed: " + jar);
        }
        shell.start();
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    /** Waits for a session, {@link #SESSION} or {@link #AGREEMENT}, and lets it work; returns its answer. */
    Map<?, ?> work(String filter) throws Exception {
        BundleContext context = framework.getBundleContext();
        ServiceTracker<Object, Object> tracker = new ServiceTracker<>(context, parsed(filter), null);
        tracker.open();
        try {
            Object session = tracker.waitForService(START_LIMIT_MILLIS);
            if (session == null) {
                throw new IllegalStateException("the driver core did not come up: " + unsatisfied());
            }
            return (Map<?, ?>) ((Callable<?>) session).call();
        } finally {
            tracker.close();
        }
    }

    private static org.osgi.framework.Filter parsed(String filter) {
        try {
            return FrameworkUtil.createFilter(filter);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private String unsatisfied() {
        StringBuilder text = new StringBuilder();
        for (Bundle bundle : framework.getBundleContext().getBundles()) {
            if (bundle.getState() != Bundle.ACTIVE) {
                text.append(bundle.getSymbolicName()).append(" is in state ").append(bundle.getState()).append("; ");
            }
        }
        return text.isEmpty() ? "all bundles are active, a component is missing" : text.toString();
    }

    /** Waits until somebody stops the framework, for example the shell. */
    void waitForStop() throws InterruptedException {
        framework.waitForStop(0);
    }

    @Override
    public void close() {
        try {
            framework.stop();
            framework.waitForStop(10_000);
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            deleteStorage();
        }
    }

    private void deleteStorage() {
        try (Stream<Path> files = Files.walk(storage)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // A left-over temporary folder is no failure of the run.
        }
    }
}
