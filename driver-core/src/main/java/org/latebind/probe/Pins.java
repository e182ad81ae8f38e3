package org.latebind.probe;

import java.util.stream.IntStream;

/**
 * Step 5 of a probe, before anything about DMA: the pins. A pin group that a {@code pinctrl-N} property names belongs to the
 * nearest device above it; while nothing drives that one, the probe waits, without a reason text (driver-core sheet, section 2;
 * seen in recorded boots of 6.12, fw_devlink=off and a pin controller without driver).
 */
final class Pins {

    private static final int[] NONE = {};

    private Pins() {
    }

    /** Pin groups that the devices' own nodes name: {@code pinctrl-0}, {@code pinctrl-1} and on, up to the first that is missing. */
    static int[][] of(Board board) {
        int[][] groups = new int[board.devices.length][];
        for (BoardDevice device : board.devices) {
            groups[device.index()] = device.node() < 0 ? NONE : of(board.supplies[device.node()]);
        }
        return groups;
    }

    private static int[] of(Board.Supply[] supplies) {
        IntStream.Builder found = IntStream.builder();
        boolean named = true;
        for (int state = 0; named; state++) {
            named = false;
            for (Board.Supply supply : supplies) {
                if (supply.property().equals("pinctrl-" + state)) {
                    named = true;
                    found.add(supply.target());
                }
            }
        }
        return found.build().filter(group -> group >= 0).distinct().toArray();
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
        return controller >= 0 && w.held(controller) || driverless && w.t.parameters.unknownSuppliersReady();
    }
}
