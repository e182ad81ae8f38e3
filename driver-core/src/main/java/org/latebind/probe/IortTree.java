package org.latebind.probe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.latebind.acpi.IortNode;
import org.latebind.acpi.IortTable;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.TreeComposer;

/**
 * The hardware of an IORT table in the words of a device tree, for those who build machines and registers from trees: SMMUs
 * with registers and interrupts, named components with their streams, root complexes with the map of their requester
 * ids. The paths are those of {@link IortBoard}. What a board needs and the table does not say (memory) is left to the
 * machine's default.
 */
public final class IortTree {

    /** Register space of an SMMUv3; the table gives its base only. */
    private static final int SMMU3_BYTES = 0x2_0000;
    private static final int GIC_PHANDLE = 1;
    private static final int REQUESTER_IDS = 1 << 16;
    private static final int FIRST_SPI = 32;
    private static final int FIRST_PPI = 16;
    private static final int EDGE = 1;
    private static final int LEVEL = 4;

    private final IortTable table;
    private final TreeComposer tree = new TreeComposer();
    private final Map<IortNode, Integer> phandles = new HashMap<>();

    private IortTree(IortTable table) {
        this.table = table;
    }

    /** Makes the tree of a table; {@code name} is the board's. */
    public static DeviceTree of(String name, IortTable table) {
        return new IortTree(table).compose(name);
    }

    private DeviceTree compose(String name) {
        tree.cells("#address-cells", 2).cells("#size-cells", 2).cells("interrupt-parent", GIC_PHANDLE)
                .strings("model", "ACPI IORT table");
        tree.begin("interrupt-controller").strings("compatible", "arm,gic-v3").cells("interrupt-controller")
                .cells("#interrupt-cells", 3).cells("phandle", GIC_PHANDLE).end();
        for (IortNode node : table.nodes()) {
            if (node.content() instanceof IortNode.SmmuV3 smmu) {
                smmu3(node, smmu);
            } else if (node.content() instanceof IortNode.SmmuV2 smmu) {
                smmu2(node, smmu);
            }
        }
        for (IortNode node : table.nodes()) {
            if (node.content() instanceof IortNode.NamedComponent component) {
                component(component);
            } else if (node.content() instanceof IortNode.RootComplex complex) {
                rootComplex(complex);
            }
        }
        return tree.build(name);
    }

    private void smmu(IortNode node, long base, long bytes, String compatible, boolean coherent) {
        int phandle = GIC_PHANDLE + 1 + phandles.size();
        phandles.put(node, phandle);
        tree.begin("smmu@" + Long.toHexString(base)).strings("compatible", compatible)
                .cells("reg", (int) (base >>> 32), (int) base, (int) (bytes >>> 32), (int) bytes)
                .cells("#iommu-cells", 1).cells("phandle", phandle);
        if (coherent) {
            tree.cells("dma-coherent");
        }
    }

    private void smmu3(IortNode node, IortNode.SmmuV3 smmu) {
        smmu(node, smmu.base(), SMMU3_BYTES, "arm,smmu-v3", smmu.coherent());
        String[] names = {"eventq", "priq", "gerror", "cmdq-sync"};
        int[] interrupts = {smmu.eventInterrupt(), smmu.priInterrupt(), smmu.errorInterrupt(), smmu.syncInterrupt()};
        List<String> wired = new ArrayList<>();
        List<Integer> lines = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            // 0: it sends messages instead.
            if (interrupts[i] != 0) {
                wired.add(names[i]);
                lines.add(interrupts[i]);
            }
        }
        if (!wired.isEmpty()) {
            tree.cells("interrupts", cells(lines, EDGE)).strings("interrupt-names", wired.toArray(new String[0]));
        }
        tree.end();
    }

    private void smmu2(IortNode node, IortNode.SmmuV2 smmu) {
        smmu(node, smmu.base(), smmu.spanBytes(), IortBoard.compatible(smmu), smmu.coherent());
        List<Integer> global = smmu.globalInterrupts().stream().filter(line -> line != 0).toList();
        List<Integer> all = new ArrayList<>(global);
        all.addAll(smmu.contextInterrupts());
        tree.cells("#global-interrupts", global.size()).cells("interrupts", cells(all, LEVEL)).end();
    }

    /** System interrupt numbers as the GIC's binding writes them. */
    private static int[] cells(List<Integer> lines, int trigger) {
        int[] cells = new int[3 * lines.size()];
        for (int i = 0; i < lines.size(); i++) {
            int line = lines.get(i);
            cells[3 * i] = line >= FIRST_SPI ? 0 : 1;
            cells[3 * i + 1] = line >= FIRST_SPI ? line - FIRST_SPI : Math.max(0, line - FIRST_PPI);
            cells[3 * i + 2] = trigger;
        }
        return cells;
    }

    private void component(IortNode.NamedComponent component) {
        List<IortTable.Stream> streams = table.componentStreams(component.name());
        int[] cells = new int[2 * streams.size()];
        for (int i = 0; i < streams.size(); i++) {
            cells[2 * i] = phandles.get(streams.get(i).smmu());
            cells[2 * i + 1] = streams.get(i).streamId();
        }
        tree.begin(component.name()).strings("compatible", component.name()).cells("iommus", cells);
        if (component.coherent()) {
            tree.cells("dma-coherent");
        }
        tree.end();
    }

    private void rootComplex(IortNode.RootComplex complex) {
        tree.begin("rc@" + Integer.toHexString(complex.segment())).strings("compatible", "PNP0A08")
                .strings("device_type", "pci").cells("#address-cells", 3).cells("#size-cells", 2)
                .cells("linux,pci-domain", complex.segment()).cells("iommu-map", map(complex.segment()));
        if (complex.coherent()) {
            tree.cells("dma-coherent");
        }
        tree.end();
    }

    /** Asks the table for every requester id and joins what goes on without a gap. */
    private int[] map(int segment) {
        List<int[]> entries = new ArrayList<>();
        int[] open = null;
        for (int rid = 0; rid < REQUESTER_IDS; rid++) {
            Optional<IortTable.Stream> stream = table.pciStream(segment, rid);
            if (stream.isEmpty()) {
                open = null;
                continue;
            }
            int phandle = phandles.get(stream.get().smmu());
            int id = stream.get().streamId();
            if (open != null && open[1] == phandle && open[2] + open[3] == id) {
                open[3]++;
            } else {
                open = new int[] {rid, phandle, id, 1};
                entries.add(open);
            }
        }
        return entries.stream().flatMapToInt(java.util.Arrays::stream).toArray();
    }
}
