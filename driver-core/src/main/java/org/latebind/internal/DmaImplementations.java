package org.latebind.internal;

import java.util.List;
import java.util.OptionalLong;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DmaLimits;
import org.latebind.devicetree.DmaRanges;
import org.latebind.devicetree.Node;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaFactory;
import org.latebind.dma.DmaFacts;
import org.latebind.dma.DmaSpace;

/** The DMA APIs of a board: what the tree says of a device's way to memory, and the implementations that follow it. */
final class DmaImplementations implements DmaApis.Factory {

    private static final long NO_LIMIT = -1L;

    private final DeviceTree tree;
    private final DmaFactory factory;

    DmaImplementations(DeviceTree tree, DmaFactory factory) {
        this.tree = tree;
        this.factory = factory;
    }

    @Override
    public DmaApi direct(TreeDevice device) {
        return factory.direct(facts(device));
    }

    @Override
    public DmaApi translated(DmaSpace space, TreeDevice device) {
        return factory.translated(space, facts(device));
    }

    private DmaFacts facts(TreeDevice device) {
        // A device without a node of its own (a PCI function) stands on the bus that its host's node is.
        boolean ownNode = device.node().path().equals(device.path());
        DmaRanges ranges = ownNode ? DmaRanges.ofDevice(tree, device.node()) : DmaRanges.ofBus(tree, device.node());
        DmaLimits limits = DmaLimits.of(ranges, DmaLimits.Rule.END, OptionalLong.of(DmaFacts.MASK_32), DmaFacts.MASK_32, true);
        List<DmaFacts.Range> map = limits.rangeMap().stream()
                .map(range -> new DmaFacts.Range(range.dmaAddress(), range.cpuAddress(), range.sizeBytes())).toList();
        return new DmaFacts(limits.dmaMask(), limits.busLimit().orElse(NO_LIMIT), map, coherent(device.node()), !ownNode);
    }

    /** From the device upward the first word on it counts; without any a device of this architecture does not snoop. */
    private static boolean coherent(Node device) {
        for (Node node = device; node != null; node = node.parent()) {
            if (node.has("dma-coherent")) {
                return true;
            }
            if (node.has("dma-noncoherent")) {
                return false;
            }
        }
        return false;
    }
}
