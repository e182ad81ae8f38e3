package org.latebind.dmaclient;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import org.latebind.driver.Driver;
import org.latebind.runtime.DmaClient;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** Generic client drivers registered in the name of one bundle. Closing withdraws them, last registered first. */
final class RegisteredDrivers implements AutoCloseable {

    /** Service property: compatible strings of a driver whose bundle declares no capability for it. */
    static final String COMPATIBLE = "compatible";
    /** Service property: modalias patterns, for devices that have no node of their own. */
    static final String IDS = "ids";
    /** Service property: bus of the devices the driver drives. */
    static final String BUS = "bus";
    /** Service property: bus of the devices the driver's probe brings up. */
    static final String CREATES = "creates";

    private final BundleContext context;
    private final List<ServiceRegistration<Driver>> registrations = new ArrayList<>();

    RegisteredDrivers(BundleContext context) {
        this.context = context;
    }

    /** A driver for devices of a bus that have one of these compatible strings. */
    void register(String name, String bus, List<String> compatible) {
        register(name, bus, compatible, List.of(), null);
    }

    /**
     * Any driver.
     *
     * @param ids     modalias patterns
     * @param creates bus of the devices its probe brings up, or null
     */
    void register(String name, String bus, List<String> compatible, List<String> ids, String creates) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(Driver.NAME, name);
        properties.put(BUS, bus);
        properties.put(COMPATIBLE, compatible.toArray(new String[0]));
        properties.put(IDS, ids.toArray(new String[0]));
        if (creates != null) {
            properties.put(CREATES, creates);
        }
        Driver driver = new ClientDriver((client, found) ->
                withdrawal(context.registerService(DmaClient.class, client, new Hashtable<>(found))));
        registrations.add(context.registerService(Driver.class, driver, properties));
    }

    private static Runnable withdrawal(ServiceRegistration<?> registration) {
        return () -> {
            try {
                registration.unregister();
            } catch (IllegalStateException e) {
                // Gone already: the framework withdraws the services of a bundle that stops.
                return;
            }
        };
    }

    @Override
    public void close() {
        for (int i = registrations.size() - 1; i >= 0; i--) {
            withdrawal(registrations.get(i)).run();
        }
        registrations.clear();
    }
}
