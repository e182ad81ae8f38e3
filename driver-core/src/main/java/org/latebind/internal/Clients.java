package org.latebind.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.iommu.ReservedRegion;
import org.latebind.iommu.core.FirmwareRegions;
import org.latebind.iommu.core.Specifier;
import org.latebind.iommu.core.StreamClient;
import org.latebind.probe.Board;
import org.latebind.probe.BoardDevice;
import org.latebind.probe.IommuEntry;

/** The board's devices as IOMMU clients: who they are and what they name. Owner thread. */
final class Clients {

    private final Board board;
    private final DeviceTree tree;
    private final Map<Integer, StreamClient> clients = new HashMap<>();
    private final Map<StreamClient, Integer> numbers = new HashMap<>();

    Clients(Board board, DeviceTree tree) {
        this.board = board;
        this.tree = tree;
    }

    /** The client of a device; always the same object. */
    StreamClient of(int device, TreeDevice view) {
        return clients.computeIfAbsent(device, number -> {
            BoardDevice described = board.device(number);
            StreamClient client = new StreamClient(described.path(), described.name(), described.bus().equals("pci"),
                    described.groupKey(), view.properties());
            numbers.put(client, number);
            return client;
        });
    }

    /** The client of a device when it was ever made one, or null. */
    StreamClient find(int device) {
        return clients.get(device);
    }

    int numberOf(StreamClient client) {
        return numbers.get(client);
    }

    /** What the device names, in order, up to the first entry that says nothing. */
    List<Specifier> specifiers(int device) {
        BoardDevice described = board.device(device);
        List<Specifier> specifiers = new ArrayList<>();
        for (IommuEntry entry : described.iommus()) {
            if (entry.iommu() < 0) {
                break;
            }
            specifiers.add(new Specifier(board.iommuPath(entry.iommu()), entry.ids()));
        }
        if (described.iommus().isEmpty() && described.legacyIommu() >= 0) {
            legacy(described, specifiers);
        }
        return specifiers;
    }

    /** The old binding: the SMMU names the master and its ids; each id is one specifier; a PCI function's is its requester id. */
    private void legacy(BoardDevice described, List<Specifier> into) {
        String smmu = board.iommuPath(described.legacyIommu());
        if (described.requesterId() >= 0) {
            described.legacyIds().forEach(id -> into.add(new Specifier(smmu, id)));
            return;
        }
        for (Reference reference : ReferenceList.mmuMasters(tree, tree.byPath(smmu)).entries()) {
            if (reference.target().path().equals(described.path())) {
                for (int id : reference.cells()) {
                    into.add(new Specifier(smmu, id));
                }
            }
        }
    }

    /** What firmware keeps for itself; of a PCI function, whose node is the host's, the windows of the host. */
    List<ReservedRegion> regions(StreamClient client, TreeDevice view) {
        return client.isPci() ? FirmwareRegions.windows(view.node()) : FirmwareRegions.of(tree, view.node());
    }
}
