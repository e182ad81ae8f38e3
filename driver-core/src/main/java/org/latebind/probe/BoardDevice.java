package org.latebind.probe;

import java.util.List;

/**
 * One device of a board.
 *
 * @param index         number; its place in creation order
 * @param name          Linux' device name; for devices that are named when they appear (virtio) the bus name
 * @param path          unique path: that of the node; of a PCI function the host's, {@code @} and the requester id in
 *     hexadecimal
 * @param node          node number, or -1
 * @param bus           bus
 * @param compatible    compatible strings, most specific first
 * @param modalias      what id patterns match, or null
 * @param driverHint    name of the driver that matches when its ids are not known, or null
 * @param creator       device whose driver creates this one, or -1 when it exists from the start
 * @param namedLate     whether the name is given when it appears: bus name and lowest free number
 * @param requesterId   PCI requester id, or -1
 * @param iommus        references to IOMMUs, in order
 * @param legacyIommu   IOMMU whose {@code mmu-masters} names this device, or -1
 * @param legacyIds    stream ids that {@code mmu-masters} lists for it
 * @param powerDomain   node of its only power domain, or -1
 * @param askable       nodes a driver of this device may ask for by itself, by property (own node and children)
 * @param groupKey      devices with equal keys share a group by PCI rules; null for alone
 * @param providesIommu path of the IOMMU node this device is, when that is not its own node; null otherwise
 * @param probeErrno    what every driver's probe of it ends in (19 for an empty transport), or 0
 */
public record BoardDevice(int index, String name, String path, int node, String bus, List<String> compatible, String modalias,
        String driverHint, int creator, boolean namedLate, int requesterId, List<IommuEntry> iommus, int legacyIommu,
        List<Integer> legacyIds, int powerDomain, List<Asked> askable, String groupKey, String providesIommu, int probeErrno) {

    /** A node that a property of the device (or of a child node) names. */
    public record Asked(String property, int node) { }

    /** Copies. */
    public BoardDevice {
        compatible = List.copyOf(compatible);
        iommus = List.copyOf(iommus);
        legacyIds = List.copyOf(legacyIds);
        askable = List.copyOf(askable);
    }
}
