package org.latebind.driver;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A driver's hold on one device. Closed exactly once, after every client of the device is gone, on the thread that
 * owns the core's state; it puts the hardware into its documented state and releases in exact reverse order of probe.
 */
@ConsumerType
public interface Binding extends AutoCloseable {

    /** Removes the driver from the device. */
    @Override
    void close();

    /** Saves what the hardware will lose; the device answers no client until {@link #resume}. */
    default void suspend() {
    }

    /** Restores what {@link #suspend} saved. */
    default void resume() {
    }

    /** Quiesces the hardware for a shutdown or reboot; the binding stays. */
    default void shutdown() {
    }
}
