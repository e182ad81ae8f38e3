package org.latebind.console.internal;

import java.nio.file.Path;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;

/** Tells what becomes of the bundles that File Install finds in the watched folder, and what it complains of. */
@Component(service = {})
public final class WatchedBundles implements BundleListener, LogListener {

    /** Framework property with the watched folder; File Install reads it too. */
    private static final String FOLDER = "felix.fileinstall.dir";
    private static final String FILE_INSTALL = "org.apache.felix.fileinstall";

    private final BundleContext context;
    private final FolderReport report;
    private final LogReaderService log;
    private final String prefix;

    /** Listens from now on. */
    @Activate
    public WatchedBundles(BundleContext context, @Reference FolderReport report, @Reference LogReaderService log) {
        this.context = context;
        this.report = report;
        this.log = log;
        String folder = context.getProperty(FOLDER);
        this.prefix = folder == null ? null : Path.of(folder).toAbsolutePath().normalize().toUri().getPath();
        context.addBundleListener(this);
        log.addLogListener(this);
    }

    @Deactivate
    void deactivate() {
        log.removeLogListener(this);
        context.removeBundleListener(this);
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        Bundle bundle = event.getBundle();
        String what = switch (event.getType()) {
            case BundleEvent.STARTED -> "started";
            case BundleEvent.STOPPED -> "stopped";
            case BundleEvent.UPDATED -> "updated";
            case BundleEvent.UNINSTALLED -> "uninstalled";
            default -> null;
        };
        if (what != null && prefix != null && bundle.getLocation().startsWith("file:" + prefix)) {
            report.tell(bundle.getSymbolicName() + " " + bundle.getVersion() + " " + what);
        }
    }

    @Override
    public void logged(LogEntry entry) {
        boolean serious = entry.getLogLevel() == LogLevel.ERROR || entry.getLogLevel() == LogLevel.WARN;
        if (serious && FILE_INSTALL.equals(entry.getBundle().getHeaders("").get(Constants.BUNDLE_SYMBOLICNAME))) {
            Throwable cause = entry.getException();
            report.tell(firstLine(entry.getMessage() + (cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage())));
        }
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
