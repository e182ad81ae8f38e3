package org.latebind.probe;

import java.util.List;
import java.util.Objects;

/**
 * A unit of loading: a kernel module or a driver bundle.
 *
 * @param name    name as {@code lsmod} shows it, or the bundle's symbolic name; not null
 * @param builtin whether it is part of the kernel: registered at boot, never unloaded
 * @param level   initcall level of a built-in ({@code subsys}, {@code device} ...); null counts as {@code device}
 * @param rank    link order of a built-in; lower registers first
 * @param drivers the drivers it registers, in order; empty for a module that registers none (such a load never restarts the
 *                timer)
 */
public record KernelModule(String name, boolean builtin, String level, int rank, List<DriverDescription> drivers) {

    /** Copies the list. */
    public KernelModule {
        Objects.requireNonNull(name, "name");
        drivers = List.copyOf(drivers);
    }

    /** A loadable module. */
    public static KernelModule loadable(String name, DriverDescription... drivers) {
        return new KernelModule(name, false, null, 0, List.of(drivers));
    }

    /** A built-in one. */
    public static KernelModule builtin(String name, int rank, DriverDescription... drivers) {
        return new KernelModule(name, true, "device", rank, List.of(drivers));
    }

    /** The same module, built in or not. */
    public KernelModule asBuiltin(boolean value) {
        return new KernelModule(name, value, level, rank, drivers);
    }

    /** Tells whether a built-in of this module registers before the devices' DMA set-up of old kernels (up to subsys level). */
    boolean early() {
        return builtin && level != null && switch (level) {
            case "early", "pure", "core", "postcore", "arch", "subsys" -> true;
            default -> false;
        };
    }
}
