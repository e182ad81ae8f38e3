package org.latebind.probe;

import java.util.List;

/**
 * Modules at hand that an engine does not know, because nothing of them was ever loaded: bundles that are installed and not
 * started. They decide nothing; {@link State#explain(int, InstalledModules)} names them where they would help. Immutable.
 */
public final class InstalledModules {

    /** The names of the modules that would drive a device, by device. */
    private final String[][] modulesOfDevice;

    /**
     * Matches modules with the devices of a board.
     *
     * @param modules the modules, with names of their own; not null
     */
    public InstalledModules(Board board, List<KernelModule> modules) {
        ModuleCatalogue catalogue = new ModuleCatalogue(modules);
        int[][] drivers = new Matcher(board, catalogue).match();
        modulesOfDevice = new String[drivers.length][];
        for (int d = 0; d < drivers.length; d++) {
            modulesOfDevice[d] = java.util.Arrays.stream(drivers[d]).mapToObj(r -> catalogue.module(catalogue.moduleOf(r)).name())
                .distinct().toArray(String[]::new);
        }
    }

    List<String> of(int device) {
        return List.of(modulesOfDevice[device]);
    }
}
