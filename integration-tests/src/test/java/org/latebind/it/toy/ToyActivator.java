package org.latebind.it.toy;

import java.util.Dictionary;
import java.util.Hashtable;
import java.util.concurrent.CountDownLatch;
import org.latebind.driver.Device;
import org.latebind.driver.Driver;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/** Activator of a test bundle whose driver behaves as the header {@code Toy-Behaviour} says. */
public final class ToyActivator implements BundleActivator {

    private final CountDownLatch stopped = new CountDownLatch(1);
    private Bundle bundle;

    @Override
    public void start(BundleContext context) {
        bundle = context.getBundle();
        Dictionary<String, String> headers = bundle.getHeaders("");
        String behaviour = headers.get("Toy-Behaviour");
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(Driver.NAME, bundle.getSymbolicName());
        properties.put("compatible", new String[] {headers.get("Toy-Compatible")});
        context.registerService(Driver.class, device -> probe(behaviour, device), properties);
    }

    private ProbeResult probe(String behaviour, Device device) {
        return switch (behaviour) {
            case "throws" -> throw new IllegalStateException("a toy that throws");
            case "hangs" -> hang();
            case "stops" -> stopOwnBundle();
            case "defers" -> ProbeResult.deferred("the test", "waits for the test");
            case "binds" -> ProbeResult.bound(() -> device.log(Device.LogLevel.INFO, "toy removed"));
            default -> ProbeResult.failed(Errno.EINVAL, "no behaviour " + behaviour);
        };
    }

    private ProbeResult hang() {
        boolean done = false;
        while (!done) {
            try {
                stopped.await();
                done = true;
            } catch (InterruptedException e) {
                // A hang that can be interrupted is none.
                continue;
            }
        }
        return ProbeResult.bound(() -> { });
    }

    private ProbeResult stopOwnBundle() {
        try {
            bundle.stop();
        } catch (BundleException e) {
            return ProbeResult.failed(Errno.EIO, "could not stop: " + e.getMessage());
        }
        return ProbeResult.bound(() -> { });
    }

    @Override
    public void stop(BundleContext context) {
        stopped.countDown();
    }
}
