package org.latebind.launcher.session;

import org.latebind.console.module.FolderListener;
import org.osgi.service.component.annotations.Component;

/** Prints what becomes of the jars of the watched folder. A run that watches prints for people only. */
@Component
public final class FolderLines implements FolderListener {

    @Override
    public void told(String line) {
        System.out.println(line);
    }
}
