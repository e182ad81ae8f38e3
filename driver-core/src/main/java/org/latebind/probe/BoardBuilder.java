package org.latebind.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Collects a board: nodes in document order, the devices they become, and devices that other devices create. Used by the
 * reader of
 * device trees and, by hand, for tests and random boards:
 *
 * <pre>
 * Board board = Board.builder("teaching")
 *     .device("/iommu@1", "arm,smmu-v3").isIommu().and()
 *     .device("/dma@2", "acme,dma").iommus("/iommu@1", 4).supplier("clocks", "/clk").and()
 *     .build();
 * </pre>
 */
public final class BoardBuilder {

    record SupplyDraft(String property, String target, boolean assumed) { }

    record EntryDraft(String iommu, int code, int[] ids) { }

    final String name;
    boolean acpi;
    final List<NodeDraft> nodes = new ArrayList<>();
    final Map<String, Integer> iommus = new LinkedHashMap<>();
    private final Map<String, Integer> byPath = new HashMap<>();
    private final List<DeviceDraft> devices = new ArrayList<>();
    private final List<DeviceDraft> created = new ArrayList<>();
    private Map<String, Integer> indexByPath;

    BoardBuilder(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    /** The board is described by ACPI tables. */
    public BoardBuilder acpi() {
        acpi = true;
        return this;
    }

    /** Adds a node that is no device. */
    public NodeDraft node(String path, String... compatible) {
        if (byPath.put(Objects.requireNonNull(path, "path"), nodes.size()) != null) {
            throw new IllegalArgumentException("two nodes have the path " + path);
        }
        NodeDraft node = new NodeDraft(path, List.of(compatible));
        nodes.add(node);
        return node;
    }

    /** Adds a node that is a platform device; its name is the last part of the path. */
    public DeviceDraft device(String path, String... compatible) {
        NodeDraft node = node(path, compatible);
        return device(node, path.substring(path.lastIndexOf('/') + 1), "platform");
    }

    /** Makes a node a device. */
    DeviceDraft device(NodeDraft node, String deviceName, String bus) {
        DeviceDraft draft = new DeviceDraft(node, deviceName, node.path, bus);
        draft.compatible = node.compatible;
        devices.add(draft);
        return draft;
    }

    /** Adds a device that the driver of {@code creator} creates. */
    public DeviceDraft child(String creatorPath, String bus, String deviceName, String path) {
        DeviceDraft draft = new DeviceDraft(null, deviceName, path, bus);
        draft.creatorPath = creatorPath;
        created.add(draft);
        return draft;
    }

    /** Declares the node an IOMMU. */
    public BoardBuilder iommu(String path) {
        iommus.putIfAbsent(path, iommus.size());
        return this;
    }

    /** Builds the board. */
    public Board build() {
        List<String> known = new ArrayList<>(iommus.keySet());
        iommus.clear();
        for (String path : known) {
            if (byPath.containsKey(path)) {
                iommus.put(path, iommus.size());
            }
        }
        return new Board(this);
    }

    int deviceCount() {
        return devices.size() + created.size();
    }

    List<DeviceDraft> deviceOrder() {
        List<DeviceDraft> all = new ArrayList<>(devices);
        all.addAll(created);
        return all;
    }

    int nodeIndex(String path) {
        return path == null ? -1 : byPath.getOrDefault(path, -1);
    }

    NodeDraft nodeOf(String path) {
        Integer index = byPath.get(path);
        return index == null ? null : nodes.get(index);
    }

    int parentOf(NodeDraft node) {
        String path = node.path;
        while (path.length() > 1) {
            int slash = path.lastIndexOf('/');
            path = slash <= 0 ? "/" : path.substring(0, slash);
            Integer index = byPath.get(path);
            if (index != null) {
                return index;
            }
        }
        return -1;
    }

    /** A node under construction. */
    public final class NodeDraft {
        final String path;
        final List<String> compatible;
        final List<SupplyDraft> supplies = new ArrayList<>();
        boolean available = true;
        boolean early;
        int streamMatchMask;

        NodeDraft(String path, List<String> compatible) {
            this.path = path;
            this.compatible = compatible;
        }

        /** Own status disabled. */
        public NodeDraft disabled() {
            available = false;
            return this;
        }

        /** Served by boot code: never a device, never waited for. */
        public NodeDraft early() {
            early = true;
            return this;
        }

        /** A property names a supplier; target null for one that points nowhere. */
        public NodeDraft supplier(String property, String target) {
            return supplier(property, target, false);
        }

        NodeDraft supplier(String property, String target, boolean assumed) {
            supplies.add(new SupplyDraft(property, target, assumed));
            return this;
        }

        /** Mask of stream ids that come without one ({@code stream-match-mask}). */
        public NodeDraft streamMatchMask(int mask) {
            streamMatchMask = mask;
            return this;
        }

        /** The node is an IOMMU. */
        public NodeDraft isIommu() {
            iommu(path);
            return this;
        }

        /** Back to the board. */
        public BoardBuilder and() {
            return BoardBuilder.this;
        }
    }

    /** A device under construction. */
    public final class DeviceDraft {
        final NodeDraft node;
        final String deviceName;
        final String path;
        final String bus;
        List<String> compatible = List.of();
        String creatorPath;
        boolean shadow;
        private String modalias;
        private String driverHint;
        private boolean namedLate;
        private int requesterId = -1;
        private final List<EntryDraft> entries = new ArrayList<>();
        private String legacyIommu;
        private final List<Integer> legacyIds = new ArrayList<>();
        private String powerDomain;
        private final List<String[]> asked = new ArrayList<>();
        private String groupKey;
        private String providesIommu;
        private int probeErrno;

        DeviceDraft(NodeDraft node, String deviceName, String path, String bus) {
            this.node = node;
            this.deviceName = deviceName;
            this.path = path;
            this.bus = bus;
        }

        /** A property names a supplier; {@code iommus} is added by {@link #iommus} itself. */
        public DeviceDraft supplier(String property, String target) {
            node.supplier(property, target);
            if (property.equals("power-domains")) {
                powerDomain = powerDomain == null ? target : "";
            }
            asks(property, target);
            return this;
        }

        /** A property (of the node or a child node) that a driver may ask for by itself. */
        public DeviceDraft asks(String property, String target) {
            if (target != null) {
                asked.add(new String[] {property, target});
            }
            return this;
        }

        /** The device's only power domain. */
        public DeviceDraft powerDomain(String target) {
            powerDomain = target;
            return this;
        }

        /** One entry of {@code iommus}. */
        public DeviceDraft iommus(String iommuPath, int... ids) {
            iommu(iommuPath);
            entries.add(new EntryDraft(iommuPath, 0, ids));
            if (node != null) {
                node.supplier("iommus", iommuPath);
            }
            return this;
        }

        /** A PCI function's requester id maps to this IOMMU. */
        public DeviceDraft mapped(String iommuPath, int... ids) {
            iommu(iommuPath);
            entries.add(new EntryDraft(iommuPath, 0, ids));
            return this;
        }

        /** An entry that cannot be parsed, or (code {@link IommuEntry#NONE}) is not mapped. */
        public DeviceDraft badEntry(int code) {
            entries.add(new EntryDraft(null, code, new int[0]));
            return this;
        }

        /** The device is an IOMMU. */
        public DeviceDraft isIommu() {
            iommu(path);
            return this;
        }

        /** The device is the IOMMU of another node (virtio-iommu). */
        public DeviceDraft providesIommu(String nodePath) {
            providesIommu = nodePath;
            return this;
        }

        /** Named in this IOMMU's {@code mmu-masters}, with these stream ids. */
        public DeviceDraft legacyMaster(String iommuPath, int... ids) {
            iommu(iommuPath);
            legacyIommu = iommuPath;
            Arrays.stream(ids).forEach(legacyIds::add);
            return this;
        }

        /** Created by the driver of that device, as a child of its node. */
        public DeviceDraft createdBy(String devicePath) {
            creatorPath = devicePath;
            return this;
        }

        /** What id patterns match. */
        public DeviceDraft modalias(String value) {
            modalias = value;
            return this;
        }

        /** The driver that matches when its ids are not known. */
        public DeviceDraft driverHint(String value) {
            driverHint = value;
            return this;
        }

        /** Gets its name when it appears. */
        public DeviceDraft namedLate() {
            namedLate = true;
            return this;
        }

        /** PCI requester id. */
        public DeviceDraft requesterId(int value) {
            requesterId = value;
            return this;
        }

        /** Devices with this key share a group. */
        public DeviceDraft groupKey(String value) {
            groupKey = value;
            return this;
        }

        /** Every probe ends in this error. */
        public DeviceDraft probeErrno(int value) {
            probeErrno = value;
            return this;
        }

        /** Back to the board. */
        public BoardBuilder and() {
            return BoardBuilder.this;
        }

        BoardDevice toDevice(int index, int nodeIndex, BoardBuilder b) {
            List<IommuEntry> list = new ArrayList<>();
            for (EntryDraft e : entries) {
                int iommu = e.iommu == null ? e.code : b.nodeIndex(e.iommu) < 0 ? IommuEntry.END : b.iommus.get(e.iommu);
                list.add(new IommuEntry(iommu, Arrays.copyOf(e.ids, e.ids.length)));
            }
            List<BoardDevice.Asked> askable = new ArrayList<>();
            for (String[] a : asked) {
                askable.add(new BoardDevice.Asked(a[0], b.nodeIndex(a[1])));
            }
            return new BoardDevice(index, deviceName, path, nodeIndex, bus, compatible, modalias, driverHint,
                creatorPath == null ? -1 : b.creatorIndex(creatorPath), namedLate, requesterId, list,
                legacyIommu == null ? -1 : b.iommus.get(legacyIommu), legacyIds, b.nodeIndex(powerDomain), askable, groupKey,
                providesIommu, probeErrno);
        }
    }

    int creatorIndex(String path) {
        if (indexByPath == null) {
            indexByPath = new HashMap<>();
            for (DeviceDraft draft : deviceOrder()) {
                indexByPath.put(draft.path, indexByPath.size());
            }
        }
        Integer index = indexByPath.get(path);
        if (index == null) {
            throw new IllegalArgumentException("no device has the path " + path);
        }
        return index;
    }
}
