package org.latebind.launcher.session;

import java.io.IOException;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Map;
import java.util.Set;
import org.latebind.probe.Parameters;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Hands the parameters of driver modules ({@code arm-smmu.disable_bypass}) to Configuration Admin, under the driver's name
 * as PID,
 * before any module is loaded. Parameters of the core itself stay with the board.
 */
@Component(service = DriverParameters.class)
public final class DriverParameters {

    private static final Set<String> OF_THE_CORE = Set.of("fw_devlink", "iommu");

    /** Writes the configurations. */
    @Activate
    public DriverParameters(BundleContext context, @Reference ConfigurationAdmin admin) throws IOException {
        Map<String, Hashtable<String, Object>> byDriver = new HashMap<>();
        Request.from(context).parameters().forEach((name, value) -> {
            int dot = name.indexOf('.');
            if (dot > 0 && !OF_THE_CORE.contains(name.substring(0, dot))) {
                byDriver.computeIfAbsent(name.substring(0, dot), driver -> new Hashtable<>())
                        .put(name.substring(dot + 1), typed(name, value));
            }
        });
        for (Map.Entry<String, Hashtable<String, Object>> entry : byDriver.entrySet()) {
            admin.getConfiguration(entry.getKey(), "?").update(entry.getValue());
        }
    }

    /** The kernel's 0 and 1 are words of their own; a component would read "1" as false. */
    private static Object typed(String name, String value) {
        boolean flag = "0|1".equals(Parameters.NAMES.get(name));
        return flag ? Boolean.valueOf(Set.of("1", "y", "Y", "yes", "on", "true").contains(value)) : value;
    }
}
