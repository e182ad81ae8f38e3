package org.latebind.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.latebind.acpi.IortTable;
import org.latebind.explorer.catalogue.BundleModules;
import org.latebind.explorer.catalogue.CatalogueException;
import org.latebind.explorer.catalogue.CatalogueFile;
import org.latebind.explorer.catalogue.GenericClient;
import org.latebind.explorer.catalogue.KernelModuleDirectory;
import org.latebind.explorer.catalogue.ModuleSet;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;

/**
 * Where {@code --modules} gets the modules from: a catalogue file, a kernel's module directory, or the bundles that come
 * with us.
 */
final class ModuleSource {

    private final Path modules;
    private final Path builtins;
    private final Installation installation;
    private final int clients;
    private KernelModuleDirectory directory;

    /**
     * Names the source; nothing is read yet.
     *
     * @param modules  a folder, a file, or null for the bundles of the installation
     * @param builtins list of compatible strings that built-in drivers match or a kernel image, or null
     */
    ModuleSource(Path modules, Path builtins, Installation installation) {
        this(modules, builtins, installation, 0);
    }

    /** The same; {@code clients} as in {@link BundleModules#forBoard}, for the bundles of the installation. */
    ModuleSource(Path modules, Path builtins, Installation installation, int clients) {
        this.clients = clients;
        this.modules = modules;
        this.builtins = builtins;
        this.installation = installation;
    }

    /** Reads the modules for one board. */
    static ModuleSet read(Path modules, Path builtins, BoardFile board, Installation installation) {
        return read(modules, builtins, board, installation, 0);
    }

    /** The same with several client modules. */
    static ModuleSet read(Path modules, Path builtins, BoardFile board, Installation installation, int clients) {
        return new ModuleSource(modules, builtins, installation, clients).forBoard(board);
    }

    /** The modules for one board; a module directory is read once for all boards. */
    synchronized ModuleSet forBoard(BoardFile board) {
        try {
            if (builtins != null && (modules == null || Files.isRegularFile(modules))) {
                throw new BadInput("--builtins goes with a module directory (--modules DIR)");
            }
            if (modules == null) {
                return ModuleSet.of(new ModuleCatalogue(board.iort() == null
                        ? BundleModules.forBoard(installation.bundles(Installation.MODULES), board.tree(), clients)
                        : bundles(board.iort(), installation)));
            }
            if (Files.isDirectory(modules)) {
                if (directory == null) {
                    directory = KernelModuleDirectory.read(modules, builtins);
                }
                return directory.forBoard(board.tree());
            }
            if (!Files.exists(modules)) {
                throw new BadInput(modules + ": no such module directory or catalogue file");
            }
            return ModuleSet.of(CatalogueFile.read(modules));
        } catch (CatalogueException e) {
            throw new BadInput(e.getMessage());
        }
    }

    /** The modules for a table: the generic client drives its named components, and the functions below its root complexes. */
    private static List<KernelModule> bundles(IortTable table, Installation installation) {
        List<KernelModule> modules = new ArrayList<>(BundleModules.read(installation.bundles(Installation.MODULES), List.of()));
        modules.add(GenericClient.module(table));
        return modules;
    }
}
