package org.latebind.it;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.probe.Population;
import org.latebind.runtime.BoardSource;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverCore;
import org.latebind.runtime.LogEntry;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.util.tracker.ServiceTracker;

/** A board that runs in the framework of the test; closing takes it down. Used inside the framework only. */
final class Live implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BundleContext context = FrameworkUtil.getBundle(Live.class).getBundleContext();
    private final Set<Long> before;
    private final ServiceRegistration<BoardSource> board;
    private final ServiceTracker<DriverCore, DriverCore> cores;
    private final DriverCore core;

    private Live(BoardSource source, Map<String, ?> properties) throws InterruptedException {
        before = Arrays.stream(context.getBundles()).map(Bundle::getBundleId).collect(Collectors.toSet());
        board = context.registerService(BoardSource.class, source,
                properties.isEmpty() ? null : FrameworkUtil.asDictionary(properties));
        cores = new ServiceTracker<>(context, DriverCore.class, null);
        cores.open();
        core = cores.waitForService(PATIENCE.toMillis());
        if (core == null) {
            throw new IllegalStateException("the driver core did not come up");
        }
    }

    /** Brings up one of the boards of the distribution. */
    static Live board(String file, String policy, Map<String, String> parameters) throws IOException, InterruptedException {
        return tree(DtsReader.read(Path.of(System.getProperty("latebind.boards"), file)), policy, parameters);
    }

    /** Brings up a board that the test wrote. */
    static Live source(String dts, String policy, Map<String, String> parameters) throws InterruptedException {
        return tree(DtsReader.read("test.dts", dts), policy, parameters);
    }

    static Live tree(DeviceTree tree, String policy, Map<String, String> parameters) throws InterruptedException {
        return tree(tree, Population.NONE, policy, parameters);
    }

    /** Brings up a board with devices its tree does not name. */
    static Live tree(DeviceTree tree, Population population, String policy, Map<String, String> parameters)
            throws InterruptedException {
        return new Live(new BoardSource() {
            @Override
            public Population population() {
                return population;
            }

            @Override
            public String name() {
                return tree.source();
            }

            @Override
            public DeviceTree tree() {
                return tree;
            }

            @Override
            public String policy() {
                return policy;
            }

            @Override
            public Map<String, String> parameters() {
                return parameters;
            }
        }, Map.of());
    }

    /** Brings up a board as its own service; the properties may choose the machine. */
    static Live source(BoardSource source, Map<String, ?> properties) throws InterruptedException {
        return new Live(source, properties);
    }

    DriverCore core() {
        return core;
    }

    /** The state when nothing is under way any more. */
    CoreSnapshot settled() {
        if (!core.awaitIdle(PATIENCE)) {
            throw new IllegalStateException("the core is not idle after " + PATIENCE);
        }
        return core.snapshot();
    }

    DeviceStatus device(String path) {
        return settled().device(path).orElseThrow(() -> new IllegalStateException("no device " + path));
    }

    String outcome(String path) {
        return device(path).outcome();
    }

    /** Outcome of every device, by path. */
    Map<String, String> outcomes() {
        Map<String, String> outcomes = new TreeMap<>();
        settled().devices().forEach(device -> outcomes.put(device.path(), device.outcome()));
        return outcomes;
    }

    List<LogEntry> log(LogEntry.Kind kind) {
        settled();
        return core.log().stream().filter(entry -> entry.kind() == kind).toList();
    }

    /** Installs one of the bundles of this build without starting it. */
    Bundle install(String name) throws BundleException {
        String location = System.getProperty(Provision.LOCATION + name);
        if (location == null) {
            throw new IllegalStateException("no bundle " + name);
        }
        return context.installBundle(location);
    }

    Bundle start(String name) throws BundleException {
        Bundle bundle = install(name);
        bundle.start();
        return bundle;
    }

    /** The service of a type with these properties, or null. */
    <T> T service(Class<T> type, String filter) {
        try {
            return context.getServiceReferences(type, filter).stream().findFirst().map(context::getService).orElse(null);
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(filter, e);
        }
    }

    /** Object classes of all services there are, sorted: what must be equal before and after a cycle. */
    List<String> services() throws InvalidSyntaxException {
        ServiceReference<?>[] all = context.getAllServiceReferences(null, null);
        return Arrays.stream(all).map(reference -> Arrays.toString((Object[]) reference.getProperty("objectClass"))
                + " " + reference.getProperty("latebind.device.path")).sorted().toList();
    }

    BundleContext context() {
        return context;
    }

    /** Takes the board down and uninstalls every bundle that came since it is up, so that a failed test leaves nothing. */
    @Override
    public void close() throws BundleException {
        board.unregister();
        cores.close();
        for (Bundle bundle : context.getBundles()) {
            if (!before.contains(bundle.getBundleId())) {
                bundle.uninstall();
            }
        }
    }
}
