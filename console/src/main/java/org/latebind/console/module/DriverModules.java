package org.latebind.console.module;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** The driver modules of this framework: installed bundles that declare a driver. Thread safe. */
@ProviderType
public interface DriverModules {

    /**
     * One module.
     *
     * @param name       symbolic name of its bundle
     * @param version    version of its bundle
     * @param loaded     whether the bundle is active
     * @param drivers    names of its drivers
     * @param compatible all compatible strings it drives
     */
    record Module(String name, String version, boolean loaded, List<String> drivers, List<String> compatible) {
    }

    /** All modules, sorted by name. */
    List<Module> modules();

    /**
     * Tells whether a module is loaded: its bundle is active.
     *
     * @throws ModuleException when there is no such module
     */
    boolean isLoaded(String name);

    /**
     * Loads a module: starts its bundle. Loading a loaded module changes nothing.
     *
     * @param name a module's name, or the path of a bundle jar, which is installed first
     * @return the module's name
     * @throws ModuleException when there is no such module or its bundle does not start; one line says why
     */
    String load(String name);

    /**
     * Unloads a module: stops its bundle, which releases its devices first.
     *
     * @throws ModuleException when there is no such module, it is not loaded, or its bundle does not stop
     */
    void unload(String name);

    /** A module that cannot be loaded or unloaded. The message is one line for people. */
    final class ModuleException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        /** Makes one from a line for people. */
        public ModuleException(String message) {
            super(message);
        }
    }
}
