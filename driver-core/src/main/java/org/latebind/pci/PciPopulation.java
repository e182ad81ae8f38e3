package org.latebind.pci;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The PCI functions of a board, in the order in which they are found. Immutable.
 * Sound: no two functions of a host have the same requester id, no two bridges of a host the same bus behind them, every bus but
 * bus 0 hangs on a bridge of a lower bus number.
 */
public final class PciPopulation {

    private static final int HOST_SHIFT = 16;

    private final List<PciFunction> functions;
    private final Map<String, Map<Integer, PciFunction>> byHost = new LinkedHashMap<>();
    private final Map<String, Map<Integer, PciFunction>> bridges = new LinkedHashMap<>();

    /**
     * Creates a population.
     *
     * @throws IllegalArgumentException when it is not sound; the message is one line
     */
    public PciPopulation(List<PciFunction> functions) {
        this.functions = List.copyOf(functions);
        for (PciFunction f : functions) {
            check(f.requesterId() >> HOST_SHIFT == 0, f, "is no requester id");
            Map<Integer, PciFunction> known = byHost.computeIfAbsent(f.host(), key -> new LinkedHashMap<>());
            check(known.put(f.requesterId(), f) == null, f, "is there twice");
            if (f.kind().bridge()) {
                check(f.secondaryBus() > f.bus() && f.secondaryBus() < 256, f, "has bus " + f.secondaryBus() + " behind it");
                check(bridges.computeIfAbsent(f.host(), key -> new LinkedHashMap<>()).put(f.secondaryBus(), f) == null, f,
                    "has the same bus behind it as another bridge");
            }
        }
        for (PciFunction f : functions) {
            check(f.bus() == 0 || bridge(f) != null, f, "is on bus " + f.bus() + ", which no bridge has behind it");
            check(f.dmaFunction() < 0 || find(f.host(), f.dmaFunction()) != null, f, "does DMA by a function that is not there");
        }
    }

    private static void check(boolean sound, PciFunction f, String complaint) {
        if (!sound) {
            throw new IllegalArgumentException(f.host() + " " + f.name() + " " + complaint);
        }
    }

    /** Returns all functions in the order in which they are found. */
    public List<PciFunction> functions() {
        return functions;
    }

    /** Returns the function, or null. */
    public PciFunction find(String host, int requesterId) {
        return byHost.getOrDefault(host, Map.of()).get(requesterId);
    }

    /** Returns the bridge whose bus a function is on; null on bus 0. */
    public PciFunction bridge(PciFunction f) {
        return f.bus() == 0 ? null : bridges.getOrDefault(f.host(), Map.of()).get(f.bus());
    }

    /** Returns the functions of the same bus, the given one among them. */
    public List<PciFunction> sameBus(PciFunction f) {
        List<PciFunction> found = new ArrayList<>();
        for (PciFunction other : byHost.get(f.host()).values()) {
            if (other.bus() == f.bus()) {
                found.add(other);
            }
        }
        return found;
    }

    /** Tells whether the device that a function belongs to has other functions too. */
    public boolean multifunction(PciFunction f) {
        return sameBus(f).stream().anyMatch(other -> other != f && other.slot() == f.slot());
    }
}
