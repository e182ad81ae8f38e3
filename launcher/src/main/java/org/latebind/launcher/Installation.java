package org.latebind.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files this program consists of: bundles and boards.
 *
 * @param home   folder with {@code lib} and {@code bundles}
 * @param boards folder with the example boards
 */
record Installation(Path home, Path boards) {

    /** Folder of bundles that are always started first: Declarative Services and friends. */
    static final String PLATFORM = "platform";
    /** Folder of the interactive shell's bundles. */
    static final String SHELL = "shell";
    /** Folder of the live page's bundles: the web server and JSON. */
    static final String WEB = "web";
    /** Folder of what reads repository indexes and folders of bundles for drivers on demand. */
    static final String AUTOLOAD = "autoload";
    /** Folder of what watches a folder for bundles that come, change and go. */
    static final String WATCH = "watch";
    /** Folder of the driver core and what stands around it. */
    static final String CORE = "core";
    /** Folder of the loadable modules: driver bundles. */
    static final String MODULES = "modules";

    /** Finds the installation from the environment the start script sets, else from the place of the program's jar. */
    static Installation find() {
        String home = System.getenv("LATEBIND_HOME");
        Path base = home != null ? Path.of(home) : besideTheJar();
        String boards = System.getenv("LATEBIND_BOARDS");
        return new Installation(base, boards != null ? Path.of(boards) : base.resolve("boards"));
    }

    private static Path besideTheJar() {
        Path jar = Path.of(Installation.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        Path lib = jar.getParent();
        return lib == null || lib.getParent() == null ? Path.of("") : lib.getParent();
    }

    /** Jars of one bundle folder, by name. */
    List<Path> bundles(String folder) {
        return files(home.resolve("bundles").resolve(folder), ".jar");
    }

    /** The jar of a module by its name, or null. */
    Path module(String name) {
        Path jar = home.resolve("bundles").resolve(MODULES).resolve(name + ".jar");
        return name.indexOf('/') < 0 && Files.isRegularFile(jar) ? jar : null;
    }

    /** Example boards, by name. */
    List<Path> boardFiles() {
        return Stream.of(".dts", ".dtb", ".iort").flatMap(suffix -> files(boards, suffix).stream()).sorted().toList();
    }

    private static List<Path> files(Path folder, String suffix) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(file -> file.getFileName().toString().endsWith(suffix)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }
}
