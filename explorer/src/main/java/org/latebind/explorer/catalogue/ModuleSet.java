package org.latebind.explorer.catalogue;

import java.util.List;
import org.latebind.probe.ModuleCatalogue;

/**
 * Modules with what their metadata say of their order.
 *
 * @param catalogue the modules
 * @param edges     orders that loading by name keeps
 */
public record ModuleSet(ModuleCatalogue catalogue, List<Edge> edges) {

    /** Copies. */
    public ModuleSet {
        edges = List.copyOf(edges);
    }

    /** Modules without any order. */
    public static ModuleSet of(ModuleCatalogue catalogue) {
        return new ModuleSet(catalogue, List.of());
    }

    /**
     * One order.
     *
     * @param first  module that is loaded earlier
     * @param second module that is loaded later
     * @param source where it says so: {@code modules.dep} or {@code modules.softdep}
     */
    public record Edge(String first, String second, String source) {
    }
}
