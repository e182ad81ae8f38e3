package org.latebind.webtests;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person does on the live page, done by a browser. */
class LivePageIT {

    private static final String TEACHING = "teaching";
    private static final String TEACHING_DMA = "/soc/dma@1000000";
    private static final String LOAD = "button[aria-label='Load ipmmu-vmsa']";
    private static final String UNLOAD = "button[aria-label='Unload ipmmu-vmsa']";
    private static final double PATIENCE_MILLIS = 60_000;
    private static Chromium chromium;

    /** One server for each board: tests bring it to the modules they want. What needs a young log has its own. */
    private static final Map<String, LiveServer> SERVERS = new HashMap<>();

    private LiveServer server;

    @BeforeAll
    static void startBrowser() {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        chromium = Chromium.start();
    }

    @AfterAll
    static void stopBrowser() {
        if (chromium != null) {
            chromium.close();
        }
        SERVERS.values().forEach(LiveServer::close);
        SERVERS.clear();
    }

    @AfterEach
    void closePagesAndOwnServer() {
        if (chromium != null) {
            chromium.closePages();
        }
        if (server != null) {
            server.close();
        }
    }

    private static LiveServer server(String board, String... modules) throws IOException {
        LiveServer shared = SERVERS.get(board);
        if (shared == null) {
            shared = LiveServer.start(board, 0, modules);
            SERVERS.put(board, shared);
        }
        shared.want(List.of(modules));
        return shared;
    }

    private static Page open(String board, String... modules) throws IOException {
        return open(server(board, modules));
    }

    private static Page open(LiveServer server) {
        Page page = chromium.page();
        page.navigate(server.address());
        assertThat(page.locator("#link")).hasText("live");
        // Gone when the page is loaded again.
        page.evaluate("window.neverLoadedAgain = true");
        return page;
    }

    private static Locator device(Page page, String path) {
        return page.locator("#devices tr[data-path='" + path + "']");
    }

    private static void awaitOutcome(Page page, String path, String outcome) {
        page.locator("#search").fill(path);
        assertThat(device(page, path)).hasAttribute("data-outcome", outcome);
    }

    private static void assertNotLoadedAgain(Page page) {
        assertThat(page.evaluate("window.neverLoadedAgain")).isEqualTo(true);
    }

    @ParameterizedTest
    @CsvSource({"teaching, /soc/dma@1000000", "salvator-xs-h3, /soc/mmc@ee140000"})
    void aMouseClickLoadsTheIommuDriverAndWaitingDevicesBindWithoutReload(String board, String master) throws IOException {
        Page page = open(board, "dma-client");
        awaitOutcome(page, master, "PENDING");
        page.locator(LOAD).click();
        awaitOutcome(page, master, "BOUND_TRANSLATED");
        page.locator("#search").fill("");
        assertThat(page.locator("#summary")).containsText("translated");
        Chromium.keep(page, board + "-bound");
        page.locator(UNLOAD).click();
        awaitOutcome(page, master, "PENDING");
        assertNotLoadedAgain(page);
    }

    @ParameterizedTest
    @CsvSource({"teaching, /soc/dma@1000000", "salvator-xs-h3, /soc/mmc@ee140000"})
    void theKeyboardAloneLoadsAndUnloads(String board, String master) throws IOException {
        Page page = open(board, "dma-client");
        awaitOutcome(page, master, "PENDING");
        page.locator("body").press("Home");
        tabTo(page, "Load ipmmu-vmsa");
        page.keyboard().press("Enter");
        awaitOutcomeByAttribute(page, master, "BOUND_TRANSLATED");
        assertThat(focusedLabel(page)).isEqualTo("Unload ipmmu-vmsa");
        page.keyboard().press("Space");
        awaitOutcomeByAttribute(page, master, "PENDING");
        assertNotLoadedAgain(page);
    }

    private static void awaitOutcomeByAttribute(Page page, String path, String outcome) {
        assertThat(device(page, path)).hasAttribute("data-outcome", outcome,
                new LocatorAssertions.HasAttributeOptions().setTimeout(PATIENCE_MILLIS));
    }

    private static Object focusedLabel(Page page) {
        return page.evaluate("document.activeElement.getAttribute('aria-label')");
    }

    private static void tabTo(Page page, String label) {
        page.evaluate("document.activeElement.blur()");
        for (int i = 0; i < 200 && !label.equals(focusedLabel(page)); i++) {
            page.keyboard().press("Tab");
        }
        assertThat(focusedLabel(page)).isEqualTo(label);
    }

    @Test
    void draggingAModuleOntoTheBoardLoadsItAndBackUnloadsIt() throws IOException {
        Page page = open(TEACHING, "dma-client");
        page.locator("#modules li[data-module='ipmmu-vmsa'] b").dragTo(page.locator("#graph"));
        awaitOutcome(page, TEACHING_DMA, "BOUND_TRANSLATED");
        page.locator("#loaded li", new Page.LocatorOptions().setHasText("ipmmu-vmsa")).dragTo(page.locator("#modules-title"));
        awaitOutcome(page, TEACHING_DMA, "PENDING");
    }

    @Test
    void restartOfADriverBundleBindsItsDevicesAgain() throws IOException {
        Page page = open(TEACHING, "dma-client", "ipmmu-vmsa");
        awaitOutcome(page, TEACHING_DMA, "BOUND_TRANSLATED");
        page.locator("button[aria-label='Restart ipmmu-vmsa']").click();
        assertThat(page.locator("#answer")).containsText("restarted ipmmu-vmsa");
        assertThat(page.locator("#log li", new Page.LocatorOptions().setHasText("ipmmu-vmsa: driver unregistered"))).not().hasCount(0);
        awaitOutcome(page, TEACHING_DMA, "BOUND_TRANSLATED");
    }

    @Test
    void aTransferToABareAddressShowsItsFault() throws IOException {
        Page page = open(TEACHING, "dma-client", "ipmmu-vmsa");
        assertThat(page.locator("#dma-device option")).hasCount(3);
        page.locator("#dma button").click();
        assertThat(page.locator("#dma-log li").first()).containsText("the right bytes at the right place");
        page.locator("#dma-kind").selectOption("write-at");
        page.locator("#dma button").click();
        assertThat(page.locator("#dma-log li")).hasCount(2);
        assertThat(page.locator("#dma-log li").first()).containsText("fault at 0xdead0000");
        assertThat(page.locator("#log")).containsText("fault");
        Chromium.keep(page, "dma-fault");
    }

    @Test
    void scrubbingBackShowsTheBoardAsItWasAndLiveShowsItAsItIs() throws IOException {
        server = LiveServer.start(TEACHING, 0, "dma-client");
        Page page = open(server);
        page.locator(LOAD).click();
        awaitOutcome(page, TEACHING_DMA, "BOUND_TRANSLATED");
        Locator row = device(page, TEACHING_DMA);
        page.locator("#scrubber").focus();
        page.keyboard().press("Home");
        assertThat(row).hasAttribute("data-outcome", "NO_DRIVER");
        page.locator("#forward").click();
        assertThat(page.locator("#past")).containsText("You look back");
        page.locator("#log li", new Page.LocatorOptions().setHasText("iommu@e67b0000: bound")).locator("button").click();
        assertThat(row).hasAttribute("data-outcome", "PENDING");
        Chromium.keep(page, "looking-back");
        page.locator("#live").click();
        assertThat(row).hasAttribute("data-outcome", "BOUND_TRANSLATED");
        assertThat(page.locator("#past")).isHidden();
    }

    @ParameterizedTest
    @CsvSource({"teaching", "salvator-xs-h3"})
    void theLogReplayedOnThePageEndsInTheLiveState(String board) throws IOException {
        Page page = open(board, "dma-client", "ipmmu-vmsa");
        page.locator(UNLOAD).click();
        assertThat(page.locator(LOAD)).isVisible();
        page.locator(LOAD).click();
        assertThat(page.locator(UNLOAD)).isVisible();
        Object differences = page.evaluate("""
                async () => {
                  const { devicesAt } = await import('/replay.js');
                  const read = async what => (await fetch('/api/' + what)).json();
                  const [board, state] = [await read('board'), await read('state')];
                  const log = [];
                  for (let part = await read('log'); part.length; part = await read('log?from=' + log.length)) {
                    log.push(...part);
                  }
                  const replayed = devicesAt(board, log, log.length);
                  const bound = device => [device.driver, device.iommu, device.group, device.driver ? device.outcome : ''].join(' ');
                  return state.devices.filter(device => bound(device) !== bound(replayed.get(device.path)))
                    .map(device => device.path + ': ' + bound(device) + ' / ' + bound(replayed.get(device.path)));
                }""");
        assertThat((List<?>) differences).isEmpty();
    }

    @Test
    void thePageOutlivesARestartOfTheServer() throws IOException {
        int port = LiveServer.freePort();
        server = LiveServer.start(TEACHING, port, "dma-client", "ipmmu-vmsa");
        Page page = chromium.page();
        page.navigate(server.address());
        page.evaluate("window.neverLoadedAgain = true");
        awaitOutcome(page, TEACHING_DMA, "BOUND_TRANSLATED");
        server.close();
        assertThat(page.locator("#link")).containsText("connection lost");
        server = LiveServer.start(TEACHING, port, "dma-client");
        assertThat(page.locator("#link")).hasText("live");
        awaitOutcome(page, TEACHING_DMA, "PENDING");
        page.locator(LOAD).click();
        assertThat(page.locator("#token-form")).isVisible();
        page.locator("#token").fill(server.address());
        page.keyboard().press("Enter");
        page.locator(LOAD).click();
        awaitOutcome(page, TEACHING_DMA, "BOUND_TRANSLATED");
        assertNotLoadedAgain(page);
    }

    @Test
    void theTableOfADomainIsShownAsATree() throws IOException {
        Page page = open(TEACHING, "dma-client", "ipmmu-vmsa");
        page.locator("#groups summary").first().click();
        Locator table = page.locator("#groups .tables");
        assertThat(table.locator("li li").first()).containsText("→ 0x");
        assertThat(table.locator("li li .kind", new Locator.LocatorOptions().setHasText("PAGE")).first()).isVisible();
    }

    @ParameterizedTest
    @CsvSource({"teaching, 1280, LIGHT", "teaching, 1280, DARK", "teaching, 390, LIGHT", "salvator-xs-h3, 1280, DARK",
        "salvator-xs-h3, 390, DARK"})
    void axeHasNoSeriousFinding(String board, int width, ColorScheme scheme) throws IOException {
        Page page = chromium.page(width, 900, scheme);
        page.navigate(server(board, "dma-client", "ipmmu-vmsa").address());
        assertThat(page.locator("#devices tbody tr").first()).isVisible();
        assertThat(page.locator("#strip .tick").first()).isVisible();
        page.locator("#devices tbody td button").last().click();
        assertThat(page.locator("#detail dl")).isVisible();
        page.locator("#groups summary").first().click();
        assertThat(page.locator("#groups .tables").first()).not().isEmpty();
        Chromium.keep(page, board + "-" + width + "-" + scheme.name().toLowerCase(java.util.Locale.ROOT));
        List<Rule> serious = new AxeBuilder(page).analyze().getViolations().stream()
                .filter(rule -> List.of("serious", "critical").contains(rule.getImpact())).toList();
        assertThat(serious).extracting(rule -> rule.getId() + " " + rule.getNodes()).isEmpty();
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth")).isLessThanOrEqualTo(width);
    }
}
