package org.latebind.probe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A supplier that drivers of a device ask for in their own probe, with the answer its absence leads to. Immutable. */
final class Asking {

    static final Asking[] NONE = new Asking[0];

    /** Node of the supplier, or -1. */
    final int node;
    final ProbeAnswer.Deferred answer;
    /** Number of the answer's text among the static ones. */
    final int text;
    private final int[] drivers;

    private Asking(int node, ProbeAnswer.Deferred answer, int text, int[] drivers) {
        this.node = node;
        this.answer = answer;
        this.text = text;
        this.drivers = drivers;
    }

    boolean by(int driver) {
        for (int r : drivers) {
            if (r == driver) {
                return true;
            }
        }
        return false;
    }

    /** What the drivers of every device ask for; numbers the texts. */
    static Asking[][] of(Board board, DriverDescription[] drivers, int[][] driversOfDevice, Map<String, Integer> texts) {
        Asking[][] all = new Asking[board.devices.length][];
        Map<String, ProbeAnswer.Deferred> answers = new HashMap<>();
        for (BoardDevice device : board.devices) {
            List<Asking> one = new ArrayList<>();
            for (BoardDevice.Asked asked : device.askable()) {
                int[] by = java.util.Arrays.stream(driversOfDevice[device.index()])
                    .filter(r -> drivers[r].suppliersAsked().contains(asked.property())).toArray();
                if (by.length > 0) {
                    String supplier = asked.node() < 0 ? asked.property() : board.nodePath[asked.node()];
                    String reason = reason(asked.property());
                    String key = Texts.key(supplier, reason);
                    texts.putIfAbsent(key, texts.size());
                    ProbeAnswer.Deferred answer = answers.computeIfAbsent(key, k -> new ProbeAnswer.Deferred(supplier, reason));
                    one.add(new Asking(asked.node(), answer, texts.get(key), by));
                }
            }
            all[device.index()] = one.isEmpty() ? NONE : one.toArray(NONE);
        }
        return all;
    }

    /**
     * For each device the IOMMUs whose drivers ask for it before they bind: they cannot work without it, so they go first.
     * Linux has no such link (an IPMMU leaf keeps a stale pointer to its root); there the result is undefined.
     */
    static int[][] iommusAsking(Board board, Asking[][] askings) {
        int[][] all = new int[board.devices.length][];
        java.util.Arrays.fill(all, new int[0]);
        for (int iommu : board.iommuDevice) {
            for (Asking asking : iommu < 0 ? NONE : askings[iommu]) {
                int node = asking.node;
                while (node >= 0 && board.nodeDevice[node] < 0) {
                    node = board.nodeParent[node];
                }
                if (node >= 0 && board.nodeDevice[node] != iommu) {
                    int supplier = board.nodeDevice[node];
                    all[supplier] = java.util.Arrays.copyOf(all[supplier], all[supplier].length + 1);
                    all[supplier][all[supplier].length - 1] = iommu;
                }
            }
        }
        return all;
    }

    private static String reason(String property) {
        if (property.endsWith("gpios") || property.endsWith("gpio")) {
            return "failed to get gpio";
        }
        if (property.endsWith("-supply")) {
            return "failed to get regulator";
        }
        if (property.equals("renesas,ipmmu-main") || property.startsWith("interrupts")) {
            return ""; // a missing interrupt controller defers without a word (observed)
        }
        return "failed to get " + property;
    }
}
