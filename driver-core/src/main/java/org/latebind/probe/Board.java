package org.latebind.probe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.IommuMap;

/**
 * A board as the probe engine sees it: devices (also those that only exist once another device's driver created them), the
 * nodes between them, who names whom as supplier, and the IOMMUs. Immutable; everything is numbered densely, devices in the
 * order in
 * which the kernel creates them. Made by {@link BoardReader} from a device tree or by {@link BoardBuilder} by hand.
 */
public final class Board {

    /**
     * A reference from a node's property to a supplier node; target -1 when it points nowhere; {@code assumed} when its target
     * has no number of cells, so that old kernels cannot read it.
     */
    record Supply(String property, int target, boolean assumed) { }

    final String name;
    final boolean acpi;
    final String[] nodePath;
    final int[] nodeParent;
    final int[] nodeDevice;
    final boolean[] nodeAvailable;
    final boolean[] nodeEarly;
    final List<List<String>> nodeCompatible;
    final Supply[][] supplies;
    final BoardDevice[] devices;
    final int[] iommuNode;
    final boolean[] iommuAvailable;
    final int[] iommuDevice;
    final int[] iommuOfDevice;
    /** {@code stream-match-mask} of each IOMMU: the mask of stream ids that come without one. */
    final int[] streamMatchMask;
    final List<String> buses;
    final int[] busOfDevice;
    private final Map<String, Integer> deviceByPath;
    private final Map<String, Integer> deviceByName;
    /** The same tree with {@code iommu-map} read as newer kernels do; null when it makes no difference. */
    private final Board targetCells;

    Board(BoardBuilder b) {
        deviceByPath = new HashMap<>();
        deviceByName = new HashMap<>();
        targetCells = null;
        name = b.name;
        acpi = b.acpi;
        int n = b.nodes.size();
        nodePath = new String[n];
        nodeParent = new int[n];
        nodeDevice = new int[n];
        nodeAvailable = new boolean[n];
        nodeEarly = new boolean[n];
        nodeCompatible = new ArrayList<>(n);
        supplies = new Supply[n][];
        devices = new BoardDevice[b.deviceCount()];
        buses = new ArrayList<>(List.of("platform", "amba", "pci", "virtio"));
        busOfDevice = new int[devices.length];
        copyNodes(b);
        int p = b.iommus.size();
        iommuNode = new int[p];
        iommuAvailable = new boolean[p];
        iommuDevice = new int[p];
        iommuOfDevice = new int[devices.length];
        streamMatchMask = new int[p];
        java.util.Arrays.fill(iommuOfDevice, -1);
        copyDevices(b);
        copyIommus(b);
    }

    /** Part of a board: the same nodes, some of its devices and IOMMUs, in order; numbers outside become -1. */
    Board(Board whole, int[] deviceNumbers, int[] iommuNumbers) {
        deviceByPath = new HashMap<>();
        deviceByName = new HashMap<>();
        targetCells = null;
        name = whole.name;
        acpi = whole.acpi;
        nodePath = whole.nodePath;
        nodeParent = whole.nodeParent;
        nodeAvailable = whole.nodeAvailable;
        nodeEarly = whole.nodeEarly;
        nodeCompatible = whole.nodeCompatible;
        supplies = whole.supplies;
        buses = whole.buses;
        int[] device = inverse(deviceNumbers, whole.devices.length);
        int[] iommu = inverse(iommuNumbers, whole.iommuNode.length);
        nodeDevice = new int[nodePath.length];
        for (int n = 0; n < nodeDevice.length; n++) {
            nodeDevice[n] = whole.nodeDevice[n] < 0 ? -1 : device[whole.nodeDevice[n]];
        }
        devices = new BoardDevice[deviceNumbers.length];
        busOfDevice = new int[devices.length];
        iommuOfDevice = new int[devices.length];
        for (int d = 0; d < devices.length; d++) {
            devices[d] = part(whole.devices[deviceNumbers[d]], d, device, iommu);
            busOfDevice[d] = whole.busOfDevice[deviceNumbers[d]];
            int own = whole.iommuOfDevice[deviceNumbers[d]];
            iommuOfDevice[d] = own < 0 ? -1 : iommu[own];
            deviceByPath.put(devices[d].path(), d);
            deviceByName.putIfAbsent(devices[d].name(), d);
        }
        iommuNode = new int[iommuNumbers.length];
        iommuAvailable = new boolean[iommuNumbers.length];
        iommuDevice = new int[iommuNumbers.length];
        streamMatchMask = new int[iommuNumbers.length];
        for (int p = 0; p < iommuNumbers.length; p++) {
            iommuNode[p] = whole.iommuNode[iommuNumbers[p]];
            iommuAvailable[p] = whole.iommuAvailable[iommuNumbers[p]];
            streamMatchMask[p] = whole.streamMatchMask[iommuNumbers[p]];
            int provider = whole.iommuDevice[iommuNumbers[p]];
            iommuDevice[p] = provider < 0 ? -1 : device[provider];
        }
    }

    private Board(Board one, Board targetCells) {
        this(one, targetCells, one.supplies);
    }

    private Board(Board one, Board targetCells, Supply[][] supplies) {
        name = one.name;
        acpi = one.acpi;
        nodePath = one.nodePath;
        nodeParent = one.nodeParent;
        nodeDevice = one.nodeDevice;
        nodeAvailable = one.nodeAvailable;
        nodeEarly = one.nodeEarly;
        nodeCompatible = one.nodeCompatible;
        this.supplies = supplies;
        devices = one.devices;
        iommuNode = one.iommuNode;
        iommuAvailable = one.iommuAvailable;
        iommuDevice = one.iommuDevice;
        iommuOfDevice = one.iommuOfDevice;
        streamMatchMask = one.streamMatchMask;
        buses = one.buses;
        busOfDevice = one.busOfDevice;
        deviceByPath = one.deviceByPath;
        deviceByName = one.deviceByName;
        this.targetCells = targetCells;
    }

    private Board(Board one, int node, Supply more) {
        this(one, one.targetCells == null ? null : new Board(one.targetCells, node, more), one.supplies.clone());
        Supply[] longer = java.util.Arrays.copyOf(supplies[node], supplies[node].length + 1);
        longer[longer.length - 1] = more;
        supplies[node] = longer;
    }

    /**
     * The same board where one device's node names another as supplier.
     *
     * @param property property that names it ({@code wait-for-supply})
     * @throws IllegalArgumentException when one of them has no node of its own
     */
    public Board withSupply(int device, String property, int supplier) {
        if (devices[device].node() < 0 || devices[supplier].node() < 0) {
            throw new IllegalArgumentException("no node of the tree");
        }
        return new Board(this, devices[device].node(), new Supply(property, devices[supplier].node(), false));
    }

    /** This board, which also knows how the same tree reads with {@link IommuMap.Reading#TARGET_CELLS}. */
    Board withOther(Board other) {
        return new Board(this, other);
    }

    /**
     * The board as an era reads it ({@link Policy#iommuMap}); engines ask for it themselves. Devices and IOMMUs have the same
     * numbers in both.
     */
    public Board as(IommuMap.Reading reading) {
        return reading == IommuMap.Reading.TARGET_CELLS && targetCells != null ? targetCells : this;
    }

    static int[] inverse(int[] numbers, int size) {
        int[] result = new int[size];
        java.util.Arrays.fill(result, -1);
        for (int i = 0; i < numbers.length; i++) {
            result[numbers[i]] = i;
        }
        return result;
    }

    private static BoardDevice part(BoardDevice d, int index, int[] device, int[] iommu) {
        List<IommuEntry> entries = new ArrayList<>();
        for (IommuEntry e : d.iommus()) {
            entries.add(e.iommu() < 0 ? e : new IommuEntry(iommu[e.iommu()], e.ids()));
        }
        return new BoardDevice(index, d.name(), d.path(), d.node(), d.bus(), d.compatible(), d.modalias(), d.driverHint(),
            d.creator() < 0 ? -1 : device[d.creator()], d.namedLate(), d.requesterId(), entries,
            d.legacyIommu() < 0 ? -1 : iommu[d.legacyIommu()], d.legacyIds(), d.powerDomain(), d.askable(), d.groupKey(),
            d.providesIommu(), d.probeErrno());
    }

    private void copyNodes(BoardBuilder b) {
        for (int i = 0; i < nodePath.length; i++) {
            BoardBuilder.NodeDraft draft = b.nodes.get(i);
            nodePath[i] = draft.path;
            nodeParent[i] = b.parentOf(draft);
            nodeDevice[i] = -1;
            nodeAvailable[i] = draft.available;
            nodeEarly[i] = draft.early;
            nodeCompatible.add(List.copyOf(draft.compatible));
            supplies[i] = new Supply[draft.supplies.size()];
            for (int s = 0; s < supplies[i].length; s++) {
                BoardBuilder.SupplyDraft supply = draft.supplies.get(s);
                supplies[i][s] = new Supply(supply.property(), b.nodeIndex(supply.target()), supply.assumed());
            }
        }
    }

    private void copyDevices(BoardBuilder b) {
        int d = 0;
        for (BoardBuilder.DeviceDraft draft : b.deviceOrder()) {
            int node = draft.node == null ? -1 : b.nodeIndex(draft.node.path);
            BoardDevice device = draft.toDevice(d, node, b);
            devices[d] = device;
            if (node >= 0 && !draft.shadow) {
                nodeDevice[node] = d;
            }
            int bus = buses.indexOf(device.bus());
            if (bus < 0) {
                bus = buses.size();
                buses.add(device.bus());
            }
            busOfDevice[d] = bus;
            if (deviceByPath.put(device.path(), d) != null) {
                throw new IllegalArgumentException("two devices have the path " + device.path());
            }
            deviceByName.putIfAbsent(device.name(), d);
            d++;
        }
    }

    private void copyIommus(BoardBuilder b) {
        int p = 0;
        for (String path : b.iommus.keySet()) {
            int node = b.nodeIndex(path);
            iommuNode[p] = node;
            iommuAvailable[p] = nodeAvailable[node];
            iommuDevice[p] = nodeDevice[node];
            streamMatchMask[p] = b.nodes.get(node).streamMatchMask;
            if (nodeDevice[node] >= 0) {
                iommuOfDevice[nodeDevice[node]] = p;
            }
            p++;
        }
        for (BoardDevice device : devices) {
            if (device.providesIommu() != null) {
                Integer q = b.iommus.get(device.providesIommu());
                if (q != null) {
                    iommuOfDevice[device.index()] = q;
                    if (iommuDevice[q] < 0 || devices[iommuDevice[q]].creator() >= 0) {
                        iommuDevice[q] = device.index();
                    }
                }
            }
        }
    }

    /** Starts a board made by hand. */
    public static BoardBuilder builder(String name) {
        return new BoardBuilder(name);
    }

    /** Name of the board, for people. */
    public String name() {
        return name;
    }

    /** Whether it is described by ACPI tables. */
    public boolean acpi() {
        return acpi;
    }

    /** Number of devices, those included that do not exist yet. */
    public int deviceCount() {
        return devices.length;
    }

    /** Device {@code index}. */
    public BoardDevice device(int index) {
        return devices[index];
    }

    /** All devices, in creation order. */
    public List<BoardDevice> devices() {
        return List.of(devices);
    }

    /** Number of IOMMUs: nodes that are named as one or have {@code #iommu-cells}, disabled ones included. */
    public int iommuCount() {
        return iommuNode.length;
    }

    /** Path of IOMMU {@code iommu}. */
    public String iommuPath(int iommu) {
        return nodePath[iommuNode[iommu]];
    }

    /** The device that is this IOMMU, or -1 when there will never be one. */
    public int iommuDevice(int iommu) {
        return iommuDevice[iommu];
    }

    /** Whether the IOMMU's own node is available, whatever its ancestors are. */
    public boolean iommuAvailable(int iommu) {
        return iommuAvailable[iommu];
    }

    /** The IOMMU this device is, or -1. */
    public int iommuOf(int device) {
        return iommuOfDevice[device];
    }

    /** Number of the device of this path, device name or (unique) node name, or -1. */
    public int deviceIndex(String pathOrName) {
        Integer index = deviceByPath.get(pathOrName);
        if (index == null) {
            index = deviceByName.get(pathOrName);
        }
        return index == null ? -1 : index;
    }

    /**
     * Who this device's own node names as supplier, and whom its driver may ask for: property to path, in the order of the tree;
     * unresolved ones left out.
     */
    public List<Map.Entry<String, String>> suppliers(int device) {
        int node = devices[device].node();
        List<Map.Entry<String, String>> named = new ArrayList<>();
        if (node >= 0) {
            for (Supply supply : supplies[node]) {
                if (supply.target() >= 0) {
                    named.add(Map.entry(supply.property(), nodePath[supply.target()]));
                }
            }
        }
        for (BoardDevice.Asked asked : devices[device].askable()) {
            if (asked.node() >= 0) {
                named.add(Map.entry(asked.property(), nodePath[asked.node()]));
            }
        }
        return named;
    }

    @Override
    public String toString() {
        return name + " (" + devices.length + " devices, " + iommuNode.length + " IOMMUs)";
    }
}
