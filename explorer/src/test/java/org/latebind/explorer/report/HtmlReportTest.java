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
            const key = k => document.dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true }));
            const boxes = () => q(".chain .box").map(b => b.dataset.device + " " + b.querySelector(".pill, .soft").textContent);
            const now = () => q("section.finding tr.now")[0].textContent;
            const seen = { title: document.title, list: q("#list button strong").map(s => s.textContent),
              sentence: q("p.sentence")[0].textContent, devices: q("#devices tr").length, lines: q("svg line").length,
              on: q("svg line.on").length, hit: q("svg line.hit").length,
              policies: q("#policies button > span:first-child").map(o => o.textContent),
              stats: document.getElementById("stats").textContent, injected: q("section.finding b").length,
              causes: q("section.finding details li").length, repair: q(".fix code").map(c => c.textContent) };
            seen.last = now(); seen.chainAtTheEnd = boxes();
            const range = () => q("section.finding input[type=range]")[0];
            range().value = 2; range().dispatchEvent(new Event("input")); seen.second = now(); seen.chainAtStepTwo = boxes();
            seen.later = q("section.finding tr.later").length;
            key("ArrowLeft"); seen.byKey = now(); key("j"); seen.nextRule = q("section.finding")[0].dataset.rule; key("k");
            const search = document.getElementById("search"); search.value = "gpu"; search.dispatchEvent(new Event("input"));
            seen.searched = q("#devices tr").length; search.value = ""; search.dispatchEvent(new Event("input"));
            key("p"); seen.pressed = q("#policies button").map(b => b.getAttribute("aria-pressed"));
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
        assertThat(texts(seen.get("list"))).containsExactly("bound-untranslated", "order-dependent", "never-bound");
        assertThat(seen.get("sentence").asText()).contains(Samples.HOSTILE);
        assertThat(seen.get("injected").asInt()).as("elements made from data").isZero();
        assertThat(seen.get("causes").asInt()).isEqualTo(2);
        assertThat(texts(seen.get("repair"))).containsExactly("t_mmu", "deferred_probe_timeout=-1");
        assertThat(seen.get("devices").asInt()).isEqualTo(4);
        assertThat(seen.get("lines").asInt()).isEqualTo(2);
        assertThat(seen.get("on").asInt()).as("edges of the chosen finding").isEqualTo(1);
        assertThat(seen.get("hit").asInt()).as("edges of other findings").isEqualTo(1);
        assertThat(seen.get("stats").asText()).contains("123456789012345678901234567890 orders");
        assertThat(seen.get("last").asText()).isEqualTo("load t_mmu");
        assertThat(texts(seen.get("chainAtTheEnd"))).containsExactly("/dma@2 BOUND_DIRECT", "/iommu@1 BOUND_DIRECT");
        assertThat(seen.get("second").asText()).isEqualTo("late-init");
        assertThat(texts(seen.get("chainAtStepTwo"))).containsExactly("/dma@2 PENDING", "/iommu@1 NO_DRIVER");
        assertThat(seen.get("later").asInt()).isEqualTo(2);
        assertThat(seen.get("wide").asBoolean()).as("the page scrolls sideways").isFalse();
        assertThat(texts(seen.get("loaded"))).as("requests").isEmpty();
    }

    @Test
    void isUsedWithTheKeyboard() throws Exception {
        JsonNode seen = seen();
        assertThat(seen.get("byKey").asText()).as("arrow left from step two").isEqualTo("load t_dmaPENDING");
        assertThat(seen.get("nextRule").asText()).as("j").isEqualTo("order-dependent");
        assertThat(texts(seen.get("policies"))).containsExactly("timeout", "latebind");
        assertThat(texts(seen.get("pressed"))).as("p").containsExactly("false", "true");
        assertThat(seen.get("searched").asInt()).as("devices with gpu in their path").isEqualTo(1);
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
