package org.latebind.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.latebind.acpi.AcpiTableException;
import org.latebind.acpi.IortReader;
import org.latebind.acpi.IortTable;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DeviceTreeException;
import org.latebind.devicetree.DtbReader;
import org.latebind.devicetree.DtsReader;
import org.latebind.probe.Board;
import org.latebind.probe.BoardReader;
import org.latebind.probe.IortBoard;
import org.latebind.probe.IortTree;
import org.latebind.probe.Population;

/**
 * A board as named on the command line.
 *
 * @param name what to call it: the file's name without its ending
 * @param path the file
 * @param tree the tree in it, or null
 * @param iort the IORT table in it, or null; a board is one of the two
 */
record BoardFile(String name, Path path, DeviceTree tree, IortTable iort) {

    private static final byte[] DTB_MAGIC = {(byte) 0xd0, 0x0d, (byte) 0xfe, (byte) 0xed};

    /**
     * Finds and reads a board.
     *
     * @throws BadInput when there is no such board or it cannot be read; the message names the file and the place
     */
    static BoardFile open(String argument, Installation installation) {
        Path file = locate(argument, installation);
        try {
            byte[] start = firstBytes(file);
            if (IortReader.isIort(start) || file.toString().endsWith(".iort") || file.toString().endsWith(".aml")) {
                return new BoardFile(nameOf(file), file, null, IortReader.read(file));
            }
            boolean compiled = java.util.Arrays.equals(start, DTB_MAGIC);
            DeviceTree tree = compiled || !file.toString().endsWith(".dts") ? DtbReader.read(file) : DtsReader.read(file);
            return new BoardFile(nameOf(file), file, tree, null);
        } catch (DeviceTreeException | AcpiTableException e) {
            throw new BadInput(e.getMessage());
        } catch (IOException e) {
            throw new BadInput(file + ": cannot be read: " + reason(e));
        }
    }

    /**
     * The device tree.
     *
     * @throws BadInput when the board is an IORT table
     */
    @Override
    public DeviceTree tree() {
        if (tree == null) {
            throw new BadInput(path + ": an IORT table; this needs a board with a device tree");
        }
        return tree;
    }

    /** The hardware in the words of a device tree, also when an IORT table describes it. */
    DeviceTree hardware() {
        return tree == null ? IortTree.of(name, iort) : tree;
    }

    /** What to call the hardware. */
    String model() {
        return tree == null ? "ACPI IORT table" : tree.model();
    }

    /** The devices, with those of the population. */
    Board devices(Path asked) {
        Population population = Populations.read(this, asked);
        try {
            return iort == null ? BoardReader.read(tree, population) : IortBoard.read(name, iort, population);
        } catch (IllegalArgumentException e) {
            if (population == Population.NONE) {
                throw e;
            }
            throw new BadInput(Populations.file(this, asked) + ": " + e.getMessage());
        }
    }

    /** All compiled trees and sources below a folder, sorted by path. */
    static List<Path> below(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".dtb") || file.toString().endsWith(".dts")).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new BadInput(folder + ": cannot be read");
        }
    }

    private static Path locate(String argument, Installation installation) {
        Path file = Path.of(argument);
        if (Files.isDirectory(file)) {
            throw new BadInput(argument + ": is a directory, not a board");
        }
        if (Files.exists(file)) {
            return file;
        }
        for (Path board : installation.boardFiles()) {
            if (nameOf(board).equals(argument) || board.getFileName().toString().equals(argument)) {
                return board;
            }
        }
        throw new BadInput(argument + ": no such board (neither a file nor one of the names 'latebind boards' lists)");
    }

    static String nameOf(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private static byte[] firstBytes(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(DTB_MAGIC.length);
        }
    }

    /** Why a file cannot be read or written, without its name. */
    static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "not allowed";
        }
        if (e instanceof CharacterCodingException) {
            return "is not text in UTF-8";
        }
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason().toLowerCase(Locale.ROOT);
        }
        String text = e.getMessage() == null ? "" : e.getMessage();
        String kind = e.getClass().getSimpleName().replace("Exception", "").toLowerCase(Locale.ROOT);
        return text.isEmpty() ? kind : text;
    }
}
