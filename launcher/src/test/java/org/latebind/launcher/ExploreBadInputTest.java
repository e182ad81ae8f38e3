package org.latebind.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input of {@code explore}, {@code replay} and {@code explain}: one line with file and place, exit code 2, no output. */
class ExploreBadInputTest {

    private static final String BOARD = """
            /dts-v1/;
            / {
                mmu: iommu@1 { compatible = "t,mmu"; #iommu-cells = <0>; };
                dma@3 { compatible = "t,dma"; iommus = <&mmu>; };
            };
            """;
    private static final String MODULES = """
            {"modules": [{"name": "t_mmu", "drivers": [{"name": "mmu", "compatible": ["t,mmu"], "iommu": true}]},
                         {"name": "t_dma", "drivers": [{"name": "dma", "compatible": ["t,dma"]}]},
                         {"name": "t_bus", "drivers": []}]}
            """;

    @TempDir
    private Path folder;
    private String board;
    private String modules;

    private record Result(int code, String out, String err) {
    }

    @BeforeEach
    void files() throws IOException {
        board = write("b.dts", BOARD);
        modules = write("m.json", MODULES);
    }

    private String write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text).toString();
    }

    private static Result latebind(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        try {
            int code = Main.run(arguments);
            return new Result(code, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static void assertOneLine(Result result, String... parts) {
        assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().strip()).startsWith("latebind: ").contains(parts).doesNotContain("\n").doesNotContain("\tat ");
    }

    @Test
    void aMissingModuleDirectoryIsNamed() {
        String none = folder.resolve("none").toString();
        assertOneLine(latebind("explore", board, "--modules", none), none, "no such module directory or catalogue file");
    }

    @Test
    void anUnreadableModuleDirectoryNamesTheMissingFile() {
        assertOneLine(latebind("explore", board, "--modules", folder.toString()), "modules.alias: cannot be read: no such file");
    }

    @Test
    void aMalformedModuleDirectoryNamesFileAndLine() throws IOException {
        write("k/modules.alias", "alias of:N*T*Ct,dma t_dma\n");
        write("k/modules.dep", "kernel/t_dma.ko:\nkernel/t_mmu.ko\n");
        assertOneLine(latebind("explore", board, "--modules", folder.resolve("k").toString()), "modules.dep:2: no colon");
    }

    @Test
    void anUnknownKeyOfACatalogueNamesItsPlace() throws IOException {
        String wrong = write("w.json",
            "{\"modules\": [{\"name\": \"a\", \"drivers\": [{\"name\": \"d\", \"compatibel\": []}]}]}");
        for (String command : new String[] {"explore", "explain"}) {
            assertOneLine(command.equals("explain") ? latebind(command, board, "/dma@3", "--modules", wrong)
                : latebind(command, board, "--modules", wrong), "w.json: modules[0].drivers[0]: unknown key \"compatibel\"");
        }
    }

    @Test
    void aScheduleWithAnUnknownModuleNamesFileAndLine() throws IOException {
        String schedule = write("s.schedule", "load t_dma\nload t_warp\n");
        assertOneLine(latebind("replay", board, schedule, "--modules", modules),
            "s.schedule:2: no module t_warp in the catalogue");
    }

    @Test
    void contradictoryOrdersAreReportedAsACycle() {
        assertOneLine(latebind("explore", board, "--modules", modules, "--before", "t_mmu:t_dma,t_dma:t_bus,t_bus:t_mmu"),
            "contradictory constraints: ", "t_mmu before t_dma", "t_dma before t_bus", "t_bus before t_mmu");
    }

    @Test
    void anOrderAgainstTheInitramfsIsReportedAsACycle() {
        assertOneLine(latebind("explore", board, "--modules", modules, "--initramfs", "t_dma", "--before", "t_mmu:t_dma"),
            "contradictory constraints: ", "t_mmu before t_dma", "t_dma before t_mmu");
    }

    @Test
    void softdepsThatContradictEachOtherAreReportedAsACycle() throws IOException {
        write("k/modules.alias", "alias of:N*T*Ct,dma t_dma\nalias of:N*T*Ct,mmu t_mmu\n");
        write("k/modules.dep", "kernel/t_dma.ko:\nkernel/t_mmu.ko: kernel/t_dma.ko\n");
        write("k/modules.softdep", "softdep t_dma pre: t_mmu\n");
        assertOneLine(latebind("explore", board, "--modules", folder.resolve("k").toString()), "contradictory constraints: ",
            "t_mmu before t_dma", "t_dma before t_mmu");
    }

    @Test
    void unknownModulesEventsPoliciesAndParametersAreNamed() {
        assertOneLine(latebind("explore", board, "--modules", modules, "--before", "t_warp:t_dma"), "no module t_warp");
        assertOneLine(latebind("explore", board, "--modules", modules, "--before", "t_dma"),
            "--before takes FIRST:SECOND", "t_dma");
        assertOneLine(latebind("explore", board, "--modules", modules, "--initramfs", "t_warp"), "no module t_warp");
        assertOneLine(latebind("explore", board, "--modules", modules, "--allow", "load,explode"),
            "unknown event explode", "unload");
        assertOneLine(latebind("explore", board, "--modules", modules, "--policy", "guess"), "guess", "timeout-multi");
        assertOneLine(latebind("explore", board, "--modules", modules, "-p", "speed=9"), "speed", "deferred_probe_timeout");
    }

    @Test
    void boundsOutsideTheirRangeAreNamed() {
        assertOneLine(latebind("explore", board, "--modules", modules, "--allow", "load,unload", "--unloads", "99"),
            "99", "0..7");
        assertOneLine(latebind("explore", board, "--modules", modules, "--max-states", "0"), "--max-states", "0");
        assertOneLine(latebind("explore", board, "--modules", modules, "--threads", "0"), "--threads", "0");
    }

    @Test
    void aNumberOfThreadsThatNoMachineHasIsRefused() {
        assertOneLine(latebind("explore", board, "--modules", modules, "--threads", "99999999"), "--threads takes 1 to 1024");
    }

    @Test
    void builtinModulesThatAreNotThereAreNamed() throws IOException {
        String schedule = write("s.schedule", "load t_dma\n");
        assertOneLine(latebind("explore", board, "--modules", modules, "-p", "builtin=t_mmu,t_warp"), "-p builtin: no module t_warp");
        assertOneLine(latebind("replay", board, schedule, "--modules", modules, "-p", "builtin=t_warp"), "no module t_warp");
        assertOneLine(latebind("explain", board, "/dma@3", "--modules", modules, "-p", "builtin=t_warp"), "no module t_warp");
    }

    @Test
    void aListOfBuiltinsNeedsAModuleDirectory() throws IOException {
        String list = write("builtins.txt", "t,mmu\n");
        assertOneLine(latebind("explore", board, "--builtins", list), "--builtins goes with a module directory");
        assertOneLine(latebind("explore", board, "--modules", modules, "--builtins", list), "--builtins goes with a module directory");
    }

    @Test
    void anUnknownInitcallLevelNamesItsPlace() throws IOException {
        String wrong = write("w.json", "{\"modules\": [{\"name\": \"a\", \"builtin\": true, \"initcall\": \"devices\"}]}");
        assertOneLine(latebind("explore", board, "--modules", wrong), "w.json: modules[0].initcall: is none of early", "device, late");
    }

    @Test
    void aFolderWithoutBoardsProvesNothing() throws IOException {
        String empty = Files.createDirectories(folder.resolve("empty")).toString();
        assertOneLine(latebind("explore", empty), empty + ": no .dtb and no .dts in this folder");
    }

    @Test
    void aModuleLoadedAlreadyThatIsNotThereIsNamedByItsOption() {
        assertOneLine(latebind("explain", board, "/dma@3", "--modules", modules, "--load", "t_warp"),
            "--load: no module t_warp in the catalogue");
    }

    @Test
    void anOutputThatCannotBeWrittenIsNamed() {
        String file = folder.resolve("no/such/folder.json").toString();
        assertOneLine(latebind("explore", board, "--modules", modules, "--format", "json", "--output", file),
            file, "cannot be written: there is no folder");
        assertOneLine(latebind("explore", board, "--modules", modules, "--certificate", file), file, "cannot be written");
        assertOneLine(latebind("explore", board, "--modules", modules, "--output", folder.toString()), "is a directory");
    }
}
