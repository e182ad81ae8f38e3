package org.latebind.explorer;

import java.util.stream.Collectors;
import org.latebind.probe.Board;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Policy;

/**
 * For tests, of any test framework:
 *
 * <pre>
 * &#64;Test
 * void noOrderOfLoadingMatters() {
 *     assertOrderIndependent(board, modules, Policy.TIMEOUT_MULTI);
 * }
 * </pre>
 */
public final class OrderIndependence {

    private OrderIndependence() {
    }

    /**
     * Proves that every device ends the same way in every order of loads, late-init and expiry.
     *
     * @throws AssertionError naming each device that does not, with a schedule for each way; or that a limit was reached
     */
    public static void assertOrderIndependent(Board board, ModuleCatalogue modules, Policy policy) {
        assertOrderIndependent(ExplorerInput.of(board, modules, policy));
    }

    /** The same with events, constraints, parameters and limits of the caller's choice. */
    public static void assertOrderIndependent(ExplorerInput input) {
        Exploration result = Explorer.explore(input.withLimits(input.limits().withRepairs(false)));
        if (result.verdict() == Verdict.ORDER_INDEPENDENT) {
            return;
        }
        throw new AssertionError(result.devices().stream().filter(d -> d.outcomes().size() > 1 || !d.complete())
            .map(OrderIndependence::line).collect(Collectors.joining("\n", result.board() + " under " + result.policy() + ": "
            + result.verdict().word() + "\n", "")));
    }

    private static String line(Exploration.DeviceResult device) {
        return device.path() + (device.complete() ? "" : " (not all outcomes are known)") + device.outcomes().stream()
            .map(r -> "\n  " + r.outcome() + " after " + r.schedule().format().strip().replace("\n", ", "))
            .collect(Collectors.joining());
    }
}
