package org.latebind.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DtsReader;
import org.latebind.pagetable.TableEntry;
import org.latebind.probe.BoardReader;
import org.latebind.probe.Population;
import org.latebind.runtime.DomainTable;

/** The documents for the graph and for the tree of a page table. */
class DocumentsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode board(String body) {
        return JSON.valueToTree(Topology.of(BoardReader.read(DtsReader.read("b.dts", "/dts-v1/;\n/ {\n" + body + "\n};\n"),
                Population.NONE)));
    }

    @Test
    void theBoardNamesItsIommusAndWhoNamesThem() {
        JsonNode board = board("""
                clk: clock@0 { compatible = "t,clock"; #clock-cells = <0>; };
                mmu: iommu@1 { compatible = "t,mmu"; #iommu-cells = <1>; };
                dma@3 { compatible = "t,dma"; iommus = <&mmu 1>, <&mmu 2>; clocks = <&clk>; };""");
        List<String> iommus = new ArrayList<>();
        board.path("devices").forEach(device -> {
            if (device.path("iommu").asBoolean()) {
                iommus.add(device.path("path").asText());
            }
        });
        assertThat(iommus).containsExactly("/iommu@1");
        assertThat(board.path("edges")).hasSize(2);
        assertThat(board.path("edges").path(0)).isEqualTo(JSON.valueToTree(java.util.Map.of("from", "/dma@3", "to", "/iommu@1",
                "property", "iommus")));
        assertThat(board.path("edges").path(1).path("to").asText()).isEqualTo("/clock@0");
    }

    @Test
    void legacyMastersHaveTheirEdgeToo() {
        JsonNode board = board("""
                dma: dma@3 { compatible = "t,dma"; #stream-id-cells = <1>; };
                iommu@1 { compatible = "arm,smmu-v1"; mmu-masters = <&dma 5>; };""");
        assertThat(board.path("edges").path(0).path("property").asText()).isEqualTo("mmu-masters");
        assertThat(board.path("edges").path(0).path("from").asText()).isEqualTo("/dma@3");
    }

    private static TableEntry entry(int depth, long iova, TableEntry.Kind kind) {
        return new TableEntry(depth, depth + 1, 0, 1, iova, 0x1000, 0x4000, 0x3, kind, 0x8000_0000_0000_1000L, "rw");
    }

    @Test
    void addressesOfATableAreHexadecimalAndUnsigned() {
        JsonNode table = JSON.valueToTree(TableDocument.of(new DomainTable("ARM_64_LPAE_S1", List.of(
                entry(0, 0x1000, TableEntry.Kind.TABLE), entry(1, 0xffff_ffff_ffff_f000L, TableEntry.Kind.PAGE)))));
        JsonNode page = table.path("entries").path(1);
        assertThat(page.path("from").asText()).isEqualTo("0xfffffffffffff000");
        assertThat(page.path("to").asText()).isEqualTo("0xffffffffffffffff");
        assertThat(page.path("target").asText()).isEqualTo("0x8000000000001000");
        assertThat(page.path("depth").asInt()).isEqualTo(1);
        assertThat(page.path("kind").asText()).isEqualTo("PAGE");
    }

    @Test
    void aHugeTableIsCutAndSaysHowLargeItIs() {
        List<TableEntry> entries = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            entries.add(entry(0, i * 0x1000L, TableEntry.Kind.PAGE));
        }
        JsonNode table = JSON.valueToTree(TableDocument.of(new DomainTable("ARM_V7S", entries)));
        assertThat(table.path("entries")).hasSize(2_000);
        assertThat(table.path("total").asInt()).isEqualTo(5_000);
    }
}
