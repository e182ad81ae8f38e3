package org.latebind.console.module;

import java.nio.file.Path;
import java.util.List;
import org.latebind.runtime.CoreSnapshot;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Finds and starts the driver bundle that a device without driver asks for by its compatible strings, as a kernel does with
 * module aliases. Thread safe.
 */
@ProviderType
public interface OnDemandDrivers {

    /**
     * Adds a place where driver bundles may be found. Nothing is installed until a device asks for it.
     *
     * @param place a folder with jars, or the index of a repository (XML, OSGi Compendium 7, section 132.5); not null
     * @return one line for each jar that is no usable bundle and was left out
     * @throws DriverModules.ModuleException when the folder or the index cannot be read
     */
    List<String> offer(Path place);

    /**
     * Starts, for every device without driver, the bundle whose capability names one of its compatible strings: installed
     * bundles and those of the offered places, the most specific string first and the newest bundle of several. What the
     * bundle needs is chosen by the OSGi resolver from the same places, installed with it and started before it.
     *
     * @param snapshot the devices; not null
     * @return one line for each bundle that was started, or could not be; empty when nothing changed
     */
    List<String> satisfy(CoreSnapshot snapshot);
}
