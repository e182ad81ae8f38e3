package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.it.toy.ToyBundles;

/**
 * {@code explore BOARD --live N} on eight boards with all policies but Xen's: the framework with the shipped driver bundles and
 * simulated hardware does what the model says, after every event. {@code -Dlatebind.live.schedules=2000} for all of them.
 */
class LiveExplorationIT {

    private static final int SCHEDULES = Integer.getInteger("latebind.live.schedules", 120);
    private static final long SEED = Long.getLong("latebind.seed", 1);
    private static final int BOARDS = 8;
    private static final int LIMIT_MINUTES = 9;
    private static final Path ROOT = Path.of(System.getProperty("latebind.boards")).toAbsolutePath().normalize().getParent();
    private static final Path DIST = ROOT.resolve("launcher/target/dist");

    @TempDir
    private static Path folder;

    private record Ended(int code, String output) {
    }

    @ParameterizedTest
    @ValueSource(strings = {"boards/salvator-xs-h3.dts", "boards/teaching.dts", "boards/legacy-mmu-masters.dts",
        "boards/xen-guest-virtio.dts", "boards/shared-streams.dts", "integration-tests/src/test/resources/boards/smmu-v2.dts",
        "integration-tests/src/test/resources/boards/smmu-v3-shared.dts",
        "qemu-virt-smmuv3.dtb"})
    void frameworkAndModelAgreeAfterEveryEvent(String board) throws Exception {
        Path file = board.endsWith(".dtb") ? Path.of(System.getProperty("latebind.shared"), "data", "dtb", board)
                : ROOT.resolve(board);
        assumeTrue(Files.exists(file), "no " + file);
        int count = (SCHEDULES + BOARDS - 1) / BOARDS;
        Ended ended = run(DIST, "explore", file.toString(), "--live", Integer.toString(count), "--seed", Long.toString(SEED));
        System.out.print(ended.output());
        assertThat(ended.code()).as("%s", ended.output()).isZero();
        assertThat(ended.output()).contains(count + " schedules from seed " + SEED + " on, " + 12 * count + " events, 10 policies")
                .contains("agree after every event");
    }

    @Test
    void aDriverThatDoesNotDoWhatItsCapabilitySaysIsFound() throws Exception {
        Path home = homeWith("liar", ToyBundles.driverJar("liar", "refuses", "latebind,teaching-mmc"));
        Path board = ROOT.resolve("boards/teaching.dts");
        Ended ended = run(home, "explore", board.toString(), "--live", "16", "--policy", "defer-late-init");
        assertThat(ended.code()).as("%s", ended.output()).isEqualTo(4);
        assertThat(ended.output()).contains("FRAMEWORK AND MODEL DISAGREE")
                .containsPattern("(?m)^policy defer-late-init, seed \\d+; the shortest schedule found:\\R    load liar\\R")
                .contains("  /soc/mmc@1001000: the model says BOUND_", "the framework came to FAILED")
                .containsPattern("\\./latebind replay .*teaching\\.dts FILE --policy defer-late-init --clients \\d --on live");
    }

    @Test
    void aDisagreementCanBePlayedAgainOnBothSides() throws Exception {
        Path home = homeWith("late", ToyBundles.driverJar("late", "defers", "latebind,teaching-mmc"));
        Path board = ROOT.resolve("boards/teaching.dts");
        Ended ended = run(home, "explore", board.toString(), "--live", "16", "--policy", "latebind", "--format", "json");
        assertThat(ended.code()).as("%s", ended.output()).isEqualTo(4);
        assertThat(ended.output()).contains("\"load late\"");
        Path schedule = Files.writeString(folder.resolve("late.schedule"), "late-init\nload ipmmu-vmsa\nload late\n");
        Ended model = run(home, "replay", board.toString(), schedule.toString(), "--policy", "latebind", "--clients", "3");
        Ended live = run(home, "replay", board.toString(), schedule.toString(), "--policy", "latebind", "--clients", "3",
                "--on", "live");
        assertThat(model.output()).containsPattern("(?m)^/soc/mmc@1001000 +BOUND_TRANSLATED +late");
        assertThat(live.output()).containsPattern("(?m)^/soc/mmc@1001000 +PENDING");
    }

    @Test
    void equalSeedsGiveEqualSchedules() throws Exception {
        String board = ROOT.resolve("boards/teaching.dts").toString();
        Path home = homeWith("liar", ToyBundles.driverJar("liar", "refuses", "latebind,teaching-mmc"));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Ended ended = run(home, "explore", board, "--live", "8", "--seed", "77");
            assertThat(ended.code()).isEqualTo(4);
            lines.add(ended.output().substring(ended.output().indexOf("policy ")));
        }
        assertThat(lines.get(0)).isEqualTo(lines.get(1));
    }

    /** The program with one more driver bundle. */
    private static Path homeWith(String name, byte[] jar) throws IOException {
        Path home = Files.createTempDirectory(folder, "home");
        for (String part : List.of("lib", "bundles/platform", "bundles/core", "bundles/modules")) {
            Path to = Files.createDirectories(home.resolve(part));
            try (var files = Files.list(DIST.resolve(part))) {
                for (Path one : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                    Files.copy(one, to.resolve(one.getFileName()));
                }
            }
        }
        Files.write(home.resolve("bundles/modules").resolve(name + ".jar"), jar);
        return home;
    }

    private static Ended run(Path home, String... words) throws IOException, InterruptedException {
        assertThat(DIST.resolve("lib/launcher.jar")).as("built by the package phase of launcher").exists();
        Path output = Files.createTempFile(folder, "output", ".txt");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", DIST.resolve("lib") + "/*", "org.latebind.launcher.Main"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("LATEBIND_HOME", home.toString());
        Process process = builder.start();
        boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
        if (!ended) {
            process.destroyForcibly();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as("ends within %d minutes: %s", LIMIT_MINUTES, text).isTrue();
        return new Ended(process.exitValue(), text);
    }
}
