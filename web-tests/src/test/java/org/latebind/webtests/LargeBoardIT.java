package org.latebind.webtests;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A board of a thousand devices on the page. Times are measured and kept, not judged: they are this machine's. */
class LargeBoardIT {

    private static final int MASTERS = 990;
    private static final int LEAVES = 9;
    private static final int UPDATES = Integer.getInteger("latebind.live.updates", 15);

    @TempDir
    Path folder;

    @Test
    void aThousandDevicesAreShownAndFollowed() throws IOException {
        Path board = folder.resolve("thousand.dts");
        Files.writeString(board, source());
        PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
        try (Chromium chromium = Chromium.start(); LiveServer server = LiveServer.start(board.toString(), 0, "dma-client",
                "ipmmu-vmsa")) {
            Page page = chromium.page();
            page.navigate(server.address());
            assertThat(page.locator("#more")).containsText("100 of 100");
            Object paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime");
            Object drawn = page.evaluate("performance.getEntriesByName('latebind-drawn')[0].startTime");
            page.locator("#search").fill("master@0");
            assertThat(page.locator("#devices tr[data-path='/soc/master@0']")).hasAttribute("data-outcome", "BOUND_TRANSLATED");
            List<?> times = (List<?>) page.evaluate(measure());
            page.locator("#search").fill("");
            assertThat(page.locator("#more")).containsText("100 of 100");
            Chromium.keep(page, "thousand");
            String figures = figures(paint, drawn, times);
            Files.writeString(Chromium.artefact("thousand.txt"), figures);
            System.out.print(figures);
            assertThat(times).hasSize(UPDATES);
        }
    }

    /** The figures as text: for each stretch of time its median, best and worst. */
    private static String figures(Object paint, Object drawn, List<?> times) {
        String[] stretches = {"command -> changed row on screen", "command -> first change arrives", "arrival -> screen",
            "command -> its answer"};
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT,
                "board of 1,001 devices, %d changes, times in ms%nfirst contentful paint %.0f%nwhole board in words %.0f%n", UPDATES,
                ((Number) paint).doubleValue(), ((Number) drawn).doubleValue()));
        for (int stretch = 0; stretch < stretches.length; stretch++) {
            int at = stretch;
            List<Integer> sorted = times.stream().map(one -> ((Number) ((List<?>) one).get(at)).intValue()).sorted().toList();
            text.append(String.format(Locale.ROOT, "%s: median %d, best %d, worst %d%n", stretches[stretch],
                    sorted.get(sorted.size() / 2), sorted.get(0), sorted.get(sorted.size() - 1)));
        }
        return text.toString();
    }

    /** Unbinds and binds a device in turn; times up to the frame after the row changed. */
    private static String measure() {
        return """
                async () => {
                  const { command } = await import('/connection.js');
                  const row = document.querySelector("#devices tr[data-path='/soc/master@0']");
                  const times = [];
                  for (let i = 0; i < %d; i++) {
                    const changed = new Promise(resolve => {
                      const observer = new MutationObserver(() => {
                        observer.disconnect();
                        requestAnimationFrame(() => resolve(performance.now()));
                      });
                      observer.observe(row, { attributes: true, attributeFilter: ['data-outcome'] });
                    });
                    const start = performance.now();
                    const answer = command((i %% 2 ? 'bind' : 'unbind') + ' /soc/master@0');
                    const end = await changed;
                    await answer;
                    const done = performance.now();
                    const told = performance.getEntriesByName('latebind-told').map(mark => mark.startTime).find(time => time > start);
                    times.push([end - start, told - start, end - told, done - start].map(Math.round));
                  }
                  return times.sort((a, b) => a[0] - b[0]);
                }""".formatted(UPDATES);
    }

    private static String source() {
        StringBuilder text = new StringBuilder("/dts-v1/;\n/ { model = \"A thousand devices\"; compatible = \"latebind,thousand\";\n"
                + "#address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;\n"
                + "memory@40000000 { device_type = \"memory\"; reg = <0x40000000 0x10000000>; };\n"
                + "soc { compatible = \"simple-bus\"; #address-cells = <1>; #size-cells = <1>; ranges;\n"
                + "gic: interrupt-controller@f1010000 { compatible = \"arm,gic-400\"; reg = <0xf1010000 0x1000>, <0xf1020000 0x20000>;"
                + " #address-cells = <0>; #interrupt-cells = <3>; interrupt-controller; };\n"
                + "root: iommu@e67b0000 { compatible = \"renesas,ipmmu-r8a7795\"; reg = <0xe67b0000 0x1000>; interrupts = <0 196 4>;"
                + " #iommu-cells = <1>; };\n");
        for (int i = 0; i < LEAVES; i++) {
            String at = Integer.toHexString(0xe6000000 + i * 0x10000);
            text.append("leaf").append(i).append(": iommu@").append(at)
                    .append(" { compatible = \"renesas,ipmmu-r8a7795\"; reg = <0x").append(at)
                    .append(" 0x1000>; renesas,ipmmu-main = <&root ").append(i).append(">; #iommu-cells = <1>; };\n");
        }
        for (int i = 0; i < MASTERS; i++) {
            text.append("master@").append(Integer.toHexString(i * 0x1000)).append(" { compatible = \"latebind,teaching-dma\"; reg = <0x")
                    .append(Integer.toHexString(i * 0x1000)).append(" 0x1000>; iommus = <&leaf").append(i % LEAVES).append(' ')
                    .append(i / LEAVES % 48).append(">; };\n");
        }
        return text.append("}; };\n").toString();
    }
}
