package org.latebind.explorer;

import java.util.List;

/** Constraints that no order can keep; the message is one line and names the cycle. */
public final class ContradictionException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> cycle;

    /** Makes one; the cycle's last element comes before its first. */
    public ContradictionException(List<String> cycle) {
        super("contradictory constraints: " + String.join(" before ", cycle) + " before " + cycle.get(0));
        this.cycle = List.copyOf(cycle);
    }

    /** The elements of the cycle, in order. */
    public List<String> cycle() {
        return cycle;
    }
}
