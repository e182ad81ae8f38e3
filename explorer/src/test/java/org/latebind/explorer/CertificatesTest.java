package org.latebind.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.latebind.explorer.verify.Certificate;
import org.latebind.explorer.verify.CertificateException;
import org.latebind.probe.Board;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Policy;
import org.latebind.probe.Unattached;

/** Certificates hold as they are written, and no longer when somebody has touched them. */
class CertificatesTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder;

    private static ExplorerInput two() {
        Board board = Board.builder("two").device("/smmu", "smmu").isIommu().supplier("vdd-supply", "/reg").and()
            .device("/a", "a").iommus("/smmu", 1).and().device("/b", "b").iommus("/smmu", 2).and().device("/reg", "reg").and()
            .device("/nobody", "nobody").and().build();
        return ExplorerInput.of(board, ModuleCatalogue.of(
            KernelModule.loadable("smmu", DriverDescription.named("smmu").withCompatible("smmu").withIommu(Unattached.ABORT)),
            KernelModule.loadable("a", DriverDescription.named("a").withCompatible("a")),
            KernelModule.builtin("b", 1, DriverDescription.named("b").withCompatible("b")),
            KernelModule.loadable("reg", DriverDescription.named("reg").withCompatible("reg"))), Policy.TIMEOUT_MULTI);
    }

    private static String certificate(ExplorerInput input) throws IOException {
        StringWriter out = new StringWriter();
        Certificates.write(input, Explorer.explore(input), Map.of("board", "two"), out);
        return out.toString();
    }

    private Certificate.Result verify(String text, ExplorerInput input) throws IOException {
        Path file = folder.resolve("certificate");
        Files.writeString(file, text);
        try (Certificate certificate = Certificate.open(file)) {
            return certificate.verify(input.board(), input.catalogue());
        }
    }

    /** The certificate with the first line that fits changed. */
    private static String changed(String text, Predicate<ObjectNode> which, java.util.function.Consumer<ObjectNode> change)
            throws IOException {
        List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n")));
        for (int i = 0; i < lines.size(); i++) {
            ObjectNode node = (ObjectNode) MAPPER.readTree(lines.get(i));
            if (which.test(node)) {
                change.accept(node);
                lines.set(i, MAPPER.writeValueAsString(node));
                return String.join("\n", lines) + "\n";
            }
        }
        throw new AssertionError("no such line");
    }

    @Test
    void holdsAsItIsWritten() throws IOException {
        ExplorerInput input = two();
        Certificate.Result result = verify(certificate(input), input);
        assertThat(result.problem()).isNull();
        assertThat(result.verdict()).isEqualTo("order-dependent");
        assertThat(result.states()).isGreaterThan(10);
    }

    @Test
    void theSameExplorationGivesTheSameText() throws IOException {
        assertThat(certificate(two())).isEqualTo(certificate(two().withLimits(Limits.DEFAULT.withThreads(1))));
    }

    @Test
    void holdsWhereDriversCreateBeforeTheyAsk() throws IOException {
        int findings = 0;
        for (long seed = 1; seed <= 40; seed++) {
            ExplorerInput input = RandomMachine.creatingFirst(seed);
            Exploration result = Explorer.explore(input);
            findings += result.findings().stream().anyMatch(f -> f.rule() == Rule.REPROBE_LIVELOCK) ? 1 : 0;
            if (result.verdict() != Verdict.LIMIT) {
                assertThat(verify(certificate(input), input).problem()).as("seed " + seed).isNull();
            }
        }
        assertThat(findings).isPositive();
    }

    @Test
    void holdsOnRandomBoardsOfEveryPolicyAndEvent() throws IOException {
        int boards = Integer.getInteger("latebind.boards.certified", 150);
        int checked = 0;
        for (long seed = 1; seed <= boards; seed++) {
            ExplorerInput input = RandomMachine.of(seed);
            if (Explorer.explore(input).verdict() != Verdict.LIMIT) {
                assertThat(verify(certificate(input), input).problem()).as("seed " + seed).isNull();
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(boards * 9 / 10);
    }

    @Test
    void nothingIsCertifiedWhenALimitWasReached() {
        ExplorerInput input = two().withLimits(Limits.DEFAULT.withStates(3));
        assertThatThrownBy(() -> certificate(input)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("limit");
    }

    @Nested
    class Touched {

        @Test
        void everyStateThatIsDroppedIsMissed() throws IOException {
            ExplorerInput input = two();
            String text = certificate(input);
            for (int dropped = 0; dropped < 6; dropped++) {
                int state = dropped;
                String touched = changed(text, line -> line.has("states") && line.has("of"), line -> {
                    byte[] all = Base64.getDecoder().decode(line.get("states").asText());
                    byte[] less = new byte[all.length - 8];
                    System.arraycopy(all, 0, less, 0, 8 * state);
                    System.arraycopy(all, 8 * (state + 1), less, 8 * state, all.length - 8 * (state + 1));
                    line.put("states", Base64.getEncoder().encodeToString(less));
                });
                assertThat(verify(touched, input).problem()).as("state " + state).contains("certificate:").contains("cone 0: ")
                    .containsPattern("is not in the certificate|first state is missing").doesNotContain("\n");
            }
        }

        @Test
        void anOutcomeThatIsChangedIsNotWhatItsScheduleEndsIn() throws IOException {
            ExplorerInput input = two();
            String touched = changed(certificate(input), line -> line.path("device").asText().equals("/a") && line.has("outcomes"),
                line -> ((ObjectNode) line.get("outcomes").get(0)).put("outcome", "BOUND_IDENTITY"));
            assertThat(verify(touched, input).problem()).contains("/a: its schedule ends").contains("not BOUND_IDENTITY");
        }

        @Test
        void anOutcomeThatIsLeftOutIsReached() throws IOException {
            ExplorerInput input = two();
            String touched = changed(certificate(input), line -> line.path("device").asText().equals("/a") && line.has("outcomes"),
                line -> ((ArrayNode) line.get("outcomes")).remove(0));
            assertThat(verify(touched, input).problem()).contains("/a: the states of its cone end").contains("too");
        }

        @Test
        void aVerdictThatIsChangedDoesNotFollow() throws IOException {
            ExplorerInput input = two();
            String touched = changed(certificate(input), line -> line.has("verdict"),
                line -> line.put("verdict", "order-independent"));
            assertThat(verify(touched, input).problem()).contains("the verdict is order-dependent, not order-independent");
        }

        @Test
        void aFindingWhoseScheduleDoesNotShowItIsRefused() throws IOException {
            ExplorerInput input = two();
            String touched = changed(certificate(input), line -> line.has("finding"),
                line -> line.set("schedule", MAPPER.createArrayNode().add("late-init")));
            assertThat(verify(touched, input).problem()).contains("its schedule ends");
        }

        @Test
        void aDeviceThatIsLeftOutIsNamed() throws IOException {
            ExplorerInput input = two();
            String text = certificate(input);
            String line = text.lines().filter(l -> l.contains("\"/nobody\"") && l.contains("constant")).findFirst().orElseThrow();
            assertThat(verify(text.replace(line + "\n", ""), input).problem()).contains("nothing is said of /nobody");
        }

        @Test
        void anAbstractionThatDoesNotHoldIsRefused() throws IOException {
            ExplorerInput input = two();
            String touched = changed(certificate(input), line -> line.path("ordered").asBoolean(),
                line -> line.put("ordered", false));
            assertThat(verify(touched, input).problem()).contains("the order of the deferred list can matter");
        }

        @Test
        void aDeviceWithTheConeOfAnotherIsRefused() throws IOException {
            ExplorerInput input = two();
            String touched = changed(certificate(input), line -> line.path("device").asText().equals("/reg") && line.has("cone"),
                line -> line.put("cone", line.get("cone").asInt() == 0 ? 1 : 0));
            assertThat(verify(touched, input).problem()).contains("/reg: what has a say in it is not cone");
        }
    }

    @Nested
    class Unreadable {

        @Test
        void aTruncatedFileNamesTheLastLine() throws IOException {
            ExplorerInput input = two();
            String text = certificate(input);
            String short1 = text.substring(0, text.lastIndexOf('\n', text.length() - 2) + 1);
            assertThatThrownBy(() -> verify(short1, input)).isInstanceOf(CertificateException.class)
                .hasMessageEndingWith("truncated after line " + short1.lines().count());
            assertThatThrownBy(() -> verify(text.substring(0, text.length() / 2), input))
                .isInstanceOf(CertificateException.class).hasMessageContaining("truncated").hasMessageNotContaining("\n");
        }

        @Test
        void aTruncatedCompressedFileIsTruncated() throws IOException {
            ExplorerInput input = two();
            Path whole = folder.resolve("whole.gz");
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(whole))) {
                out.write(certificate(input).getBytes(StandardCharsets.UTF_8));
            }
            try (Certificate certificate = Certificate.open(whole)) {
                assertThat(certificate.verify(input.board(), input.catalogue()).verified()).isTrue();
            }
            byte[] bytes = Files.readAllBytes(whole);
            Path part = folder.resolve("part.gz");
            Files.write(part, Arrays.copyOf(bytes, bytes.length * 3 / 4));
            assertThatThrownBy(() -> {
                try (Certificate certificate = Certificate.open(part)) {
                    certificate.verify(input.board(), input.catalogue());
                }
            }).isInstanceOf(CertificateException.class).hasMessageContaining("truncated");
        }

        @Test
        void anotherBoardOrOtherModulesAreNamed() throws IOException {
            ExplorerInput input = two();
            String text = certificate(input);
            Board other = Board.builder("two").device("/smmu", "smmu").isIommu().and().build();
            assertThatThrownBy(() -> verify(text, ExplorerInput.of(other, input.catalogue(), input.policy())))
                .isInstanceOf(CertificateException.class).hasMessageContaining("another board").hasMessageContaining("certificate:1");
            assertThatThrownBy(() -> verify(text, input.withCatalogue(input.catalogue().with(List.of(
                KernelModule.loadable("more"))))))
                .isInstanceOf(CertificateException.class).hasMessageContaining("other modules");
        }

        @Test
        void whatIsNoCertificateIsCalledSo() {
            for (String text : List.of("", "{}\n", "hello\n", "[1]\n")) {
                assertThatThrownBy(() -> verify(text, two())).as(text).isInstanceOf(CertificateException.class)
                    .hasMessageContaining("certificate");
            }
        }
    }
}
