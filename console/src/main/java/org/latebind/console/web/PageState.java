package org.latebind.console.web;

import java.util.List;
import java.util.Map;
import org.latebind.console.module.DriverModules;
import org.latebind.hardware.Finding;
import org.latebind.runtime.CoreSnapshot;

/**
 * All the page shows at one moment; immutable.
 *
 * @param core     the core's state
 * @param modules  driver modules, by name
 * @param findings complaints of the hardware models, oldest first
 * @param clients  number of streams of each device that transfers on request, by path
 */
record PageState(CoreSnapshot core, List<DriverModules.Module> modules, List<Finding> findings, Map<String, Integer> clients) {

    PageState {
        modules = List.copyOf(modules);
        findings = List.copyOf(findings);
        clients = Map.copyOf(clients);
    }
}
