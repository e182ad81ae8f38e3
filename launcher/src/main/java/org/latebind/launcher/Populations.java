package org.latebind.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import org.latebind.devicetree.DeviceTreeException;
import org.latebind.explorer.catalogue.CatalogueException;
import org.latebind.explorer.catalogue.PopulationFile;
import org.latebind.pci.PciPopulationReader;
import org.latebind.probe.PciDevices;
import org.latebind.probe.Population;

/** The devices a tree does not name: from the file that was asked for, else from {@code BOARD.pci} beside the board. */
final class Populations {

    private Populations() {
    }

    /** The file that describes them, or null when there is none. */
    static Path file(BoardFile board, Path asked) {
        if (asked != null) {
            return asked;
        }
        Path folder = board.path().toAbsolutePath().getParent();
        Path beside = folder.resolve(board.name() + ".pci");
        return Files.isRegularFile(beside) ? beside : null;
    }

    /** Reads them; {@link BadInput} names file and place. */
    static Population read(BoardFile board, Path asked) {
        Path file = file(board, asked);
        if (file == null) {
            return Population.NONE;
        }
        try {
            return file.toString().endsWith(".pci")
                    ? PciDevices.population(board.hardware(), PciPopulationReader.read(file)) : PopulationFile.read(file);
        } catch (CatalogueException | DeviceTreeException | IllegalArgumentException e) {
            throw new BadInput(e.getMessage().contains(file.toString()) ? e.getMessage() : file + ": " + e.getMessage());
        }
    }
}
