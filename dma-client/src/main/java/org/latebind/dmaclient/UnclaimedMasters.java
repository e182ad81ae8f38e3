package org.latebind.dmaclient;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;

/**
 * The DMA masters of a board that no driver bundle speaks for: pure selection from the tree.
 *
 * @param compatible what the default driver matches: the most specific compatible string of each unclaimed master
 * @param hosts      the same of PCI host bridges and the like, whose devices appear once they are bound
 */
record UnclaimedMasters(List<String> compatible, List<String> hosts) {

    /**
     * Selects.
     *
     * @param tree    the board
     * @param claimed compatible strings that other bundles drive
     */
    static UnclaimedMasters of(DeviceTree tree, Collection<String> claimed) {
        Set<String> masters = new LinkedHashSet<>();
        Set<String> hosts = new LinkedHashSet<>();
        for (Node node : tree.nodes()) {
            boolean host = node.has("iommu-map");
            // A legacy master does not name its IOMMU, it only says how many stream ids it has.
            boolean master = node.has("iommus") || node.has("#stream-id-cells");
            if ((host || master) && node.available() && !node.compatible().isEmpty()
                    && node.compatible().stream().noneMatch(claimed::contains)) {
                (host ? hosts : masters).add(node.compatible().get(0));
            }
        }
        masters.removeAll(hosts);
        return new UnclaimedMasters(new ArrayList<>(masters), new ArrayList<>(hosts));
    }
}
