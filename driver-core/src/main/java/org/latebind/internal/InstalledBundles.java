package org.latebind.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.latebind.driver.DriverCapability;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.runtime.DriverAttributes;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.util.tracker.BundleTracker;

/**
 * Follows which bundles declare drivers (capabilities in {@link DriverCapability#NAMESPACE}), started or not, resolved or not,
 * so that the reason of a waiting device can name the bundle that would help. Any thread.
 */
final class InstalledBundles extends BundleTracker<Long> {

    private static final int STATES = Bundle.INSTALLED | Bundle.RESOLVED | Bundle.STARTING | Bundle.ACTIVE | Bundle.STOPPING;

    private final Consumer<List<KernelModule>> changed;
    private final Map<Long, Declared> declared = new TreeMap<>();

    private record Declared(String name, List<Map<String, Object>> capabilities) {
        List<DriverDescription> drivers() {
            return capabilities.stream().map(DriverAttributes::read).filter(Objects::nonNull).toList();
        }
    }

    /**
     * Makes a tracker that is not open yet.
     *
     * @param changed told all driver bundles whenever one comes, changes or goes; must not block; not null
     */
    InstalledBundles(BundleContext context, Consumer<List<KernelModule>> changed) {
        super(context, STATES, null);
        this.changed = changed;
    }

    @Override
    public Long addingBundle(Bundle bundle, BundleEvent event) {
        put(bundle, declaredBy(bundle));
        return bundle.getBundleId();
    }

    /** An update brings other capabilities; a start or stop brings none. */
    @Override
    public void modifiedBundle(Bundle bundle, BundleEvent event, Long id) {
        put(bundle, declaredBy(bundle));
    }

    @Override
    public void removedBundle(Bundle bundle, BundleEvent event, Long id) {
        put(bundle, null);
    }

    private void put(Bundle bundle, Declared now) {
        // Told under the lock, which orders what is told; the listener only posts.
        synchronized (declared) {
            Declared before = now == null ? declared.remove(bundle.getBundleId()) : declared.put(bundle.getBundleId(), now);
            if (!Objects.equals(before, now)) {
                changed.accept(modules());
            }
        }
    }

    /** One module a bundle; of two bundles with one name, or two drivers with one name, the first installed counts. */
    private List<KernelModule> modules() {
        Map<String, Declared> byName = new TreeMap<>();
        declared.values().forEach(one -> byName.putIfAbsent(one.name(), one));
        List<String> drivers = new ArrayList<>();
        List<KernelModule> modules = new ArrayList<>();
        for (Declared one : byName.values()) {
            DriverDescription[] own = one.drivers().stream().filter(driver -> !drivers.contains(driver.name()))
                    .toArray(DriverDescription[]::new);
            for (DriverDescription driver : own) {
                drivers.add(driver.name());
            }
            modules.add(KernelModule.loadable(one.name(), own));
        }
        return modules;
    }

    /** What the bundle declares, or null when it is no driver bundle. */
    private static Declared declaredBy(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        List<Map<String, Object>> capabilities = revision == null ? List.of()
                : revision.getDeclaredCapabilities(DriverCapability.NAMESPACE).stream()
                        .map(BundleCapability::getAttributes).toList();
        return capabilities.isEmpty() || bundle.getSymbolicName() == null ? null
                : new Declared(bundle.getSymbolicName(), capabilities);
    }
}
