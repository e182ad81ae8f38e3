package org.latebind.probe;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Step 5 of a probe, before anything about DMA: the pins. A pin group that a {@code pinctrl-N} property names belongs to the
 * nearest device above it; while no driver of pins drives that one, the probe waits, without a reason text, unless the group
 * says {@code pinctrl-use-default}. A phandle that points nowhere ends the probe with EINVAL (driver-core sheet, section 2;
 * recorded boots of 5.10, 6.1, 6.12 and 7.3).
 */
final class Pins {

    /** Mark of a state without groups. */
    static final String EMPTY = " empty";
    /** Mark of a state with a phandle that points nowhere; what stands behind that is not read. */
    static final String DANGLING = " dangling";
    /** Mark of a group whose controller nobody waits for. */
    static final String OPTIONAL = " optional";

    private static final int[] NONE = {};
    private static final int BROKEN = -1;

    private Pins() {
    }

    /** Pin groups that the devices' own nodes name: {@code pinctrl-0}, {@code pinctrl-1} and on, up to the first that is missing. */
    static int[][] of(Board board, SupplierProperties.Era era) {
        int[][] groups = new int[board.devices.length][];
        for (BoardDevice device : board.devices) {
            int[] named = named(board, device, era);
            groups[device.index()] = named.length == 0 ? NONE : IntStream.of(named).filter(group -> group >= 0).distinct().toArray();
        }
        return groups;
    }

    /** Devices whose probe fails when it comes to their pins, once nothing before that is waited for. */
    static boolean[] broken(Board board, SupplierProperties.Era era) {
        boolean[] broken = new boolean[board.devices.length];
        for (BoardDevice device : board.devices) {
            broken[device.index()] = IntStream.of(named(board, device, era)).anyMatch(group -> group == BROKEN);
        }
        return broken;
    }

    /** A group of the device's own ends the reading in 5.10; later kernels pass over it (recorded boots of 5.10 and 6.12). */
    private static int[] named(Board board, BoardDevice device, SupplierProperties.Era era) {
        if (device.node() < 0 || !namesPins(board.supplies[device.node()])) {
            return NONE;
        }
        IntStream.Builder found = IntStream.builder();
        Board.Supply[] supplies = board.supplies[device.node()];
        boolean named = true;
        for (int state = 0; named; state++) {
            named = false;
            String property = "pinctrl-" + state;
            for (Board.Supply supply : supplies) {
                if (supply.property().equals(property + DANGLING)) {
                    return found.add(BROKEN).build().toArray();
                }
                boolean group = supply.property().equals(property);
                named |= group || supply.property().equals(property + EMPTY);
                if (group && supply.target() >= 0 && !optional(supplies, supply)) {
                    if (era == SupplierProperties.Era.V5_10 && controller(board, supply.target()) == device.index()) {
                        return found.build().toArray();
                    }
                    found.add(supply.target());
                }
            }
        }
        return found.build().toArray();
    }

    /** Most devices of a large board name none; they are passed over before any text is made. */
    private static boolean namesPins(Board.Supply[] supplies) {
        for (Board.Supply supply : supplies) {
            if (supply.property().startsWith("pinctrl-")) {
                return true;
            }
        }
        return false;
    }

    private static boolean optional(Board.Supply[] supplies, Board.Supply group) {
        return Arrays.stream(supplies).anyMatch(s -> s.target() == group.target() && s.property().equals(group.property() + OPTIONAL));
    }

    /** The nearest device above a pin group, or -1: none, or boot code serves it. */
    static int controller(Board board, int group) {
        for (int n = board.nodeParent[group]; n >= 0 && !board.nodeEarly[n]; n = board.nodeParent[n]) {
            if (board.nodeDevice[n] >= 0) {
                return board.nodeDevice[n];
            }
        }
        return -1;
    }

    /** The first pin group of the device that nobody serves, or -1. */
    static int missing(Work w, int device) {
        for (int group : w.t.pins[device]) {
            if (!served(w, device, group)) {
                return group;
            }
        }
        return -1;
    }

    private static boolean served(Work w, int device, int group) {
        boolean early = false;
        for (int n = w.t.board.nodeParent[group]; n >= 0; n = w.t.board.nodeParent[n]) {
            early |= w.t.board.nodeEarly[n];
        }
        int controller = controller(w.t.board, group);
        if (early || controller == device) {
            return true;
        }
        boolean driverless = controller < 0 || w.t.driversOfDevice[controller].length == 0;
        int driver = controller < 0 || !w.held(controller) ? -1 : w.c[w.at.driver + controller];
        return driver >= 0 && w.t.drivers[driver].pinController() || driverless && w.t.parameters.unknownSuppliersReady();
    }
}
