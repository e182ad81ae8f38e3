package org.latebind.launcher;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import picocli.CommandLine.Option;

/** Options that several commands share: the policy and its parameters. */
final class PolicyOptions {

    @Option(names = {"-p", "--param"}, paramLabel = "NAME=VALUE", description = "A parameter by its kernel name; repeatable.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    /** Finds a policy; {@link BadInput} lists the known ones. */
    static Policy policy(String name) {
        try {
            return Policy.named(name);
        } catch (IllegalArgumentException e) {
            throw new BadInput(e.getMessage());
        }
    }

    /** The options again, each with a blank before it. */
    String asGiven() {
        StringBuilder text = new StringBuilder();
        parameters.forEach((name, value) -> text.append(" -p ").append(name).append('=').append(value));
        return text.toString();
    }

    /** Complains about a name in {@code builtin} that no module has: it would make nothing built in, in silence. */
    void checkBuiltins(Predicate<String> known) {
        List<String> names = on(Parameters.DEFAULTS).builtins();
        for (String name : names == null ? List.<String>of() : names) {
            if (!known.test(name)) {
                throw new BadInput("-p builtin: no module " + name + " matters for this board");
            }
        }
    }

    /** The parameters, on top of {@code base}. */
    Parameters on(Parameters base) {
        Parameters checked = base;
        try {
            for (Map.Entry<String, String> entry : parameters.entrySet()) {
                checked = checked.with(entry.getKey(), entry.getValue());
            }
        } catch (IllegalArgumentException e) {
            throw new BadInput(e.getMessage());
        }
        return checked;
    }
}
