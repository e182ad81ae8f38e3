package org.latebind.driver;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A device driver: an OSGi service. What it drives is said by the capability of its bundle in the namespace
 * {@value DriverCapability#NAMESPACE} (see {@link DriverCapability}); the service property
 * {@value #NAME} names that capability, so one bundle can hold several drivers.
 *
 * <p>All methods are called on one thread at a time. A driver may throw or never answer: the core contains it,
 * names it, and goes on; the device then counts as failed.
 */
@ConsumerType
public interface Driver {

    /** Service property: the driver's name, the same as in its capability. */
    String NAME = "latebind.driver";

    /**
     * Brings a device up. A failed or deferred probe leaves nothing behind: no mapping in use, no memory, no interrupt.
     *
     * @param device the device, matched by one of the driver's compatible strings; not null
     * @return how it went; never null
     */
    ProbeResult probe(Device device);
}
