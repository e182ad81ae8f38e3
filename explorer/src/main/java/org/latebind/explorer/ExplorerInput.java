package org.latebind.explorer;

import java.util.Objects;
import org.latebind.probe.Board;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;

/**
 * What is explored. Nothing is null.
 *
 * @param board       board
 * @param catalogue   modules, built-in ones among them
 * @param policy      policy
 * @param parameters  parameters
 * @param constraints orders that hold anyway
 * @param events      events that may happen
 * @param limits      what the run may cost
 */
public record ExplorerInput(Board board, ModuleCatalogue catalogue, Policy policy, Parameters parameters,
        Constraints constraints, AllowedEvents events, Limits limits) {

    /** Checks. */
    public ExplorerInput {
        Objects.requireNonNull(board, "board");
        Objects.requireNonNull(catalogue, "catalogue");
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(parameters, "parameters");
        Objects.requireNonNull(constraints, "constraints");
        Objects.requireNonNull(events, "events");
        Objects.requireNonNull(limits, "limits");
    }

    /** Default events and limits, no constraints, no parameters. */
    public static ExplorerInput of(Board board, ModuleCatalogue catalogue, Policy policy) {
        return new ExplorerInput(board, catalogue, policy, Parameters.DEFAULTS, Constraints.NONE, AllowedEvents.DEFAULT,
            Limits.DEFAULT);
    }

    /** With this board. */
    public ExplorerInput withBoard(Board value) {
        return new ExplorerInput(value, catalogue, policy, parameters, constraints, events, limits);
    }

    /** With this catalogue. */
    public ExplorerInput withCatalogue(ModuleCatalogue value) {
        return new ExplorerInput(board, value, policy, parameters, constraints, events, limits);
    }

    /** With these parameters. */
    public ExplorerInput withParameters(Parameters value) {
        return new ExplorerInput(board, catalogue, policy, value, constraints, events, limits);
    }

    /** With these constraints. */
    public ExplorerInput withConstraints(Constraints value) {
        return new ExplorerInput(board, catalogue, policy, parameters, value, events, limits);
    }

    /** With these events. */
    public ExplorerInput withEvents(AllowedEvents value) {
        return new ExplorerInput(board, catalogue, policy, parameters, constraints, value, limits);
    }

    /** With these limits. */
    public ExplorerInput withLimits(Limits value) {
        return new ExplorerInput(board, catalogue, policy, parameters, constraints, events, value);
    }
}
