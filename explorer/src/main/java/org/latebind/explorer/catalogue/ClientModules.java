package org.latebind.explorer.catalogue;

import java.util.ArrayList;
import java.util.List;
import org.latebind.devicetree.UnclaimedMasters;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;

/**
 * Client modules that share the DMA masters of a board that no driver bundle speaks for, each a bundle of one header: what stands
 * in for {@link GenericClient} where orders of loading matter. Pure.
 */
public final class ClientModules {

    /** Most modules that share the masters of a board: their names end in a letter. */
    public static final int SHARED_MAX = 26;

    private static final String AMBA = "amba";
    private static final String PLATFORM = "platform";

    private ClientModules() {
    }

    /**
     * One of several client modules.
     *
     * @param name   symbolic name of the bundle
     * @param header its header {@code Latebind-Client}
     * @param module the same as the engine sees it
     */
    public record Shared(String name, String header, KernelModule module) {
    }

    /**
     * Modules {@code client-a}, {@code client-b} ..., to which the masters are dealt out in the order of the tree. Hosts are left
     * out. Fewer when there are fewer kinds of masters.
     *
     * @param count 1 to {@link #SHARED_MAX}
     */
    public static List<Shared> shared(UnclaimedMasters masters, int count) {
        if (count < 1 || count > SHARED_MAX) {
            throw new IllegalArgumentException(count + " client modules, not 1.." + SHARED_MAX);
        }
        List<Shared> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = "client-" + (char) ('a' + i);
            List<DriverDescription> drivers = new ArrayList<>();
            List<String> clauses = new ArrayList<>();
            add(name, PLATFORM, share(masters.platform(), i, count), drivers, clauses);
            add(name + "-amba", AMBA, share(masters.amba(), i, count), drivers, clauses);
            if (!drivers.isEmpty()) {
                all.add(new Shared(name, String.join(",", clauses),
                        KernelModule.loadable(name, drivers.toArray(new DriverDescription[0]))));
            }
        }
        return List.copyOf(all);
    }

    private static void add(String name, String bus, List<String> compatible, List<DriverDescription> drivers,
            List<String> clauses) {
        if (!compatible.isEmpty()) {
            drivers.add(driver(name, bus, compatible));
            clauses.add(name + ";bus=" + bus + ";compatible=\"" + String.join(" ", compatible) + "\"");
        }
    }

    private static List<String> share(List<String> all, int own, int count) {
        List<String> share = new ArrayList<>();
        for (int i = own; i < all.size(); i += count) {
            share.add(all.get(i));
        }
        return share;
    }

    private static DriverDescription driver(String name, String bus, List<String> compatible) {
        return DriverDescription.named(name).withBus(bus).withCompatible(compatible.toArray(new String[0]));
    }
}
