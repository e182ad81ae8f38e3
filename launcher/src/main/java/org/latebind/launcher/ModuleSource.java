package org.latebind.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import org.latebind.explorer.catalogue.BundleModules;
import org.latebind.explorer.catalogue.CatalogueException;
import org.latebind.explorer.catalogue.CatalogueFile;
import org.latebind.explorer.catalogue.KernelModuleDirectory;
import org.latebind.explorer.catalogue.ModuleSet;
import org.latebind.probe.ModuleCatalogue;

/** Where {@code --modules} gets the modules from: a catalogue file, a kernel's module directory, or the bundles that come with us. */
final class ModuleSource {

    private ModuleSource() {
    }

    /**
     * Reads the modules.
     *
     * @param modules  a folder, a file, or null for the bundles of the installation
     * @param builtins list of compatible strings that built-in drivers match, or null
     */
    static ModuleSet read(Path modules, Path builtins, BoardFile board, Installation installation) {
        try {
            if (modules == null) {
                return ModuleSet.of(new ModuleCatalogue(BundleModules.read(installation.bundles(Installation.MODULES))));
            }
            if (Files.isDirectory(modules)) {
                return KernelModuleDirectory.read(modules, builtins).forBoard(board.tree());
            }
            if (!Files.exists(modules)) {
                throw new BadInput(modules + ": no such module directory or catalogue file");
            }
            return ModuleSet.of(CatalogueFile.read(modules));
        } catch (CatalogueException e) {
            throw new BadInput(e.getMessage());
        }
    }
}
