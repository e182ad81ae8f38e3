package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtbReader;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.DtsWriter;
import org.latebind.devicetree.IommuMap;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.driver.Bound;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.iommu.core.Configuration;

/** Trees of real boards: every available SMMU comes up, every available master behind it reaches exactly its own page. */
class RealTreesTest {

    private static final List<String> DRIVEN = List.of("arm,smmu-v1", "arm,smmu-v2", "arm,mmu-400", "arm,mmu-401",
            "arm,mmu-500", "cavium,smmu-v2", "nvidia,smmu-500", "qcom,smmu-v2");
    private static final int[] REQUESTERS = {0x000, 0x008, 0x100, 0x101, 0x200, 0x300, 0x700, 0x7f00};

    private static DeviceTree read(String board) {
        Path file = Path.of(System.getProperty("latebind.shared", "../../shared"), "data", "dtb", board + ".dtb");
        assumeTrue(Files.exists(file), "board tree not here: " + file);
        return DtbReader.read(file);
    }

    private static boolean driven(Node node) {
        return node != null && node.available() && node.compatible().stream().anyMatch(DRIVEN::contains);
    }

    /** What one board came to. */
    private static final class Run {
        final TestBoard board;
        final List<String> smmus = new ArrayList<>();
        final List<String> translated = new ArrayList<>();
        final List<String> identity = new ArrayList<>();
        final Map<String, Long> pages = new LinkedHashMap<>();
        final Map<String, String> refused = new LinkedHashMap<>();
        int functions;

        Run(DeviceTree tree, Parameters parameters) {
            board = TestBoard.of(tree, Map.of(), parameters);
        }

        void bringUp(Random order) {
            for (Node node : board.tree.nodes()) {
                if (driven(node)) {
                    smmus.add(node.path());
                }
            }
            Collections.shuffle(smmus, order);
            for (String smmu : smmus) {
                assertThat(board.probe(smmu)).as(smmu).isInstanceOf(Bound.class);
            }
            for (Node node : board.tree.nodes()) {
                List<Reference> references = ReferenceList.iommus(board.tree, node).entries();
                if (node.available() && !references.isEmpty() && references.stream().allMatch(r -> driven(r.target()))) {
                    place(node.path(), board.configure(node.path()));
                }
                if (node.has("iommu-map") && node.available()) {
                    functions(node);
                }
            }
        }

        private void functions(Node host) {
            IommuMap map = IommuMap.of(board.tree, host, IommuMap.Reading.TARGET_CELLS);
            for (int rid : REQUESTERS) {
                if (map.translate(rid) instanceof IommuMap.Mapped m && driven(m.reference().target())) {
                    functions++;
                    place(String.format("%s@%04x", host.path(), rid), board.configureFunction(host.path(), rid));
                }
            }
        }

        private void place(String path, Configuration result) {
            if (result instanceof Configuration.Untranslated u) {
                refused.put(path, u.errno() + ": " + u.reason());
                return;
            }
            Configuration.Grouped grouped = (Configuration.Grouped) result;
            if (grouped.group().current().type() == DomainType.IDENTITY) {
                identity.add(path);
                return;
            }
            translated.add(path);
            PagingDomain domain = (PagingDomain) grouped.group().current();
            long smallest = Long.lowestOneBit(domain.pageSizes());
            long iova = 0x10000000L + pages.size() * 0x101000L;
            long page = board.machine.pages().allocate(smallest, smallest, 32);
            board.machine.memory().write64(page + 16, 0x4c42000000000000L + pages.size());
            assertThat(domain.map(iova, page, smallest, 1, Protection.READ)).as(path).isEqualTo(smallest);
            pages.put(path, iova);
        }

        /** Every stream of every master reads its own page and is refused at an address nobody mapped. */
        int readAll() {
            int transfers = 0;
            List<String> paths = new ArrayList<>(pages.keySet());
            for (String path : translated) {
                DmaMaster master = board.machine.master(path).orElseThrow();
                int streams = master.streams() - (alsoBridge(path) ? 1 : 0);
                for (int stream = 0; stream < streams; stream++) {
                    byte[] data = new byte[8];
                    DmaResult result = master.read(stream, pages.get(path) + 16, data);
                    assertThat(result.kind()).as(path + " stream " + stream + ": " + result).isEqualTo(DmaResult.Kind.TRANSLATED);
                    assertThat(data[0] & 0xff | (data[1] & 0xff) << 8).as(path).isEqualTo(paths.indexOf(path));
                    assertThat(master.read(stream, 0x7000000L, data).kind()).as(path).isEqualTo(DmaResult.Kind.FAULT);
                    transfers++;
                }
            }
            for (String path : identity) {
                DmaMaster master = board.machine.master(path).orElseThrow();
                long somewhere = board.machine.layout().memory().get(0).start();
                assertThat(master.read(0, somewhere, new byte[8]).kind()).as(path).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            }
            return transfers;
        }

        /** A master whose node also maps devices below it: the machine gives it their first stream as well. */
        private boolean alsoBridge(String path) {
            Node node = board.tree.byPath(path);
            return node != null && node.has("iommus") && node.has("iommu-map");
        }

        void unloadAll() {
            for (String smmu : smmus) {
                board.unload(smmu);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"juno-r2, 6, 14, 0, 22", "amd-overdrive-rev-b0, 5, 12, 0, 18", "fsl-lx2160a-rdb, 1, 0, 0, 0",
        "armada-8040-mcbin, 0, 0, 0, 0", "sdm845-db845c, 2, 36, 3, 68", "sc7280-crd-r3, 2, 20, 3, 34",
        "tegra194-p2972-0000, 1, 49, 0, 48"})
    void everySmmuComesUpAndEveryMasterIsTranslated(String name, int smmus, int translated, int identity, int streams) {
        Run run = new Run(read(name), Parameters.DEFAULT);
        run.bringUp(new Random(1));
        assertThat(run.smmus).hasSize(smmus);
        assertThat(run.refused).isEmpty();
        assertThat(run.translated).hasSize(translated);
        assertThat(run.identity).hasSize(identity);
        assertThat(run.readAll()).isEqualTo(streams);
        run.unloadAll();
        assertThat(run.board.findings()).isEmpty();
        assertThat(run.board.machine.interruptHandlers()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6})
    void theOrderInWhichSmmusComeUpDoesNotMatter(int seed) {
        Run run = new Run(read("juno-r2"), Parameters.DEFAULT);
        run.bringUp(new Random(seed));
        assertThat(run.refused).isEmpty();
        assertThat(run.readAll()).isEqualTo(22);
    }

    /** The board's firmware decides whether its SMMU is used; the tree says no, so here it is switched on. */
    @Test
    void theArmadaSmmuServesItsMastersOnceTheTreeSwitchesItOn() {
        Run run = new Run(edited("armada-8040-mcbin", "iommu@100000", "status = \"disabled\";", "status = \"okay\";"),
                Parameters.DEFAULT);
        run.bringUp(new Random(1));
        assertThat(run.smmus).hasSize(1);
        assertThat(run.translated).hasSize(8);
        assertThat(run.readAll()).isEqualTo(8);
        // Eight context banks: what comes later is told so, and nothing of it reaches memory.
        assertThat(run.refused).isNotEmpty().allSatisfy((path, why) -> assertThat(why).startsWith("ENOSPC"));
        for (String path : run.refused.keySet()) {
            assertThat(run.board.read(path, 0, 0x1000000L).kind()).as(path).isEqualTo(DmaResult.Kind.FAULT);
        }
        run.unloadAll();
        assertThat(run.board.findings()).isEmpty();
    }

    /** The boot loader fills the map of the management complex in; the stored tree has it empty. */
    @Test
    void fslMcDevicesAreTranslatedThroughTheMapTheBootLoaderFillsIn() {
        Run run = new Run(edited("fsl-lx2160a-rdb", "fsl-mc@80c000000", "0x33 0x0 0x0>", "0x33 0x0 0x40>"), Parameters.DEFAULT);
        run.bringUp(new Random(1));
        assertThat(run.functions).isEqualTo(2);
        assertThat(run.refused).isEmpty();
        assertThat(run.readAll()).isEqualTo(2);
        run.unloadAll();
        assertThat(run.board.findings()).isEmpty();
    }

    private static DeviceTree edited(String name, String node, String from, String to) {
        String text = DtsWriter.write(read(name));
        int at = text.indexOf(node + " {");
        int found = text.indexOf(from, at);
        assertThat(found).as("text to edit in " + node + ": " + text.substring(at, at + 400)).isPositive();
        return DtsReader.read(name, text.substring(0, found) + to + text.substring(found + from.length()));
    }
}
