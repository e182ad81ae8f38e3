package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a tree says about its IOMMUs: the data of the {@code inspect} command. A pure query: nothing is guessed, nothing repaired.
 * An IOMMU is a node with {@code #iommu-cells} or the target of a reference; a master is a node with {@code iommus}. Nodes stand
 * in document order, references keep their order and duplicates.
 *
 * @param board name of the board as the user gave it; not null
 * @param tree the tree; not null
 * @param iommus the IOMMUs
 * @param masters the masters with their references
 * @param iommuMaps the maps of all nodes with {@code iommu-map}, read in entries of four cells
 * @param mmuMasters the nodes with {@code mmu-masters}; targets of the references are the masters
 * @param problems lists that cannot be read to their end, one line each; not part of the JSON document
 */
public record Inspection(String board, DeviceTree tree, List<Node> iommus, List<Referrer> masters, List<IommuMap> iommuMaps,
        List<Referrer> mmuMasters, List<String> problems) {

    /**
     * A node with its references.
     *
     * @param node the node that has the property
     * @param references its entries, up to the first that cannot be read
     */
    public record Referrer(Node node, List<Reference> references) {
        /** Copies the list. */
        public Referrer {
            references = List.copyOf(references);
        }
    }

    /** Copies the lists. */
    public Inspection {
        iommus = List.copyOf(iommus);
        masters = List.copyOf(masters);
        iommuMaps = List.copyOf(iommuMaps);
        mmuMasters = List.copyOf(mmuMasters);
        problems = List.copyOf(problems);
    }

    /** Inspects a tree. */
    public static Inspection of(String board, DeviceTree tree) {
        boolean[] isIommu = new boolean[tree.size()];
        List<Referrer> masters = new ArrayList<>();
        List<IommuMap> maps = new ArrayList<>();
        List<Referrer> legacy = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Node node : tree.nodes()) {
            isIommu[node.index()] |= node.has("#iommu-cells");
            if (node.has("iommus")) {
                ReferenceList list = ReferenceList.iommus(tree, node);
                masters.add(new Referrer(node, list.entries()));
                list.entries().forEach(entry -> isIommu[entry.target().index()] = true);
                note(list.problem(), problems);
            }
            IommuMap map = IommuMap.of(tree, node, IommuMap.Reading.FOUR_CELLS);
            if (map != null) {
                maps.add(map);
                note(map.problem(), problems);
                for (IommuMap.Entry entry : map.entries()) {
                    if (entry.iommu() != null) {
                        isIommu[entry.iommu().index()] = true;
                    } else {
                        String phandle = "0x" + Integer.toHexString(entry.phandle());
                        note(node.path() + ": iommu-map: no node has phandle " + phandle, problems);
                    }
                }
            }
            if (node.has("mmu-masters")) {
                ReferenceList list = ReferenceList.mmuMasters(tree, node);
                legacy.add(new Referrer(node, list.entries()));
                note(list.problem(), problems);
            }
        }
        List<Node> iommus = tree.nodes().stream().filter(node -> isIommu[node.index()]).toList();
        return new Inspection(board, tree, iommus, masters, maps, legacy, problems);
    }

    private static void note(String problem, List<String> problems) {
        if (problem != null) {
            problems.add(problem);
        }
    }

    /** Returns the JSON document as maps, lists, strings, numbers, booleans and nulls, with the keys in their order. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("board", board);
        map.put("model", tree.model());
        map.put("nodes", tree.size());
        map.put("iommus", iommus.stream().map(Inspection::iommu).toList());
        map.put("masters", masters.stream().map(Inspection::master).toList());
        map.put("iommuMaps", iommuMaps.stream().map(Inspection::iommuMap).toList());
        List<Object> legacy = new ArrayList<>();
        for (Referrer smmu : mmuMasters) {
            for (Reference reference : smmu.references) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("iommu", smmu.node.path());
                entry.put("master", reference.target().path());
                entry.put("ids", numbers(reference.cells()));
                legacy.add(entry);
            }
        }
        map.put("mmuMasters", legacy);
        return map;
    }

    private static Map<String, Object> node(Node node) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("path", node.path());
        map.put("compatible", node.compatible());
        map.put("status", node.status());
        map.put("available", node.available());
        return map;
    }

    private static Map<String, Object> iommu(Node iommu) {
        Map<String, Object> map = node(iommu);
        Property cells = iommu.property("#iommu-cells");
        map.put("cells", cells == null || cells.length() < 4 ? null : Integer.toUnsignedLong(cells.cell(0)));
        return map;
    }

    private static Map<String, Object> master(Referrer master) {
        Map<String, Object> map = node(master.node);
        List<Object> references = new ArrayList<>();
        for (Reference reference : master.references) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("iommu", reference.target().path());
            entry.put("cells", numbers(reference.cells()));
            references.add(entry);
        }
        map.put("iommus", references);
        return map;
    }

    private static Map<String, Object> iommuMap(IommuMap map) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("path", map.node().path());
        result.put("mask", map.mask().isPresent() ? Integer.toUnsignedLong(map.mask().getAsInt()) : null);
        List<Object> entries = new ArrayList<>();
        for (IommuMap.Entry entry : map.entries()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("ridBase", Integer.toUnsignedLong(entry.ridBase()));
            one.put("iommu", entry.iommu() == null ? null : entry.iommu().path());
            one.put("outBase", Integer.toUnsignedLong(entry.outBase()[0]));
            one.put("length", Integer.toUnsignedLong(entry.length()));
            entries.add(one);
        }
        result.put("entries", entries);
        return result;
    }

    private static List<Long> numbers(int[] cells) {
        List<Long> numbers = new ArrayList<>(cells.length);
        for (int cell : cells) {
            numbers.add(Integer.toUnsignedLong(cell));
        }
        return numbers;
    }
}
