package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The DMA masters of a board that no driver bundle speaks for: pure selection from the tree.
 *
 * @param platform what the default driver matches: the most specific compatible string of each unclaimed master
 * @param amba     the same of masters on the AMBA bus
 * @param hosts    the same of PCI host bridges and the like, whose devices appear once they are bound
 */
public record UnclaimedMasters(List<String> platform, List<String> amba, List<String> hosts) {

    private static final String PRIMECELL = "arm,primecell";

    /**
     * Selects.
     *
     * @param tree    the board
     * @param claimed compatible strings that other bundles drive
     */
    public static UnclaimedMasters of(DeviceTree tree, Collection<String> claimed) {
        Set<String> platform = new LinkedHashSet<>();
        Set<String> amba = new LinkedHashSet<>();
        Set<String> hosts = new LinkedHashSet<>();
        for (Node node : tree.nodes()) {
            boolean host = node.has("iommu-map") || node.has("#stream-id-cells") && "pci".equals(node.string("device_type"));
            // A legacy master does not name its IOMMU, it only says how many stream ids it has.
            boolean master = node.has("iommus") || node.has("#stream-id-cells");
            if ((host || master) && node.available() && !node.compatible().isEmpty()
                    && node.compatible().stream().noneMatch(claimed::contains)) {
                (host ? hosts : node.isCompatible(PRIMECELL) ? amba : platform).add(node.compatible().get(0));
            }
        }
        platform.removeAll(hosts);
        return new UnclaimedMasters(new ArrayList<>(platform), new ArrayList<>(amba), new ArrayList<>(hosts));
    }
}
