package org.latebind.explorer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtbReader;
import org.latebind.explorer.Constraints;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Explorer;
import org.latebind.explorer.ExplorerInput;
import org.latebind.explorer.Finding;
import org.latebind.explorer.Repair;
import org.latebind.explorer.catalogue.KernelModuleDirectory;
import org.latebind.explorer.catalogue.ModuleSet;
import org.latebind.probe.Board;
import org.latebind.probe.BoardReader;
import org.latebind.probe.Policy;
import org.latebind.probe.Population;

/**
 * Device trees of real boards with the modules of a real kernel, under every policy: verdicts, ends, findings and repairs as they
 * were read and found true. The expected files are {@code real-boards/BOARD.txt}; {@code -Dlatebind.expected.write=true} writes
 * them anew, for somebody to read.
 */
class RealBoardsTest {

    private static final Path DATA = Path.of(System.getProperty("latebind.shared", "../../shared"), "data");
    private static final Path MODULES = DATA.resolve("modules-6.12-arm64");
    private static final Path EXPECTED = Path.of("src/test/resources/real-boards");

    private static List<Path> trees() throws IOException {
        Path folder = DATA.resolve("dtb");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".dtb")).sorted().toList();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyTreeEndsAsItWasFoundTrue() throws IOException {
        List<Path> trees = trees();
        assumeTrue(!trees.isEmpty() && Files.isDirectory(MODULES), () -> "no device trees and modules in " + DATA);
        KernelModuleDirectory directory = KernelModuleDirectory.read(MODULES, null);
        return trees.stream().map(tree -> DynamicTest.dynamicTest(name(tree), () -> check(tree, directory)));
    }

    @Test
    void everyExpectedFileHasItsTree() throws IOException {
        List<Path> trees = trees();
        assumeTrue(!trees.isEmpty(), () -> "no device trees in " + DATA);
        try (Stream<Path> files = Files.list(EXPECTED)) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".txt", "")).sorted())
                .isEqualTo(trees.stream().map(RealBoardsTest::name).toList());
        }
    }

    private static String name(Path tree) {
        return tree.getFileName().toString().replace(".dtb", "");
    }

    private static void check(Path file, KernelModuleDirectory directory) throws IOException {
        DeviceTree tree = DtbReader.read(file);
        Board board = BoardReader.read(tree, Population.NONE);
        ModuleSet set = directory.forBoard(tree);
        List<Constraints.Order> orders = new ArrayList<>();
        set.edges().forEach(edge -> orders.add(new Constraints.Order(edge.first(), edge.second(), Constraints.Origin.DEP)));
        Constraints constraints = new Constraints(orders, java.util.Set.of(), Map.of());
        Map<String, List<String>> policiesByText = new LinkedHashMap<>();
        for (Policy policy : Policy.all()) {
            Exploration result = Explorer.explore(ExplorerInput.of(board, set.catalogue(), policy).withConstraints(constraints));
            policiesByText.computeIfAbsent(text(result), k -> new ArrayList<>()).add(policy.name());
        }
        StringBuilder text = new StringBuilder("# " + name(file) + ": " + tree.model() + ", modules of Debian's 6.12.117\n");
        policiesByText.forEach((body, policies) -> text.append('\n').append(String.join(", ", policies)).append('\n').append(body));
        Path expected = EXPECTED.resolve(name(file) + ".txt");
        if (Boolean.getBoolean("latebind.expected.write")) {
            Files.createDirectories(EXPECTED);
            Files.writeString(expected, text);
        }
        assertThat(text.toString()).isEqualTo(read(expected));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " is missing", e);
        }
    }

    /** Everything that does not depend on how the search goes about its work. */
    private static String text(Exploration result) {
        StringBuilder text = new StringBuilder();
        text.append("  ").append(result.verdict().word()).append(", ").append(result.stats().modules()).append(" modules\n");
        Map<String, Integer> ends = new TreeMap<>();
        for (Exploration.DeviceResult device : result.devices()) {
            ends.merge(device.outcomes().stream().map(r -> r.outcome().name()).sorted().collect(Collectors.joining(" or "))
                + (device.complete() ? "" : " or more"), 1, Integer::sum);
        }
        ends.forEach((end, count) -> text.append(String.format("  %4d %s%n", count, end)));
        for (FindingGroup group : FindingGroup.of(result.findings())) {
            Finding first = group.first();
            text.append("  - ").append(String.join(", ", group.rules())).append(": ").append(String.join(" ", group.devices()))
                .append("\n    ").append(first.sentence()).append("\n    by: ")
                .append(String.join("; ", ExplorationDocument.lines(first.schedule()))).append('\n');
            for (Repair repair : first.repair()) {
                text.append("    repair").append(first.repairVerified() ? "" : " (not verified)").append(": ")
                    .append(repair.file()).append(": ").append(repair.line()).append('\n');
            }
        }
        return text.toString();
    }
}
