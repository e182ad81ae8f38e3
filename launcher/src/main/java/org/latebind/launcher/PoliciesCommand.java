package org.latebind.launcher;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.latebind.probe.Policy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the policies. */
@Command(name = "policies", mixinStandardHelpOptions = true,
        description = "Lists the policies: which generation of which kernel decides, and our own.")
final class PoliciesCommand implements Callable<Integer> {

    @Option(names = "--json", description = "One JSON document instead of text.")
    private boolean json;

    @Override
    public Integer call() {
        if (json) {
            List<Object> rows = new ArrayList<>();
            for (Policy policy : Policy.all()) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("name", policy.name());
                row.put("summary", policy.summary());
                row.put("deferredProbeTimeout", policy.timeoutSeconds());
                rows.add(row);
            }
            Json.print(Map.of("policies", rows));
            return ExitCode.OK;
        }
        for (Policy policy : Policy.all()) {
            System.out.printf("%-18s %s%n", policy.name(), policy.summary());
        }
        return ExitCode.OK;
    }
}
