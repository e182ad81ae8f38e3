package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.latebind.acpi.IortReader;
import org.latebind.acpi.IortTable;

/** A board that is an IORT table: same engine, same words, the deferral rules of ACPI. */
class IortBoardTest {

    private static final String FUNCTION = "/rc@0@8";
    private static final DriverDescription SMMU3 = DriverDescription.named("arm-smmu-v3").withCompatible("arm,smmu-v3")
        .withIommu(Unattached.ABORT);

    @TempDir
    private static Path folder;
    private static IortTable table;

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/iasl")), "no iasl (Debian package acpica-tools)");
        Path source = Files.copy(Path.of("src/test/resources/acpi/iort.asl"), folder.resolve("iort.asl"));
        Process iasl = new ProcessBuilder("/usr/bin/iasl", "-p", folder.resolve("iort").toString(), source.toString())
            .redirectErrorStream(true).redirectOutput(folder.resolve("iasl.log").toFile()).start();
        assertThat(iasl.waitFor(60, TimeUnit.SECONDS)).isTrue();
        table = IortReader.read(folder.resolve("iort.aml"));
    }

    private static ProbeEngine engine(Policy policy, KernelModule... smmu) {
        List<KernelModule> modules = new java.util.ArrayList<>(List.of(smmu));
        modules.add(KernelModule.builtin("rc", 1, DriverDescription.named("pnp-rc").withCompatible("PNP0A08")
            .withCreatesDevices("pci")));
        modules.add(KernelModule.builtin("dma", 2, DriverDescription.named("dma").withCompatible("\\_SB.DMA1")));
        modules.add(KernelModule.builtin("net", 3, DriverDescription.named("net").withBus("pci").withIds("pci:v00008086d*")));
        Population population = new Population(List.of(function(0, 8), function(1, 5)), List.of(), false);
        return new ProbeEngine(IortBoard.read("acpi", table, population), new ModuleCatalogue(modules), policy,
            Parameters.DEFAULTS);
    }

    private static Population.PciFunction function(int segment, int rid) {
        return new Population.PciFunction("/rc@" + segment, rid, List.of(), "000" + segment + ":00:01.0",
            "pci:v00008086d000010D3sv00000000sd00000000bc02sc00i00", null, null, List.of());
    }

    private static State boot(ProbeEngine engine, double seconds) {
        State s = engine.run(engine.initial(), new Event.Boot(), engine.model()).state();
        s = engine.run(s, new Event.LateInit(), engine.model()).state();
        return engine.run(s, new Event.Advance(Math.round(seconds * 1e6)), engine.model()).state();
    }

    private static Outcome outcome(State s, String path) {
        return s.outcome(s.board().deviceIndex(path));
    }

    @Test
    void streamsOfComponentsAndFunctionsComeFromTheTable() {
        Board board = engine(Policy.TIMEOUT_MULTI, KernelModule.builtin("smmu", 0, SMMU3)).board();
        int smmu = board.iommuOf(board.deviceIndex("/smmu@9050000"));
        assertThat(board.device(board.deviceIndex(FUNCTION)).iommus()).containsExactly(new IommuEntry(smmu, new int[] {0x108}));
        assertThat(board.device(board.deviceIndex("/\\_SB.DMA1")).iommus()).containsExactly(new IommuEntry(smmu, new int[] {9}));
        assertThat(board.device(board.deviceIndex("/rc@1@5")).iommus())
            .containsExactly(new IommuEntry(IommuEntry.NONE, new int[0]));
    }

    @Test
    void withAConfiguredModuleClientsWaitForEverUpTo612AndUntilTheTimerLater() {
        State s = boot(engine(Policy.TIMEOUT_MULTI, KernelModule.loadable("smmu", SMMU3)), 60);
        assertThat(outcome(s, FUNCTION)).isEqualTo(Outcome.PENDING);
        assertThat(outcome(s, "/rc@1@5")).isEqualTo(Outcome.BOUND_DIRECT);
        s = boot(engine(Policy.EARLY_GROUP, KernelModule.loadable("smmu", SMMU3)), 60);
        assertThat(outcome(s, FUNCTION)).isEqualTo(Outcome.BOUND_DIRECT);
    }

    @Test
    void withoutADriverInTheConfigurationTheyRunDirectAtOnce() {
        State s = boot(engine(Policy.TIMEOUT_MULTI), 0);
        assertThat(outcome(s, FUNCTION)).isEqualTo(Outcome.BOUND_DIRECT);
        assertThat(outcome(s, "/\\_SB.DMA1")).isEqualTo(Outcome.BOUND_DIRECT);
    }

    @Test
    void whenItComesTheyAreTranslated() {
        ProbeEngine engine = engine(Policy.TIMEOUT_MULTI, KernelModule.loadable("smmu", SMMU3));
        State s = engine.run(boot(engine, 60), new Event.Load(0), engine.model()).state();
        assertThat(outcome(s, FUNCTION)).isEqualTo(Outcome.BOUND_TRANSLATED);
        assertThat(outcome(s, "/\\_SB.DMA1")).isEqualTo(Outcome.BOUND_TRANSLATED);
    }
}
