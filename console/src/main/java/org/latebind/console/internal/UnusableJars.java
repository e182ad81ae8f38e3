package org.latebind.console.internal;

import java.io.File;
import java.io.IOException;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Takes the jars of the watched folder that are no bundles, so that somebody hears of them; File Install says nothing. */
@Component(service = ArtifactInstaller.class)
public final class UnusableJars implements ArtifactInstaller {

    private final FolderReport report;

    /** Takes whom to tell. */
    @Activate
    public UnusableJars(@Reference FolderReport report) {
        this.report = report;
    }

    @Override
    public boolean canHandle(File file) {
        return file.getName().endsWith(".jar") && problem(file) != null;
    }

    /** What is wrong with a jar, or null when File Install can install it. */
    private static String problem(File file) {
        try (JarFile jar = new JarFile(file)) {
            Manifest manifest = jar.getManifest();
            return manifest == null || manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) == null ? "no bundle" : null;
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    @Override
    public void install(File file) {
        String problem = problem(file);
        if (problem != null) {
            report.tell(file.getName() + ": ignored: " + problem);
        }
    }

    @Override
    public void update(File file) {
        install(file);
    }

    @Override
    public void uninstall(File file) {
        // It never was.
    }
}
