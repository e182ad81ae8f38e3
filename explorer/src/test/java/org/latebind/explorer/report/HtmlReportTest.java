package org.latebind.explorer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser, opened from disk. Method: a probe script at the page's end uses it as a reader would and writes
 * what it sees into the document, which the browser prints.
 */
class HtmlReportTest {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final long PATIENCE_SECONDS = 60;
    private static final String PROBE = """
            <script>
            const q = (s, r) => [...(r || document).querySelectorAll(s)];
            const seen = { title: document.title, findings: q("section.finding").map(s => s.dataset.rule),
              sentence: q("section.finding p")[1].textContent, devices: q("#devices tr").length, lines: q("svg line").length,
              hit: q("svg line.hit").length, policies: q("#policy option").map(o => o.textContent),
              stats: document.getElementById("stats").textContent, injected: q("section.finding b").length,
              causes: q("section.finding")[0].querySelectorAll("details li").length };
            const range = q("input[type=range]")[0];
            const now = () => q("section.finding")[0].querySelector("li.now").textContent;
            seen.last = now(); range.value = 2; range.dispatchEvent(new Event("input")); seen.second = now();
            seen.later = q("section.finding")[0].querySelectorAll("li.later").length;
            const policy = document.getElementById("policy");
            policy.value = "1"; policy.dispatchEvent(new Event("change")); seen.switched = q("section.finding").length;
            seen.wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
            seen.loaded = performance.getEntriesByType("resource").map(e => e.name);
            const out = document.createElement("pre"); out.id = "seen"; out.textContent = JSON.stringify(seen);
            document.body.append(out);
            </script>
            """;

    @TempDir
    private Path folder;

    private static String page() {
        ObjectMapper mapper = new ObjectMapper();
        List<Map<String, Object>> documents = List.of(ExplorationDocument.of("sample", Samples.exploration("timeout")),
            ExplorationDocument.of("sample", Samples.exploration("latebind")));
        return HtmlReport.of("sample", Samples.tree(), documents, value -> {
            try {
                return mapper.writeValueAsString(value);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private JsonNode seen() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(CHROMIUM), () -> "no " + CHROMIUM);
        Path file = Files.writeString(folder.resolve("page.html"), page().replace("</body>", PROBE + "</body>"));
        Path dom = folder.resolve("dom.html");
        List<String> command = new ArrayList<>(List.of(CHROMIUM.toString(), "--headless", "--no-sandbox", "--disable-gpu",
            "--user-data-dir=" + folder.resolve("profile"), "--window-size=800,900", "--dump-dom", file.toUri().toString()));
        Process browser = new ProcessBuilder(command).redirectOutput(dom.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            assertThat(browser.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("the browser ends").isTrue();
        } finally {
            browser.destroyForcibly();
        }
        Matcher matcher = Pattern.compile("<pre id=\"seen\">(.*?)</pre>", Pattern.DOTALL)
                .matcher(Files.readString(dom, StandardCharsets.UTF_8));
        assertThat(matcher.find()).as("the probe ran to its end").isTrue();
        String text = matcher.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        return new ObjectMapper().readTree(text);
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    @Test
    void showsFindingsBoardAndDevicesAndItsScrubberMoves() throws Exception {
        JsonNode seen = seen();
        assertThat(seen.get("title").asText()).isEqualTo("sample: load orders");
        assertThat(texts(seen.get("findings"))).containsExactly("bound-untranslated", "order-dependent", "never-bound");
        assertThat(seen.get("sentence").asText()).contains(Samples.HOSTILE);
        assertThat(seen.get("injected").asInt()).as("elements made from data").isZero();
        assertThat(seen.get("causes").asInt()).isEqualTo(2);
        assertThat(seen.get("devices").asInt()).isEqualTo(4);
        assertThat(seen.get("lines").asInt()).isEqualTo(2);
        assertThat(seen.get("hit").asInt()).isEqualTo(2);
        assertThat(seen.get("stats").asText()).contains("123456789012345678901234567890 orders");
        assertThat(seen.get("last").asText()).isEqualTo("load t_mmu");
        assertThat(seen.get("second").asText()).isEqualTo("late-init");
        assertThat(seen.get("later").asInt()).isEqualTo(2);
        assertThat(texts(seen.get("policies"))).containsExactly("timeout", "latebind");
        assertThat(seen.get("switched").asInt()).isEqualTo(3);
        assertThat(seen.get("wide").asBoolean()).as("the page scrolls sideways").isFalse();
        assertThat(texts(seen.get("loaded"))).as("requests").isEmpty();
    }

    @Test
    void mayNotLoadAnything() {
        assertThat(page()).contains("default-src 'none'").doesNotContain("src=\"", "href=\"", "@import", "url(");
    }

    @Test
    void dataCannotEndTheScriptElement() {
        assertThat(page().split("</script>", -1)).hasSize(3);
    }
}
