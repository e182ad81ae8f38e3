package org.latebind.machine.smmu2;

import java.util.HashSet;
import java.util.Set;
import org.latebind.hardware.Finding;
import org.latebind.machine.ModelFactory;

/** Reports what a strict device would not forgive, the same complaint once. */
final class ProtocolChecker {

    private static final int REMEMBERED_MAX = 1024;

    private final ModelFactory.Surroundings env;
    private final Set<String> reported = new HashSet<>();

    ProtocolChecker(ModelFactory.Surroundings env) {
        this.env = env;
    }

    /** Reports a complaint unless the very same was reported before. */
    void complain(String rule, String format, Object... args) {
        String detail = String.format(format, args);
        if (reported.size() < REMEMBERED_MAX && reported.add(rule + " " + detail)) {
            env.report(new Finding(rule, env.node().path(), detail));
        }
    }
}
