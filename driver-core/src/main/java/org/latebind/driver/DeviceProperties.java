package org.latebind.driver;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** The firmware's description of one node: a device-tree node, or what an ACPI table says of a device. */
@ProviderType
public interface DeviceProperties {

    /** Path of the node; not null. */
    String path();

    /** Tells whether the property is there, empty or not. */
    boolean has(String property);

    /** The property's bytes (a copy), or null when it is not there. */
    byte[] bytes(String property);

    /** The property as 32-bit cells; empty when it is not there or not a multiple of 4 bytes long. */
    int[] cells(String property);

    /** The property as strings; empty when it is not there or not made of strings. */
    List<String> strings(String property);

    /** Tells whether the node and all its ancestors are available. */
    boolean available();
}
