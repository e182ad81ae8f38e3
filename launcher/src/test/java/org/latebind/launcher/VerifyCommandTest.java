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

/** {@code explore --certificate} and {@code verify}: one line, and an exit code for each way a certificate can be wrong. */
class VerifyCommandTest {

    @TempDir
    private Path folder;
    private String board;
    private String modules;
    private String certificate;

    private record Result(int code, String out, String err) {
    }

    @BeforeEach
    void certificate() throws IOException {
        board = Files.writeString(folder.resolve("b.dts"), """
            /dts-v1/;
            / {
                mmu: iommu@1 { compatible = "t,mmu"; #iommu-cells = <0>; };
                dma@3 { compatible = "t,dma"; iommus = <&mmu>; };
            };
            """).toString();
        modules = Files.writeString(folder.resolve("m.json"), """
            {"modules": [{"name": "t_mmu", "drivers": [{"name": "mmu", "compatible": ["t,mmu"], "iommu": true}]},
                         {"name": "t_dma", "drivers": [{"name": "dma", "compatible": ["t,dma"]}]}]}
            """).toString();
        certificate = folder.resolve("c.jsonl").toString();
        Result explored = latebind("explore", board, "--modules", modules, "--certificate", certificate);
        assertThat(explored.code()).as(explored.err()).isEqualTo(ExitCode.FINDING);
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

    private static void assertOneLine(Result result, int code, String... parts) {
        assertThat(result.code()).as(result.err()).isEqualTo(code);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().strip()).startsWith("latebind: ").contains(parts).doesNotContain("\n").doesNotContain("\tat ");
    }

    @Test
    void aCertificateHoldsAsItWasWritten() {
        Result result = latebind("verify", certificate);
        assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.OK);
        assertThat(result.out()).startsWith("verified: b under timeout-multi is order-dependent");
    }

    @Test
    void aCompressedOneHoldsToo() {
        String compressed = folder.resolve("c.gz").toString();
        latebind("explore", board, "--modules", modules, "--certificate", compressed);
        assertThat(latebind("verify", compressed).code()).isEqualTo(ExitCode.OK);
    }

    @Test
    void aChangedVerdictDoesNotVerifyAndTheLineIsNamed() throws IOException {
        Path file = Path.of(certificate);
        Files.writeString(file, Files.readString(file).replace("\"verdict\":\"order-dependent\"", "\"verdict\":\"order-independent\""));
        assertOneLine(latebind("verify", certificate), ExitCode.FINDING, certificate + ":", "does not verify",
            "the verdict is order-dependent");
    }

    @Test
    void aTruncatedOneIsBadInput() throws IOException {
        String text = Files.readString(Path.of(certificate));
        Files.writeString(Path.of(certificate), text.substring(0, text.length() - 30));
        assertOneLine(latebind("verify", certificate), ExitCode.BAD_INPUT, certificate, "truncated");
    }

    @Test
    void anotherBoardAndOtherModulesAreBadInput() throws IOException {
        String other = Files.writeString(folder.resolve("o.dts"), "/dts-v1/;\n/ { iommu@1 { compatible = \"t,mmu\"; }; };\n").toString();
        assertOneLine(latebind("verify", certificate, "--board", other), ExitCode.BAD_INPUT, certificate + ":1", "another board");
        String more = Files.writeString(folder.resolve("o.json"), "{\"modules\": []}").toString();
        assertOneLine(latebind("verify", certificate, "--modules", more), ExitCode.BAD_INPUT, certificate + ":1", "other modules");
    }

    @Test
    void whatIsNotThereOrNoCertificateIsBadInput() {
        assertOneLine(latebind("verify", folder.resolve("none").toString()), ExitCode.BAD_INPUT, "none", "no such file");
        assertOneLine(latebind("verify", board), ExitCode.BAD_INPUT, board);
    }

    @Test
    void severalPoliciesHaveNoOneCertificate() {
        assertOneLine(latebind("explore", board, "--modules", modules, "--policy", "all", "--certificate", certificate),
            ExitCode.BAD_INPUT, "one policy");
    }

    @Test
    void aLimitGivesExitCode3AndNoCertificate() {
        String none = folder.resolve("limit.jsonl").toString();
        Result result = latebind("explore", board, "--modules", modules, "--max-states", "2", "--certificate", none);
        assertThat(result.code()).isEqualTo(ExitCode.LIMIT);
        assertThat(result.err()).contains("nothing to certify");
        assertThat(Files.exists(Path.of(none))).isFalse();
    }
}
