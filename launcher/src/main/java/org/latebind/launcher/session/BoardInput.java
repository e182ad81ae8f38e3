package org.latebind.launcher.session;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.acpi.IortReader;
import org.latebind.acpi.IortTable;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DeviceTreeFile;
import org.latebind.explorer.catalogue.PopulationFile;
import org.latebind.machine.qemu.QemuSetup;
import org.latebind.pci.PciPopulationReader;
import org.latebind.probe.Board;
import org.latebind.probe.BoardReader;
import org.latebind.probe.IortBoard;
import org.latebind.probe.IortTree;
import org.latebind.probe.PciDevices;
import org.latebind.probe.Population;
import org.latebind.runtime.BoardSource;

/**
 * A board to bring up. The command line has read its files once already, so they are known to be good.
 *
 * @param name       name of the board
 * @param tree       its tree, or the tree's words for what an IORT table describes
 * @param devices    its devices
 * @param population the devices the tree does not name
 * @param policy     policy id
 * @param parameters parameters by kernel name
 * @param realTime   whether virtual time follows the clock
 */
record BoardInput(String name, DeviceTree tree, Board devices, Population population, String policy, Map<String, String> parameters,
        boolean realTime) implements BoardSource {

    private static final String QEMU = "qemu";

    /** The board a request names. */
    static BoardInput of(Request request) {
        boolean qemu = QEMU.equals(request.machine());
        IortTable iort = qemu ? null : iort(Path.of(request.board()));
        DeviceTree tree = qemu ? QemuSetup.standard().deviceTree()
                : iort == null ? DeviceTreeFile.read(Path.of(request.board())) : IortTree.of(request.name(), iort);
        Population population = qemu ? QemuSetup.standard().population(tree) : read(request.population(), tree);
        Board devices = iort == null ? BoardReader.read(tree, population) : IortBoard.read(request.name(), iort, population);
        // To the core they are the board's parameters alike; each reads those it knows.
        Map<String, String> parameters = new TreeMap<>(request.hardware());
        parameters.putAll(request.parameters());
        return new BoardInput(request.name(), tree, devices, population, request.policy(), parameters, request.realTime());
    }

    /** The table in a file, or null when it holds something else. */
    private static IortTable iort(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return IortReader.isIort(in.readNBytes(4)) ? IortReader.read(file) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same board under another policy. */
    BoardInput under(String other) {
        return new BoardInput(name, tree, devices, population, other, parameters, realTime);
    }

    private static Population read(String file, DeviceTree tree) {
        if (file == null) {
            return Population.NONE;
        }
        Path path = Path.of(file);
        return file.endsWith(".pci") ? PciDevices.population(tree, PciPopulationReader.read(path)) : PopulationFile.read(path);
    }
}
