package org.latebind.probe;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Which drivers match which devices: by compatible string, by modalias pattern, by the board's own hint. */
final class Matcher {

    private final Board board;
    private final ModuleCatalogue catalogue;
    private final Map<String, List<Integer>> byCompatible = new HashMap<>();

    Matcher(Board board, ModuleCatalogue catalogue) {
        this.board = board;
        this.catalogue = catalogue;
        for (int r = 0; r < catalogue.drivers().size(); r++) {
            for (String compatible : catalogue.driver(r).compatible()) {
                byCompatible.computeIfAbsent(compatible, c -> new java.util.ArrayList<>()).add(r);
            }
        }
    }

    int[][] match() {
        int[][] result = new int[board.devices.length][];
        for (int d = 0; d < result.length; d++) {
            result[d] = of(board.devices[d]);
        }
        return result;
    }

    private int[] of(BoardDevice device) {
        TreeSet<Integer> found = new TreeSet<>();
        for (String compatible : device.compatible()) {
            for (int r : byCompatible.getOrDefault(compatible, List.of())) {
                if (catalogue.driver(r).bus().equals(device.bus())) {
                    found.add(r);
                }
            }
        }
        if (device.modalias() != null || device.driverHint() != null) {
            for (int r = 0; r < catalogue.drivers().size(); r++) {
                DriverDescription driver = catalogue.driver(r);
                if (driver.bus().equals(device.bus()) && byIds(device, driver)) {
                    found.add(r);
                }
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean byIds(BoardDevice device, DriverDescription driver) {
        if (device.modalias() != null) {
            for (String pattern : driver.ids()) {
                if (AliasPattern.matches(pattern, device.modalias())) {
                    return true;
                }
            }
        }
        return driver.ids().isEmpty() && driver.name().equals(device.driverHint());
    }
}
