package org.latebind.probe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.pci.DmaAliases;
import org.latebind.pci.PciFunction;
import org.latebind.pci.PciGroups;
import org.latebind.pci.PciPopulation;

/** Turns a population file's PCI functions into devices of a board: names, modaliases, requester ids and group keys. */
public final class PciDevices {

    private PciDevices() {
    }

    /**
     * Makes a population.
     *
     * @param tree the board's tree, which numbers the PCI domains: {@code linux,pci-domain}, else hosts in document order
     * @param pci  the functions
     * @throws IllegalArgumentException when a host is no node of the tree; one line names it
     */
    public static Population population(DeviceTree tree, PciPopulation pci) {
        Map<String, Integer> domains = domains(tree, pci);
        Map<PciFunction, Integer> groups = PciGroups.of(pci, pci.functions());
        List<Population.PciFunction> functions = new ArrayList<>();
        for (PciFunction f : pci.functions()) {
            List<Integer> aliases = new ArrayList<>();
            for (DmaAliases.Alias alias : DmaAliases.of(pci, f)) {
                if (alias.requesterId() != f.requesterId()) {
                    aliases.add(alias.requesterId());
                }
            }
            String name = String.format(Locale.ROOT, "%04x:%s", domains.get(f.host()), f.name());
            functions.add(new Population.PciFunction(f.host(), f.requesterId(), aliases, name, modalias(f), null,
                f.host() + "#" + groups.get(f), List.of()));
        }
        return new Population(functions, List.of(), false);
    }

    private static Map<String, Integer> domains(DeviceTree tree, PciPopulation pci) {
        Map<String, Integer> domains = new LinkedHashMap<>();
        int next = 0;
        for (Node node : tree.nodes()) {
            if ("pci".equals(node.string("device_type")) && !isFunction(node)) {
                domains.put(node.path(), node.u32("linux,pci-domain", next));
                next++;
            }
        }
        for (PciFunction f : pci.functions()) {
            Node host = tree.byPath(f.host());
            if (host == null) {
                throw new IllegalArgumentException("population: no node " + f.host() + " in " + tree.source());
            }
            domains.putIfAbsent(f.host(), host.u32("linux,pci-domain", next));
        }
        return domains;
    }

    private static boolean isFunction(Node node) {
        return node.parent() != null && "pci".equals(node.parent().string("device_type"));
    }

    private static String modalias(PciFunction f) {
        return String.format(Locale.ROOT, "pci:v%08Xd%08Xsv00000000sd00000000bc%02Xsc%02Xi%02X", f.vendor(), f.device(),
            f.classCode() >> 16 & 0xff, f.classCode() >> 8 & 0xff, f.classCode() & 0xff);
    }
}
