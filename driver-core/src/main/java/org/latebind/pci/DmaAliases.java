package org.latebind.pci;

import java.util.ArrayList;
import java.util.List;

/**
 * The requester ids under which a function's DMA can arrive at the IOMMU. Source: reference/driver-core.md section 9.
 */
public final class DmaAliases {

    private DmaAliases() {
    }

    /**
     * One alias.
     *
     * @param function the function whose id it is: the device itself or a bridge above it
     * @param requesterId the id
     */
    public record Alias(PciFunction function, int requesterId) {
    }

    /**
     * Returns all aliases in the order in which they are asked for: the function (or the one that does its DMA), its aliases
     * on the same bus, then what the bridges above make of it. Whoever translates them stops at the first answer that is not
     * a success: one unmapped alias leaves the device without IOMMU.
     */
    public static List<Alias> of(PciPopulation population, PciFunction device) {
        PciFunction f = device.dmaFunction() < 0 ? device : population.find(device.host(), device.dmaFunction());
        List<Alias> aliases = new ArrayList<>(2);
        aliases.add(new Alias(f, f.requesterId()));
        for (int devfn : f.aliases()) {
            aliases.add(new Alias(f, f.bus() << 8 | devfn));
        }
        for (PciFunction bridge = population.bridge(f); bridge != null; bridge = population.bridge(bridge)) {
            if (bridge.quirks().contains(PciFunction.Quirk.TRANSLATION_ROOT)) {
                break;
            }
            switch (bridge.kind()) {
                case PCIE_TO_PCI -> aliases.add(new Alias(bridge, bridge.secondaryBus() << 8));
                case PCI_TO_PCIE -> aliases.add(new Alias(bridge, bridge.requesterId()));
                case CONVENTIONAL_BRIDGE -> {
                    boolean secondary = bridge.quirks().contains(PciFunction.Quirk.SECONDARY_ALIAS);
                    aliases.add(new Alias(bridge, secondary ? bridge.secondaryBus() << 8 : bridge.requesterId()));
                }
                case ROOT_PORT, UPSTREAM, DOWNSTREAM, ENDPOINT, ROOT_COMPLEX_ENDPOINT, EVENT_COLLECTOR, CONVENTIONAL -> { }
            }
        }
        return aliases;
    }

    /** Tells whether one function of a bus may emit DMA under the id of the other. */
    static boolean aliased(PciFunction a, PciFunction b) {
        return a.aliases().contains(b.devfn()) || b.aliases().contains(a.devfn())
            || a.dmaFunction() == b.requesterId() || b.dmaFunction() == a.requesterId();
    }
}
