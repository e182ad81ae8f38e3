package org.latebind.launcher;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the driver modules that come with the program, from the capabilities of their bundles; nothing is started. */
@Command(name = "drivers", mixinStandardHelpOptions = true,
        description = "Lists the driver modules and what they drive.")
final class DriversCommand implements Callable<Integer> {

    @Option(names = "--json", description = "One JSON document instead of text.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        List<Map<String, Object>> rows = new ArrayList<>();
        try (FelixHost host = new FelixHost(Map.of(), Map.of())) {
            host.start(List.of(), Installation.find().bundles(Installation.MODULES));
            for (Bundle bundle : host.context().getBundles()) {
                for (BundleCapability capability
                        : bundle.adapt(BundleRevision.class).getDeclaredCapabilities("latebind.driver")) {
                    rows.add(row(bundle, capability.getAttributes()));
                }
            }
        }
        if (json) {
            Json.print(Map.of("drivers", rows));
        } else {
            rows.forEach(DriversCommand::print);
        }
        return ExitCode.OK;
    }

    private static Map<String, Object> row(Bundle bundle, Map<String, Object> attributes) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", attributes.get("latebind.driver"));
        row.put("module", bundle.getSymbolicName());
        row.put("version", bundle.getVersion().toString());
        row.put("iommu", Boolean.parseBoolean(String.valueOf(attributes.get("iommu"))));
        row.put("compatible", list(attributes.get("compatible")));
        row.put("suppliers", list(attributes.get("suppliers")));
        return row;
    }

    private static List<?> list(Object value) {
        return value == null ? List.of() : value instanceof List<?> several ? several : List.of(value);
    }

    private static void print(Map<String, Object> row) {
        System.out.printf("%s (module %s %s%s)%n", row.get("name"), row.get("module"), row.get("version"),
                Boolean.TRUE.equals(row.get("iommu")) ? ", IOMMU" : "");
        for (Object compatible : (List<?>) row.get("compatible")) {
            System.out.println("    " + compatible);
        }
    }
}
