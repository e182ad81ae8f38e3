package org.latebind.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.latebind.acpi.IortNode;
import org.latebind.acpi.IortTable;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.UnclaimedMasters;
import org.latebind.explorer.catalogue.BundleModules;
import org.latebind.explorer.catalogue.CatalogueException;
import org.latebind.explorer.catalogue.CatalogueFile;
import org.latebind.explorer.catalogue.KernelModuleDirectory;
import org.latebind.explorer.catalogue.ModuleSet;
import org.latebind.probe.DriverDescription;
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
    private KernelModuleDirectory directory;

    /**
     * Names the source; nothing is read yet.
     *
     * @param modules  a folder, a file, or null for the bundles of the installation
     * @param builtins list of compatible strings that built-in drivers match or a kernel image, or null
     */
    ModuleSource(Path modules, Path builtins, Installation installation) {
        this.modules = modules;
        this.builtins = builtins;
        this.installation = installation;
    }

    /** Reads the modules for one board. */
    static ModuleSet read(Path modules, Path builtins, BoardFile board, Installation installation) {
        return new ModuleSource(modules, builtins, installation).forBoard(board);
    }

    /** The modules for one board; a module directory is read once for all boards. */
    ModuleSet forBoard(BoardFile board) {
        try {
            if (modules == null) {
                return ModuleSet.of(new ModuleCatalogue(board.iort() == null ? bundles(board.tree(), installation)
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

    /** The driver bundles, and the generic client, which drives what they leave: the same drivers the live framework gets. */
    private static List<KernelModule> bundles(DeviceTree tree, Installation installation) {
        List<KernelModule> modules = new ArrayList<>(BundleModules.read(installation.bundles(Installation.MODULES),
                tree.root().compatible()));
        List<String> claimed = new ArrayList<>();
        modules.forEach(module -> module.drivers().forEach(driver -> claimed.addAll(driver.compatible())));
        UnclaimedMasters masters = UnclaimedMasters.of(tree, claimed);
        List<DriverDescription> drivers = new ArrayList<>();
        if (!masters.hosts().isEmpty()) {
            drivers.add(client("dma-host", "platform", masters.hosts()).withCreatesDevices("*"));
            drivers.add(DriverDescription.named("dma-client-pci").withBus("pci").withIds("pci:*"));
        }
        if (!masters.amba().isEmpty()) {
            drivers.add(client("dma-client-amba", "amba", masters.amba()));
        }
        drivers.add(client("dma-client", "platform", masters.platform()));
        modules.add(KernelModule.loadable("dma-client", drivers.toArray(new DriverDescription[0])));
        return modules;
    }

    /** The same for a table: the generic client drives its named components, and the PCI functions below its root complexes. */
    private static List<KernelModule> bundles(IortTable table, Installation installation) {
        List<KernelModule> modules = new ArrayList<>(BundleModules.read(installation.bundles(Installation.MODULES), List.of()));
        List<String> components = table.nodes().stream().map(IortNode::content)
                .filter(IortNode.NamedComponent.class::isInstance).map(IortNode.NamedComponent.class::cast)
                .map(IortNode.NamedComponent::name).distinct().toList();
        modules.add(KernelModule.loadable("dma-client",
                client("dma-host", "platform", List.of("PNP0A08")).withCreatesDevices("*"),
                DriverDescription.named("dma-client-pci").withBus("pci").withIds("pci:*"),
                client("dma-client", "platform", components)));
        return modules;
    }

    private static DriverDescription client(String name, String bus, List<String> compatible) {
        return DriverDescription.named(name).withBus(bus).withCompatible(compatible.toArray(new String[0]));
    }
}
