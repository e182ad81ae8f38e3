package org.latebind.machine;

import java.util.ArrayList;
import java.util.List;
import org.latebind.hardware.Finding;

/** What the models complained about. Bounded: a runaway driver must not eat the memory of its judge. */
final class FindingLog {

    /** Findings kept; later ones are counted only. */
    private static final int KEPT_MAX = 10_000;

    private final List<Finding> kept = new ArrayList<>();
    private long dropped;

    synchronized void report(Finding finding) {
        if (kept.size() < KEPT_MAX) {
            kept.add(finding);
        } else {
            dropped++;
        }
    }

    synchronized List<Finding> snapshot() {
        List<Finding> copy = new ArrayList<>(kept);
        if (dropped > 0) {
            copy.add(new Finding("findings-dropped", "machine", dropped + " more findings were not kept"));
        }
        return copy;
    }

    synchronized void clear() {
        kept.clear();
        dropped = 0;
    }
}
