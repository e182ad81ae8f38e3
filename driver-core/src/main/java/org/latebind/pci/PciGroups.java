package org.latebind.pci;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which PCI functions share an IOMMU group: those that cannot be told apart by requester id, and those that can reach each other
 * without passing the IOMMU. Groups are numbered from 0 in the order in which they are made. Source: reference/driver-core.md
 * section 9, steps a to d; access control needed: SV, RR, CR, UF.
 */
public final class PciGroups {

    private final PciPopulation population;
    private final Map<PciFunction, Integer> groups = new HashMap<>();
    private int next;

    private PciGroups(PciPopulation population) {
        this.population = population;
    }

    /**
     * Groups functions in the given order.
     *
     * @param order functions of the population; those left out get no group
     * @return the number of the group of each
     */
    public static Map<PciFunction, Integer> of(PciPopulation population, List<PciFunction> order) {
        PciGroups groups = new PciGroups(population);
        for (PciFunction f : order) {
            Integer group = groups.find(f);
            groups.groups.put(f, group == null ? groups.next++ : group);
        }
        return Map.copyOf(groups.groups);
    }

    private Integer find(PciFunction device) {
        PciFunction top = device;
        for (DmaAliases.Alias alias : DmaAliases.of(population, device)) {
            top = alias.function();
            if (groups.containsKey(top)) {
                return groups.get(top);
            }
        }
        for (PciFunction bridge = population.bridge(top); bridge != null; bridge = population.bridge(bridge)) {
            if (pathIsolated(bridge)) {
                break;
            }
            top = bridge;
            if (groups.containsKey(top)) {
                return groups.get(top);
            }
        }
        BitSet asked = new BitSet(256);
        Integer group = aliasGroup(top, asked);
        return group == null ? slotGroup(top, asked) : group;
    }

    /** The group of a function or of one on its bus that shares requester ids with it, directly or through others. */
    private Integer aliasGroup(PciFunction f, BitSet asked) {
        if (asked.get(f.devfn())) {
            return null;
        }
        asked.set(f.devfn());
        if (groups.containsKey(f)) {
            return groups.get(f);
        }
        for (PciFunction other : population.sameBus(f)) {
            if (other != f && DmaAliases.aliased(f, other)) {
                Integer group = aliasGroup(other, asked);
                if (group != null) {
                    return group;
                }
            }
        }
        return null;
    }

    /** The group of another function of the same device, when neither is kept apart by access control. */
    private Integer slotGroup(PciFunction f, BitSet asked) {
        if (!population.multifunction(f) || isolated(population, f)) {
            return null;
        }
        for (PciFunction other : population.sameBus(f)) {
            if (other != f && other.slot() == f.slot() && !isolated(population, other)) {
                Integer group = aliasGroup(other, asked);
                if (group != null) {
                    return group;
                }
            }
        }
        return null;
    }

    private boolean pathIsolated(PciFunction from) {
        for (PciFunction f = from; f != null; f = population.bridge(f)) {
            if (!isolated(population, f)) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether access control keeps a function's requests from going to its neighbours. */
    public static boolean isolated(PciPopulation population, PciFunction f) {
        if (f.quirks().contains(PciFunction.Quirk.ISOLATED)) {
            return true;
        }
        if (f.quirks().contains(PciFunction.Quirk.NOT_ISOLATED)) {
            return false;
        }
        return switch (f.kind()) {
            case ROOT_PORT, DOWNSTREAM -> enabled(f);
            case ENDPOINT, ROOT_COMPLEX_ENDPOINT, UPSTREAM -> !population.multifunction(f) || enabled(f);
            case PCIE_TO_PCI, PCI_TO_PCIE, EVENT_COLLECTOR, CONVENTIONAL_BRIDGE, CONVENTIONAL -> false;
        };
    }

    /** A service that the capability does not list is taken as hard-wired on; without capability nothing is. */
    private static boolean enabled(PciFunction f) {
        return !f.acsCapable().isEmpty() && f.acsEnabled().containsAll(f.acsCapable());
    }
}
