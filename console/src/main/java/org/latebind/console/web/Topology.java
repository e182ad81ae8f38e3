package org.latebind.console.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.probe.Board;
import org.latebind.probe.BoardDevice;

/** What never changes while a board runs: its devices, IOMMUs and who names whom, as a document for the graph. Pure. */
final class Topology {

    private Topology() {
    }

    static Map<String, Object> of(Board board) {
        List<Object> devices = new ArrayList<>();
        List<Object> edges = new ArrayList<>();
        for (BoardDevice device : board.devices()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("path", device.path());
            row.put("compatible", device.compatible());
            row.put("bus", device.bus());
            row.put("iommu", board.iommuOf(device.index()) >= 0);
            devices.add(row);
            device.iommus().stream().map(entry -> board.iommuPath(entry.iommu())).distinct()
                    .forEach(path -> edges.add(edge(device.path(), path, "iommus")));
            if (device.legacyIommu() >= 0) {
                edges.add(edge(device.path(), board.iommuPath(device.legacyIommu()), "mmu-masters"));
            }
            board.suppliers(device.index()).stream()
                    .filter(supply -> board.deviceIndex(supply.getValue()) >= 0 && !"iommus".equals(supply.getKey()))
                    .map(supply -> edge(device.path(), supply.getValue(), supply.getKey())).distinct().forEach(edges::add);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", board.name());
        document.put("devices", devices);
        document.put("edges", edges);
        return document;
    }

    private static Map<String, String> edge(String from, String to, String property) {
        Map<String, String> edge = new LinkedHashMap<>();
        edge.put("from", from);
        edge.put("to", to);
        edge.put("property", property);
        return edge;
    }
}
