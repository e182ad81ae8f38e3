package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.console.module.FolderListener;
import org.latebind.runtime.Command;
import org.latebind.runtime.LogEntry;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;

/** Jars copied into the watched folder, replaced and deleted there, while a board runs. */
@ExtendWith(PaxExamExtension.class)
public class DropFolderIT {

    private static final String MMC = "/soc/mmc@1001000";
    private static final String FOLDER = "felix.fileinstall.dir";
    private static final long PATIENCE_SECONDS = 60;

    @Configuration
    static Option[] config() {
        try {
            Path folder = Files.createTempDirectory("watched");
            folder.toFile().deleteOnExit();
            return CoreOptions.options(CoreOptions.composite(Provision.base()),
                    CoreOptions.frameworkProperty(FOLDER).value(folder.toString()),
                    CoreOptions.frameworkProperty("felix.fileinstall.poll").value("100"),
                    CoreOptions.frameworkProperty("felix.fileinstall.log.level").value("2"),
                    CoreOptions.frameworkProperty("felix.fileinstall.filter").value(".*\\.jar"),
                    CoreOptions.frameworkProperty("felix.fileinstall.noInitialDelay").value("true"),
                    Provision.bundle("org.apache.felix.log"), Provision.bundle("org.apache.felix.fileinstall"),
                    Provision.bundle("explorer"), Provision.bundle("console"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder, and what is told of it. */
    private static final class Watched implements AutoCloseable {
        private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
        private final ServiceRegistration<FolderListener> registration;
        private final Path folder;

        Watched(Live live) {
            folder = Path.of(live.context().getProperty(FOLDER));
            registration = live.context().registerService(FolderListener.class, told::add, null);
        }

        /** Waits for a line with these words. */
        void await(String words) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            String line = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            while (line != null && !line.contains(words)) {
                line = told.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
            assertThat(line).as("told of: %s", words).isNotNull();
        }

        /** Puts a whole file there in one step. */
        void put(Path file, String name) throws IOException {
            Files.move(file, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void close() throws IOException {
            registration.unregister();
            for (File left : folder.toFile().listFiles()) {
                Files.delete(left.toPath());
            }
        }
    }

    /** A module of this build, with another version in its manifest. */
    private static Path module(String name, String version) throws IOException {
        String location = System.getProperty(Provision.LOCATION + name);
        Path copy = Files.createTempFile(name, ".part");
        try (JarFile jar = new JarFile(new File(java.net.URI.create(location.substring("reference:".length()))))) {
            Manifest manifest = new Manifest(jar.getManifest());
            manifest.getMainAttributes().putValue(Constants.BUNDLE_VERSION, version);
            try (OutputStream out = Files.newOutputStream(copy); JarOutputStream into = new JarOutputStream(out, manifest)) {
                for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements();) {
                    JarEntry entry = entries.nextElement();
                    if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
                        into.putNextEntry(new JarEntry(entry.getName()));
                        jar.getInputStream(entry).transferTo(into);
                    }
                }
            }
        }
        return copy;
    }

    @Test
    public void aJarIsReplacedByANewerVersionUnderBoundDevicesAndDeleted() throws Exception {
        try (Live live = Live.board("teaching.dts", "latebind", Map.of()); Watched watched = new Watched(live)) {
            live.start("dma-client");
            live.core().execute(new Command.LateInit());
            assertThat(live.outcome(MMC)).isEqualTo("PENDING");
            watched.put(module("ipmmu-vmsa", "7.0.0"), "driver.jar");
            watched.await("ipmmu-vmsa 7.0.0 started");
            assertThat(live.outcome(MMC)).isEqualTo("BOUND_TRANSLATED");

            watched.put(module("ipmmu-vmsa", "7.1.0"), "driver.jar");
            watched.await("ipmmu-vmsa 7.1.0 started");
            assertThat(live.outcome(MMC)).isEqualTo("BOUND_TRANSLATED");
            assertThat(live.log(LogEntry.Kind.BOUND).stream().filter(entry -> entry.subject().equals(MMC))).as("bound twice").hasSize(2);
            assertThat(live.log(LogEntry.Kind.RELEASED).stream().filter(entry -> entry.subject().equals(MMC))).hasSize(1);

            Files.delete(watched.folder.resolve("driver.jar"));
            watched.await("ipmmu-vmsa 7.1.0 uninstalled");
            assertThat(live.outcome(MMC)).isEqualTo("PENDING");
        }
    }

    @Test
    public void aCorruptJarIsReportedAndIgnoredAndTheNextOneIsTaken() throws Exception {
        try (Live live = Live.board("teaching.dts", "latebind", Map.of()); Watched watched = new Watched(live)) {
            live.start("dma-client");
            live.core().execute(new Command.LateInit());
            Path corrupt = Files.createTempFile("corrupt", ".part");
            Files.write(corrupt, new byte[] {'P', 'K', 3, 4, 0, 0, 0, 1});
            watched.put(corrupt, "corrupt.jar");
            watched.await("corrupt.jar: ignored");
            assertThat(live.outcome(MMC)).isEqualTo("PENDING");
            watched.put(module("ipmmu-vmsa", "7.0.0"), "good.jar");
            watched.await("ipmmu-vmsa 7.0.0 started");
            assertThat(live.outcome(MMC)).isEqualTo("BOUND_TRANSLATED");
        }
    }

    @Test
    public void aBundleThatCannotStartIsReported() throws Exception {
        try (Live live = Live.board("teaching.dts", "latebind", Map.of()); Watched watched = new Watched(live)) {
            Path jar = Files.createTempFile("needy", ".part");
            Manifest manifest = new Manifest();
            manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
            manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
            manifest.getMainAttributes().putValue("Bundle-SymbolicName", "needy");
            manifest.getMainAttributes().putValue("Require-Capability", "toy.absent");
            try (OutputStream out = Files.newOutputStream(jar); JarOutputStream into = new JarOutputStream(out, manifest)) {
                into.flush();
            }
            watched.put(jar, "needy.jar");
            watched.await("toy.absent");
        }
    }
}
