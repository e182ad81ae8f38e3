package org.latebind.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.IommuMap;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.devicetree.RegEntry;

/**
 * Reads from a device tree what the machine is made of. Pure; every oddity of a tree leads to less hardware, never to an
 * error.
 */
final class TreeLayout {

    /** Memory of a board whose tree names none (QEMU's dumps, boards whose boot loader fills it in): 1 GiB at 1 GiB. */
    static final MachineLayout.Range DEFAULT_MEMORY = new MachineLayout.Range(0x4000_0000L, 0x4000_0000L);

    private final DeviceTree tree;
    private final Map<String, List<MachineLayout.Stream>> masters = new LinkedHashMap<>();
    private final List<MachineLayout.PciHost> hosts = new ArrayList<>();

    private TreeLayout(DeviceTree tree) {
        this.tree = tree;
    }

    static MachineLayout of(DeviceTree tree) {
        return new TreeLayout(tree).read();
    }

    private MachineLayout read() {
        List<MachineLayout.Node> nodes = new ArrayList<>();
        for (Node node : tree.nodes()) {
            nodes.add(new MachineLayout.Node(node, node.compatible(), registers(node), interruptLines(node)));
            iommus(node);
            mmuMasters(node);
            iommuMap(node);
        }
        List<MachineLayout.Master> list = new ArrayList<>();
        masters.forEach((path, streams) -> list.add(new MachineLayout.Master(path, streams)));
        return new MachineLayout(memory(), nodes, list, hosts);
    }

    private List<MachineLayout.Range> memory() {
        List<MachineLayout.Range> ranges = new ArrayList<>();
        for (Node node : tree.root().children()) {
            if ("memory".equals(node.string("device_type")) && node.available()) {
                for (RegEntry entry : node.reg()) {
                    if (entry.sizeBytes() != 0) {
                        ranges.add(new MachineLayout.Range(entry.busAddress(), entry.sizeBytes()));
                    }
                }
            }
        }
        return ranges.isEmpty() ? List.of(DEFAULT_MEMORY) : ranges;
    }

    private static List<MachineLayout.Range> registers(Node node) {
        List<MachineLayout.Range> ranges = new ArrayList<>();
        for (RegEntry entry : node.reg()) {
            if (entry.translated() && entry.sizeBytes() != 0) {
                ranges.add(new MachineLayout.Range(entry.cpuAddress(), entry.sizeBytes()));
            }
        }
        return ranges;
    }

    /** Lines by the binding of the GIC; a device below another controller has the line of its first cell. */
    private List<Integer> interruptLines(Node node) {
        List<Integer> lines = new ArrayList<>();
        for (Reference interrupt : ReferenceList.interrupts(tree, node).entries()) {
            lines.add(interrupt.cells().length == 0 ? 0 : InterruptLines.number(interrupt.cells()));
        }
        return lines;
    }

    private void iommus(Node node) {
        for (Reference reference : ReferenceList.iommus(tree, node).entries()) {
            addStreams(node.path(), reference.target(), reference.cells());
        }
    }

    private void addStreams(String master, Node iommu, int[] cells) {
        int id = cells.length == 0 ? 0 : cells[0];
        add(master, iommu.path(), id);
        if (cells.length == 2 && (id | cells[1]) != id) {
            // Id and mask: the device may emit any id of the set; the far end of it shows whether the mask is honoured.
            add(master, iommu.path(), id | cells[1]);
        }
    }

    /** Legacy binding: the IOMMU names its masters, each with {@code #stream-id-cells} ids; functions of a PCI host go by requester id. */
    private void mmuMasters(Node iommu) {
        for (Reference reference : ReferenceList.mmuMasters(tree, iommu).entries()) {
            for (int id : reference.cells()) {
                add(reference.target().path(), iommu.path(), id);
            }
            if ("pci".equals(reference.target().string("device_type")) && !reference.target().has("iommu-map")) {
                hosts.add(new MachineLayout.PciHost(reference.target().path(), -1,
                        List.of(new MachineLayout.MapEntry(0, iommu.path(), 0, 1 << 16))));
            }
        }
    }

    /** The bridge itself is requester 0; its functions get their masters when somebody asks for them by name. */
    private void iommuMap(Node bridge) {
        IommuMap map = IommuMap.of(tree, bridge, IommuMap.Reading.TARGET_CELLS);
        if (map == null) {
            return;
        }
        List<MachineLayout.MapEntry> entries = new ArrayList<>();
        // Entries of one cell that point at a two-cell IOMMU exist (sdm845): the tree's own reading knows them.
        for (IommuMap.Entry entry : IommuMap.of(tree, bridge, IommuMap.Reading.TARGET_CELLS).entries()) {
            if (entry.iommu() != null) {
                int[] out = entry.outBase();
                entries.add(new MachineLayout.MapEntry(entry.ridBase(), entry.iommu().path(), out.length == 0 ? 0 : out[0],
                        entry.length()));
            }
        }
        MachineLayout.PciHost host = new MachineLayout.PciHost(bridge.path(), map.mask().orElse(-1), entries);
        hosts.add(host);
        // A node that has streams of its own (host1x) names only those of its children by the map.
        if (!masters.containsKey(bridge.path())) {
            host.stream(0).ifPresent(s -> add(bridge.path(), s.iommuPath(), s.id()));
        }
    }

    private void add(String master, String iommu, int id) {
        masters.computeIfAbsent(master, m -> new ArrayList<>()).add(new MachineLayout.Stream(iommu, id));
    }
}
