package org.latebind.explorer.report;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Finding;
import org.latebind.explorer.Repair;
import org.latebind.explorer.Rule;

/** An exploration as a SARIF 2.1.0 log, as maps and lists ready for any JSON library. */
public final class Sarif {

    private static final String SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

    private Sarif() {
    }

    /** Makes the log; {@code file} is the board's file as its artifact. */
    public static Map<String, Object> of(String file, List<Exploration> explorations) {
        List<Object> runs = new ArrayList<>();
        explorations.forEach(exploration -> runs.add(run(file, exploration)));
        return map("$schema", SCHEMA, "version", "2.1.0", "runs", runs);
    }

    private static Map<String, Object> run(String file, Exploration exploration) {
        List<Object> rules = new ArrayList<>();
        for (Rule rule : Rule.values()) {
            rules.add(map("id", rule.id(), "shortDescription", map("text", rule.text())));
        }
        List<Object> results = new ArrayList<>();
        exploration.findings().forEach(finding -> results.add(result(file, finding)));
        Map<String, Object> driver = map("name", "latebind", "rules", rules);
        return map("tool", map("driver", driver),
                "automationDetails", map("id", "latebind/" + exploration.board() + "/" + exploration.policy()),
                "properties", map("verdict", ExplorationDocument.verdict(exploration), "orders",
                        ExplorationDocument.orders(exploration.stats())),
                "results", results);
    }

    private static Map<String, Object> result(String file, Finding finding) {
        StringBuilder text = new StringBuilder(finding.device()).append(": ").append(finding.sentence());
        for (Repair repair : finding.repair()) {
            text.append("; repair: ").append(repair.line());
        }
        Map<String, Object> location = map("physicalLocation", map("artifactLocation", map("uri", uri(file))),
                "logicalLocations", List.of(map("fullyQualifiedName", finding.device(), "kind", "resource")));
        List<Object> steps = new ArrayList<>();
        for (String line : ExplorationDocument.lines(finding.schedule())) {
            steps.add(map("location", map("message", map("text", line))));
        }
        Map<String, Object> result = map("ruleId", finding.rule().id(), "ruleIndex", finding.rule().ordinal(),
                "level", "warning", "message", map("text", text.toString()), "locations", List.of(location));
        if (!steps.isEmpty()) {
            result.put("codeFlows", List.of(map("threadFlows", List.of(map("locations", steps)))));
        }
        return result;
    }

    /** The file as a reference of RFC 3986: relative stays relative, the separator is a slash. */
    private static String uri(String file) {
        try {
            String path = file.replace(java.io.File.separatorChar, '/');
            return new URI(path.startsWith("/") ? "file" : null, null, path, null).toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(file, e);
        }
    }

    private static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
