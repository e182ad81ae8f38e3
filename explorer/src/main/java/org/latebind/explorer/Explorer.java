package org.latebind.explorer;

/**
 * The explorer: what every allowed order of events leads to, exactly. Pure but for the threads it uses and the clock of
 * {@link Exploration.Stats#millis}.
 *
 * <pre>
 * Exploration result = Explorer.explore(ExplorerInput.of(board, modules, Policy.TIMEOUT_MULTI));
 * </pre>
 */
public final class Explorer {

    private Explorer() {
    }

    /**
     * Explores.
     *
     * @throws ContradictionException when the constraints contradict each other
     */
    public static Exploration explore(ExplorerInput input) {
        throw new UnsupportedOperationException("the search is not there yet");
    }
}
