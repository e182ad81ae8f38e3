package org.latebind.probe;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Devices a tree does not name: PCI functions and what sits behind virtio transports.
 *
 * @param pci             PCI functions, in the order in which their hosts find them
 * @param virtioMmio      virtio,mmio transports with a device behind them
 * @param othersAreEmpty  whether all other virtio,mmio transports are empty, so that their probe ends in ENODEV
 */
public record Population(List<PciFunction> pci, List<Transport> virtioMmio, boolean othersAreEmpty) {

    /** Nothing beyond the tree. */
    public static final Population NONE = new Population(List.of(), List.of(), false);

    /** Copies; functions of one slot without a key get a common one. */
    public Population {
        pci = slotsTogether(pci);
        virtioMmio = List.copyOf(virtioMmio);
    }

    /** Functions of one slot that nobody says are isolated share a group (section 9, step d; observed). */
    private static List<PciFunction> slotsTogether(List<PciFunction> pci) {
        Map<String, Integer> inSlot = new HashMap<>();
        pci.forEach(f -> inSlot.merge(f.slot(), 1, Integer::sum));
        return pci.stream().map(f -> f.groupKey() != null || inSlot.get(f.slot()) == 1 ? f
            : new PciFunction(f.host(), f.rid(), f.aliases(), f.name(), f.modalias(), f.driver(), f.slot(), f.creates())).toList();
    }

    /**
     * One PCI function.
     *
     * @param host     path of the host bridge's node
     * @param rid      requester id: bus, device, function
     * @param aliases  requester ids its DMA may carry besides its own, in callback order
     * @param name     name in sysfs
     * @param modalias what drivers' id patterns match
     * @param driver   driver that matches, when its ids are not known; null for none
     * @param groupKey functions with equal keys cannot be told apart or isolated and share a group; null for those of its
     *     slot
     * @param creates  devices its driver creates
     */
    public record PciFunction(String host, int rid, List<Integer> aliases, String name, String modalias, String driver,
            String groupKey, List<Child> creates) {
        /** Copies. */
        public PciFunction {
            aliases = List.copyOf(aliases);
            creates = List.copyOf(creates);
        }

        private String slot() {
            return host + "#slot " + Integer.toHexString(rid >> 3);
        }
    }

    /** A device that another one's driver creates on the virtio bus. */
    public record Child(String modalias, String driver) { }

    /** A virtio,mmio transport with a device behind it. */
    public record Transport(String path, List<Child> creates) {
        /** Copies. */
        public Transport {
            creates = List.copyOf(creates);
        }
    }
}
