package org.latebind.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Property;
import org.latebind.devicetree.RegEntry;

/** Reads from a device tree what the machine is made of. Pure; every oddity of a tree leads to less hardware, never to an error. */
final class TreeLayout {

    /** Memory of a board whose tree names none (QEMU's dumps, boards whose boot loader fills it in): 1 GiB at 1 GiB. */
    static final MachineLayout.Range DEFAULT_MEMORY = new MachineLayout.Range(0x4000_0000L, 0x4000_0000L);

    private static final int PARENT_HOPS_MAX = 64;

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
        Property interrupts = node.property("interrupts");
        if (interrupts == null) {
            return lines;
        }
        Node controller = interruptParent(node);
        int cells = controller == null ? 3 : controller.u32("#interrupt-cells", 3);
        for (int i = 0; cells > 0 && i + cells <= interrupts.cellCount(); i += cells) {
            int first = interrupts.cell(i);
            lines.add(cells < 3 ? first : interrupts.cell(i + 1) + (first == 0 ? InterruptLines.SPI_BASE : InterruptLines.PPI_BASE));
        }
        return lines;
    }

    private Node interruptParent(Node node) {
        Node at = node;
        for (int hops = 0; at != null && hops < PARENT_HOPS_MAX; hops++) {
            if (at.has("interrupt-parent")) {
                return tree.byPhandle(at.u32("interrupt-parent", 0));
            }
            at = at.parent();
        }
        return null;
    }

    private void iommus(Node node) {
        Property property = node.property("iommus");
        if (property == null) {
            return;
        }
        int at = 0;
        while (at < property.cellCount()) {
            Node iommu = tree.byPhandle(property.cell(at));
            int cells = iommu == null ? -1 : iommu.u32("#iommu-cells", -1);
            if (cells < 0 || at + 1 + cells > property.cellCount()) {
                return;
            }
            addStreams(node.path(), iommu, property, at + 1, cells);
            at += 1 + cells;
        }
    }

    private void addStreams(String master, Node iommu, Property property, int first, int cells) {
        int id = cells == 0 ? 0 : property.cell(first);
        add(master, iommu.path(), id);
        if (cells == 2 && property.cell(first + 1) != 0 && (id | property.cell(first + 1)) != id) {
            // Id and mask: the device may emit any id of the set; the far end of it shows whether the mask is honoured.
            add(master, iommu.path(), id | property.cell(first + 1));
        }
    }

    /** Legacy binding: the IOMMU names its masters, each with {@code #stream-id-cells} ids. */
    private void mmuMasters(Node iommu) {
        Property property = iommu.property("mmu-masters");
        if (property == null) {
            return;
        }
        int at = 0;
        while (at < property.cellCount()) {
            Node master = tree.byPhandle(property.cell(at));
            int cells = master == null ? -1 : master.u32("#stream-id-cells", -1);
            if (cells < 0 || at + 1 + cells > property.cellCount()) {
                return;
            }
            for (int i = 1; i <= cells; i++) {
                add(master.path(), iommu.path(), property.cell(at + i));
            }
            at += 1 + cells;
        }
    }

    /** The bridge itself is requester 0; its functions get their masters when somebody asks for them by name. */
    private void iommuMap(Node bridge) {
        Property property = bridge.property("iommu-map");
        if (property == null) {
            return;
        }
        List<MachineLayout.MapEntry> entries = new ArrayList<>();
        int at = 0;
        while (at + 1 < property.cellCount()) {
            Node iommu = tree.byPhandle(property.cell(at + 1));
            int cells = iommu == null ? 1 : Math.max(0, iommu.u32("#iommu-cells", 1));
            int end = at + 2 + cells + 1;
            if (end > property.cellCount()) {
                break;
            }
            if (iommu != null) {
                int output = cells == 0 ? 0 : property.cell(at + 2);
                entries.add(new MachineLayout.MapEntry(property.cell(at), iommu.path(), output, property.cell(end - 1)));
            }
            at = end;
        }
        MachineLayout.PciHost host = new MachineLayout.PciHost(bridge.path(), bridge.u32("iommu-map-mask", -1), entries);
        hosts.add(host);
        host.stream(0).ifPresent(s -> add(bridge.path(), s.iommuPath(), s.id()));
    }

    private void add(String master, String iommu, int id) {
        masters.computeIfAbsent(master, m -> new ArrayList<>()).add(new MachineLayout.Stream(iommu, id));
    }
}
