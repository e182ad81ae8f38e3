package org.latebind.probe;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.latebind.acpi.IortNode;
import org.latebind.acpi.IortTable;

/**
 * Makes a {@link Board} of an IORT table: SMMUs first, then named components and root complexes, then the PCI functions of a
 * population. A function's host is {@code /rc@SEGMENT}. Without a device tree there are no supplier links, and deferral
 * follows the
 * ACPI rules of the policy (driver-core sheet, section 10).
 */
public final class IortBoard {

    private static final List<String> MODELS = List.of("arm,smmu-v1", "arm,smmu-v2", "arm,mmu-400", "arm,mmu-500", "arm,mmu-401",
        "cavium,smmu-v2");

    private final IortTable table;
    private final BoardBuilder board;
    private final Map<IortNode, String> smmus = new HashMap<>();

    private IortBoard(String name, IortTable table) {
        this.table = table;
        this.board = new BoardBuilder(name).acpi();
    }

    /** Reads the board of a table, with the PCI functions of a population. */
    public static Board read(String name, IortTable table, Population population) {
        return new IortBoard(name, table).read(population);
    }

    private Board read(Population population) {
        Map<String, Integer> numbers = new HashMap<>();
        for (IortNode node : table.nodes()) {
            if (node.content() instanceof IortNode.SmmuV3 smmu) {
                addSmmu(node, "arm-smmu-v3", smmu.base(), "arm,smmu-v3", numbers);
            } else if (node.content() instanceof IortNode.SmmuV2 smmu) {
                addSmmu(node, "arm-smmu", smmu.base(), compatible(smmu), numbers);
            }
        }
        for (IortNode node : table.nodes()) {
            if (node.content() instanceof IortNode.NamedComponent component) {
                addComponent(component.name());
            } else if (node.content() instanceof IortNode.RootComplex complex) {
                board.device("/rc@" + Integer.toHexString(complex.segment()), "PNP0A08");
            }
        }
        population.pci().forEach(this::addFunction);
        return board.build();
    }

    /** The model's name in device trees. */
    static String compatible(IortNode.SmmuV2 smmu) {
        return smmu.model() >= 0 && smmu.model() < MODELS.size() ? MODELS.get(smmu.model()) : "arm,smmu-v1";
    }

    private void addSmmu(IortNode node, String driver, long base, String compatible, Map<String, Integer> numbers) {
        String path = "/smmu@" + Long.toHexString(base);
        int number = numbers.merge(driver, 1, Integer::sum) - 1;
        board.device(board.node(path, compatible), driver + "." + number + ".auto", "platform").isIommu();
        smmus.put(node, path);
    }

    private void addComponent(String name) {
        BoardBuilder.DeviceDraft draft = board.device("/" + name, name);
        for (IortTable.Stream stream : table.componentStreams(name)) {
            draft.mapped(smmus.get(stream.smmu()), stream.streamId());
        }
    }

    private void addFunction(Population.PciFunction f) {
        if (!f.host().startsWith("/rc@") || board.nodeOf(f.host()) == null) {
            throw new IllegalArgumentException("population: no root complex " + f.host());
        }
        int segment = Integer.parseInt(f.host().substring(4), 16);
        BoardBuilder.DeviceDraft draft = board.child(f.host(), "pci", f.name(), f.host() + "@" + Integer.toHexString(f.rid()))
            .requesterId(f.rid()).modalias(f.modalias()).driverHint(f.driver()).groupKey(f.groupKey());
        translate(draft, segment, f.rid());
        f.aliases().forEach(alias -> translate(draft, segment, alias));
    }

    private void translate(BoardBuilder.DeviceDraft draft, int segment, int rid) {
        Optional<IortTable.Stream> stream = table.pciStream(segment, rid);
        if (stream.isPresent()) {
            draft.mapped(smmus.get(stream.get().smmu()), stream.get().streamId());
        } else {
            draft.badEntry(IommuEntry.NONE);
        }
    }
}
