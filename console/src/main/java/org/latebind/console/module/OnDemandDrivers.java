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
     * Installs the bundles of a folder without starting them. A jar that is no usable bundle is left out.
     *
     * @param folder folder with jars; not null
     * @return one line for each jar that was left out
     * @throws DriverModules.ModuleException when the folder cannot be listed
     */
    List<String> offer(Path folder);

    /**
     * Starts, for every device without driver, the installed bundle whose capability names one of its compatible strings, the
     * most specific first and the newest bundle of several; bundles it is wired to are started before it.
     *
     * @param snapshot the devices; not null
     * @return one line for each bundle that was started, or could not be; empty when nothing changed
     */
    List<String> satisfy(CoreSnapshot snapshot);
}
