package org.latebind.probe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.IommuMap;
import org.latebind.devicetree.LinuxDeviceName;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Property;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;

/**
 * Makes a {@link Board} of a device tree and a population: which nodes become devices and in which order, who names whom, which
 * requester id goes to which IOMMU (driver-core sheet, sections 1.4, 4.2, 5.2 and 9).
 */
public final class BoardReader {

    private static final Set<String> BUSES = Set.of("simple-bus", "simple-mfd", "isa", "arm,amba-bus");
    private static final Set<String> RESERVED = Set.of("qcom,rmtfs-mem", "qcom,cmd-db", "qcom,smem", "ramoops", "nvmem-rmem",
        "google,open-dice");

    private final DeviceTree tree;
    private final Population population;
    private final IommuMap.Reading reading;
    private final BoardBuilder board;
    private final Map<Node, BoardBuilder.DeviceDraft> devices = new HashMap<>();
    private final Set<Node> iommus = new LinkedHashSet<>();
    private final Map<Node, Node> legacyMasters = new HashMap<>();

    private BoardReader(DeviceTree tree, Population population, IommuMap.Reading reading) {
        this.tree = tree;
        this.population = population;
        this.reading = reading;
        this.board = new BoardBuilder(tree.model() == null ? tree.source() : tree.model());
    }

    /**
     * Reads the board of a tree, with the devices the population adds. Where the eras read an {@code iommu-map} differently the
     * board holds both, see {@link Board#as}.
     */
    public static Board read(DeviceTree tree, Population population) {
        Board fourCells = new BoardReader(tree, population, IommuMap.Reading.FOUR_CELLS).read();
        return oneReading(tree) ? fourCells
                : fourCells.withOther(new BoardReader(tree, population, IommuMap.Reading.TARGET_CELLS).read());
    }

    private static boolean oneReading(DeviceTree tree) {
        for (Node node : tree.nodes()) {
            IommuMap map = IommuMap.of(tree, node, IommuMap.Reading.FOUR_CELLS);
            if (map != null) {
                IommuMap other = IommuMap.of(tree, node, IommuMap.Reading.TARGET_CELLS);
                if (map.error() != other.error() || !map.entries().equals(other.entries())) {
                    return false;
                }
            }
        }
        return true;
    }

    private Board read() {
        collectIommus();
        for (Node node : tree.nodes()) {
            BoardBuilder.NodeDraft draft = board.node(node.path(), node.compatible().toArray(new String[0]));
            if (!node.availableItself()) {
                draft.disabled();
            }
            if (node.has("stream-match-mask")) {
                draft.streamMatchMask(node.u32("stream-match-mask", 0));
            }
            if (EarlyNodes.isEarly(node)) {
                draft.early();
            }
            SupplierReader.read(tree, node).forEach(s -> draft.supplier(s.property(), s.target().path(), s.assumed()));
            SupplierReader.GraphLink graph = SupplierReader.graphLink(tree, node);
            if (graph != null) {
                board.nodeOf(graph.consumer().path()).supplier("remote-endpoint", graph.supplier().path());
            }
        }
        for (Node iommu : iommus) {
            board.iommu(iommu.path());
        }
        createEarlyDevices();
        populate(tree.root());
        createDeepDevices();
        for (Map.Entry<Node, BoardBuilder.DeviceDraft> e : List.copyOf(devices.entrySet())) {
            describe(e.getKey(), e.getValue());
        }
        population.pci().forEach(this::addFunction);
        addTransports();
        return board.build();
    }

    private void collectIommus() {
        for (Node node : tree.nodes()) {
            if (node.has("#iommu-cells") || node.has("mmu-masters")) {
                iommus.add(node);
            }
            for (Reference r : ReferenceList.iommus(tree, node).entries()) {
                iommus.add(r.target());
            }
            for (IommuMap.Reading either : IommuMap.Reading.values()) {
                IommuMap map = IommuMap.of(tree, node, either);
                if (map != null) {
                    map.entries().stream().map(IommuMap.Entry::iommu).filter(Objects::nonNull).forEach(iommus::add);
                }
            }
            for (Reference r : ReferenceList.mmuMasters(tree, node).entries()) {
                legacyMasters.putIfAbsent(r.target(), node);
            }
        }
    }

    private void createEarlyDevices() {
        Node reserved = tree.byPath("/reserved-memory");
        if (reserved != null) {
            for (Node child : reserved.children()) {
                if (child.compatible().stream().anyMatch(RESERVED::contains)) {
                    create(child);
                }
            }
        }
        Node firmware = tree.byPath("/firmware");
        if (firmware != null) {
            populate(firmware);
        }
        Node chosen = tree.byPath("/chosen");
        for (Node child : chosen == null ? List.<Node>of() : chosen.children()) {
            if (child.isCompatible("simple-framebuffer") && child.available()) {
                create(child);
                break;
            }
        }
    }

    /** Children with a compatible string become devices, depth first, below buses only. */
    private void populate(Node parent) {
        List<Node> todo = new ArrayList<>();
        pushChildren(parent, todo);
        while (!todo.isEmpty()) {
            Node node = todo.remove(todo.size() - 1);
            if (node.compatible().isEmpty() || !node.available() || EarlyNodes.isEarly(node)) {
                continue;
            }
            if (!devices.containsKey(node)) {
                create(node);
            }
            if (!node.isCompatible("arm,primecell") && node.compatible().stream().anyMatch(BUSES::contains)) {
                pushChildren(node, todo);
            }
        }
    }

    private static void pushChildren(Node parent, List<Node> todo) {
        for (int i = parent.children().size() - 1; i >= 0; i--) {
            todo.add(parent.children().get(i));
        }
    }

    private void create(Node node) {
        if (!node.available() || devices.containsKey(node)) {
            return;
        }
        String bus = node.isCompatible("arm,primecell") ? "amba" : "platform";
        devices.put(node, board.device(board.nodeOf(node.path()), LinuxDeviceName.of(node), bus));
    }

    /**
     * Masters and IOMMUs below other devices, which their parent's driver creates in a way no tree tells (a USB controller
     * inside its
     * glue): they count as present from the start. Never below a PCI host: those nodes describe functions.
     */
    private void createDeepDevices() {
        for (Node node : tree.nodes()) {
            boolean wanted = node.has("iommus") || iommus.contains(node) || legacyMasters.containsKey(node);
            if (wanted && !node.compatible().isEmpty() && !EarlyNodes.isEarly(node) && !belowPci(node)) {
                create(node);
            }
        }
    }

    private static boolean belowPci(Node node) {
        for (Node n = node.parent(); n != null; n = n.parent()) {
            if ("pci".equals(n.string("device_type"))) {
                return true;
            }
        }
        return false;
    }

    private void describe(Node node, BoardBuilder.DeviceDraft draft) {
        ReferenceList list = ReferenceList.iommus(tree, node);
        for (Reference r : list.entries()) {
            draft.mapped(r.target().path(), r.cells());
        }
        if (list.problem() != null || node.has("iommus") && list.entries().isEmpty()) {
            draft.badEntry(IommuEntry.END);
        }
        Node legacy = legacyMasters.get(node);
        if (legacy != null && !node.has("iommus")) {
            draft.legacyMaster(legacy.path(), legacyIds(legacy, node));
        }
        List<Reference> domains = ReferenceList.of(tree, node, "power-domains", "#power-domain-cells").entries();
        if (domains.size() == 1) {
            draft.powerDomain(domains.get(0).target().path());
        }
        addAsked(node, draft);
        for (Node child : node.children()) {
            if (!devices.containsKey(child)) {
                addAsked(child, draft);
            }
        }
    }

    /** Stream ids listed for a master; those of a PCI host are not used (section 6). */
    private int[] legacyIds(Node smmu, Node master) {
        return "pci".equals(master.string("device_type")) ? new int[0] : ReferenceList.mmuMasters(tree, smmu).entries().stream()
            .filter(r -> r.target() == master).flatMapToInt(r -> java.util.Arrays.stream(r.cells())).toArray();
    }

    private void addAsked(Node node, BoardBuilder.DeviceDraft draft) {
        SupplierReader.read(tree, node).stream().filter(s -> !s.assumed())
            .forEach(s -> draft.asks(s.property(), s.target().path()));
        Property main = node.property("renesas,ipmmu-main");
        Node root = main == null || main.length() < 4 ? null : tree.byPhandle(main.cell(0));
        if (root != null) {
            draft.asks("renesas,ipmmu-main", root.path());
        }
    }

    private void addFunction(Population.PciFunction f) {
        Node host = tree.byPath(f.host());
        if (host == null) {
            throw new IllegalArgumentException("population: no node " + f.host());
        }
        if (!devices.containsKey(host)) {
            return;
        }
        String path = f.host() + "@" + Integer.toHexString(f.rid());
        BoardBuilder.DeviceDraft draft = board.child(host.path(), "pci", f.name(), path).requesterId(f.rid())
            .modalias(f.modalias()).driverHint(f.driver()).groupKey(f.groupKey());
        IommuMap map = IommuMap.of(tree, host, reading);
        Node legacy = legacyMasters.get(host);
        if (map != null) {
            translate(draft, map, f.rid());
            f.aliases().forEach(alias -> translate(draft, map, alias));
        } else if (legacy != null && !host.has("iommus")) {
            // Master is the host, stream is the requester id, of several the last (section 6).
            int count = f.aliases().size();
            draft.legacyMaster(legacy.path(), count == 0 ? f.rid() : f.aliases().get(count - 1));
        }
        Node own = nodeOf(host, f.rid());
        String provides = own != null && iommus.contains(own) ? own.path() : null;
        if (provides != null) {
            draft.providesIommu(provides);
        }
        addChildren(path, f.creates(), provides);
    }

    private static void translate(BoardBuilder.DeviceDraft draft, IommuMap map, int rid) {
        IommuMap.Answer answer = map.translate(rid);
        if (answer instanceof IommuMap.Mapped m) {
            draft.mapped(m.reference().target().path(), m.reference().cells());
        } else {
            draft.badEntry(answer instanceof IommuMap.Unmapped ? IommuEntry.NONE : IommuEntry.END);
        }
    }

    /** The node below the host that describes this function: first cell of its {@code reg}. */
    private static Node nodeOf(Node host, int rid) {
        for (Node child : host.children()) {
            if (child.has("reg") && (child.u32("reg", 0) >> 8 & 0xffff) == rid) {
                return child;
            }
        }
        return null;
    }

    private void addChildren(String creator, List<Population.Child> children, String provides) {
        int n = 0;
        for (Population.Child child : children) {
            BoardBuilder.DeviceDraft draft = board.child(creator, "virtio", "virtio",
                    creator + "/virtio" + (n == 0 ? "" : "." + n))
                .namedLate().modalias(child.modalias()).driverHint(child.driver());
            if (provides != null) {
                draft.providesIommu(provides);
            }
            n++;
        }
    }

    private void addTransports() {
        Map<String, List<Population.Child>> full = new HashMap<>();
        population.virtioMmio().forEach(t -> full.put(t.path(), t.creates()));
        for (Node node : tree.nodes()) {
            BoardBuilder.DeviceDraft draft = devices.get(node);
            if (draft == null || !node.isCompatible("virtio,mmio")) {
                continue;
            }
            if (full.containsKey(node.path())) {
                addChildren(node.path(), full.get(node.path()), null);
            } else if (population.othersAreEmpty()) {
                draft.probeErrno(19);
            }
        }
    }
}
