package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.driver.Bound;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.pagetable.Gather;

/**
 * The exact order of register accesses, per hardware, against stored text. {@code -Dlatebind.golden.update=true} writes the
 * files anew; every change of them is to be read like code.
 */
class GoldenTracesTest {

    private static final String SMMU = "/iommu@2b400000";
    private static final String A = "/dma@10000000";
    private static final String UPDATE = "latebind.golden.update";

    private record Hardware(String compatible, int size, int pageShift, String extra, Map<String, String> options,
            Parameters parameters) {
    }

    private static Hardware hardware(String name) {
        Parameters standard = Parameters.DEFAULT;
        return switch (name) {
            case "juno-mmu-400" -> new Hardware("\"arm,mmu-400\", \"arm,smmu-v1\"", 0x10000, 12, "dma-coherent;", Map.of(),
                    standard);
            case "juno-mmu-401" -> new Hardware("\"arm,mmu-401\", \"arm,smmu-v1\"", 0x10000, 12, "dma-coherent;", Map.of(),
                    standard);
            case "smmu-v2" -> new Hardware("\"arm,smmu-v2\"", 0x10000, 12, "", Map.of(), standard);
            case "smmu-v2-stage-2" -> new Hardware("\"arm,smmu-v2\"", 0x10000, 12, "", Map.of(),
                    new Parameters(true, 2, false, false));
            case "smmu-v2-bypass-allowed" -> new Hardware("\"arm,smmu-v2\"", 0x10000, 12, "", Map.of(),
                    new Parameters(false, 0, false, false));
            case "smmu-v2-stall" -> new Hardware("\"arm,smmu-v2\"", 0x10000, 12, "", Map.of(),
                    new Parameters(true, 0, false, true));
            case "mmu-500" -> new Hardware("\"arm,mmu-500\"", 0x40000, 12, "dma-coherent;", Map.of(), standard);
            case "mmu-500-64k-pages" -> new Hardware("\"arm,mmu-500\"", 0x400000, 16, "", Map.of(), standard);
            case "marvell-ap806" -> new Hardware("\"marvell,ap806-smmu-500\", \"arm,mmu-500\"", 0x40000, 12, "", Map.of(),
                    standard);
            case "qcom-boot-splash" -> new Hardware("\"qcom,sdm845-smmu-500\", \"arm,mmu-500\"", 0x40000, 12, "",
                    Map.of("smmu2.firmware-streams", "0x880/0x408"), standard);
            case "qcom-bypass-quirk" -> new Hardware("\"qcom,sdm845-smmu-500\", \"arm,mmu-500\"", 0x40000, 12, "",
                    Map.of("smmu2.bypass-quirk", "true"), standard);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static TestBoard board(Hardware h) {
        Map<String, String> options = new HashMap<>(Map.of("smmu2.groups", "3", "smmu2.context-banks", "2"));
        options.putAll(h.options());
        return TestBoard.of(TestBoard.smmu(h.compatible(), h.size(), 1, 2, h.extra())
                + "dma@10000000 { compatible = \"test,dma\"; iommus = <&smmu 0x10>; };", options, h.parameters());
    }

    private static List<String> record(String name) {
        Hardware h = hardware(name);
        TestBoard board = board(h);
        RegisterTrace trace = new RegisterTrace(h.pageShift(), h.size() >> h.pageShift() + 1, false);
        board.machine.addListener(trace);
        trace.section("reset");
        assertThat(board.probe(SMMU)).isInstanceOf(Bound.class);
        trace.section("unattached stream");
        board.read("/dma@10000000", 0, 0x80000000L);
        trace.section("attach");
        board.configure(A);
        PagingDomain domain = board.domain(A);
        trace.section("map");
        domain.map(0x1000, 0x80000000L, 4096, 1, Protection.READ);
        board.read(A, 0, 0x1000);
        trace.section("unmap");
        Gather gather = new Gather();
        domain.unmap(0x1000, 4096, 1, gather);
        domain.sync(gather);
        trace.section("a block in place of a table");
        domain.map(0, 0x80000000L, 0x200000, 1, Protection.READ);
        trace.section("fault");
        board.read(A, 0, 0x40000000L);
        trace.section("detach");
        board.core.release(board.client(A));
        trace.section("unload");
        board.unload(SMMU);
        assertThat(board.findings()).isEmpty();
        return trace.lines();
    }

    @ParameterizedTest
    @ValueSource(strings = {"juno-mmu-400", "juno-mmu-401", "smmu-v2", "smmu-v2-stage-2", "smmu-v2-bypass-allowed",
        "smmu-v2-stall", "mmu-500", "mmu-500-64k-pages", "marvell-ap806", "qcom-boot-splash", "qcom-bypass-quirk"})
    void isTheStoredOne(String name) throws IOException {
        checkStored(name, record(name));
    }

    static void checkStored(String name, List<String> lines) throws IOException {
        if (Boolean.getBoolean(UPDATE)) {
            Path file = Path.of("src/test/resources/smmu2", name + ".trace");
            Files.createDirectories(file.getParent());
            Files.write(file, lines);
        }
        assertThat(lines).isEqualTo(stored(name));
    }

    private static List<String> stored(String name) {
        try (InputStream in = GoldenTracesTest.class.getResourceAsStream("/smmu2/" + name + ".trace")) {
            assertThat(in).as("stored trace " + name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Values that are written down elsewhere: reference sections 6.1, 7 and 8. */
    @Test
    void theStoredTracesHoldTheDocumentedValues() {
        assertThat(stored("smmu-v2")).contains("W sCR0 0x00001c36", "W CBA2R0 0x00000001", "W CBAR0 0x0001f300",
                "W CB0.TCR2 0x00038015", "W CB0.MAIR0 0xf404ff44", "W CB0.MAIR1 0xffffffff", "W CB0.SCTLR 0x00001067",
                "W CB0.TCR 0x00802010");
        assertThat(stored("smmu-v2-bypass-allowed")).contains("W sCR0 0x00001836");
        assertThat(stored("smmu-v2-stage-2")).contains("W CBAR0 0x00000001", "W CB0.SCTLR 0x00000067", "W CB0.TCR 0x80052090");
        assertThat(stored("mmu-500")).contains("W sCR0 0x00201c36", "W CB0.TCR 0x00803510", "W sACR 0x0000051c");
        assertThat(stored("juno-mmu-400")).contains("W CB0.TCR 0x80023558", "W CBAR0 0x00000001", "W CB0.SCTLR 0x00000067");
        assertThat(stored("juno-mmu-401")).contains("W CBA2R0 0x00000001", "W CB0.TCR 0x00803518");
        for (String any : List.of("smmu-v2", "mmu-500", "juno-mmu-400", "juno-mmu-401")) {
            assertThat(stored(any)).endsWith("W sCR0 0x00000001");
        }
    }

    @Test
    void mmu500ReadsBackWhatItImplements() {
        Hardware h = hardware("mmu-500");
        TestBoard board = board(h);
        board.probe(SMMU);
        assertThat(board.machine.map(0x2b400000L, h.size()).read32(Registers.SCR0)).isEqualTo(0x00201c06);
    }
}
