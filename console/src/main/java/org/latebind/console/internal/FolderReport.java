package org.latebind.console.internal;

import java.util.List;
import org.latebind.console.module.FolderListener;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Hands lines about the watched folder to everybody who listens. */
@Component(service = FolderReport.class)
public final class FolderReport {

    @Reference(policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<FolderListener> listeners = List.of();

    void tell(String line) {
        listeners.forEach(listener -> listener.told("watch: " + line));
    }
}
