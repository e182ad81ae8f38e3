package org.latebind.webtests;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page tells: the graph with its groups, explanations and the button that cures, the time line drawn, waits and paths. */
class PageContentIT {

    private static final String BOARD = "salvator-xs-h3";
    private static final String MMC = "/soc/mmc@ee140000";
    private static final String CURE = "#cure button[data-action='cure']";
    private static Chromium chromium;
    private static LiveServer server;

    @TempDir
    Path folder;

    private Page page;

    @BeforeAll
    static void start() throws IOException {
        PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
        chromium = Chromium.start();
        server = LiveServer.start(BOARD, 0, "dma-client");
    }

    @AfterAll
    static void stop() {
        if (chromium != null) {
            chromium.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void waitingBoard() throws IOException {
        server.want(List.of("dma-client"));
        page = open(server);
    }

    @AfterEach
    void closePages() {
        chromium.closePages();
    }

    private static Page open(LiveServer server) {
        Page page = chromium.page();
        page.navigate(server.address());
        assertThat(page.locator("#link")).hasText("live");
        assertThat(page.locator("#devices tbody tr").first()).isVisible();
        return page;
    }

    private static Locator device(Page page, String path) {
        return page.locator("#devices tr[data-path='" + path + "']");
    }

    private static void choose(Page page, String path) {
        device(page, path).locator("button").click();
        assertThat(page.locator("#detail-title")).hasText(path.substring(path.lastIndexOf('/') + 1));
    }

    private static List<?> groups(Page page) {
        return (List<?>) page.evaluate("""
                document.querySelector('#graph')._cyreg.cy.nodes('.group').map(node =>
                  node.data('label') + ': ' + document.querySelector('#graph')._cyreg.cy
                    .edges('[source="' + node.id() + '"]').map(edge => edge.target().id()).join())""");
    }

    @Test
    void theExplanationOfAWaitingDeviceHasAButtonThatCuresIt() {
        choose(page, MMC);
        assertThat(page.locator("#detail")).containsText("/soc/iommu@e7740000");
        assertThat(page.locator("#cure .steps li")).hasCount(1);
        assertThat(page.locator("#cure .steps")).containsText("load ipmmu-vmsa");
        Chromium.keep(page, "explained");
        page.locator(CURE).click();
        assertThat(device(page, MMC)).hasAttribute("data-outcome", "BOUND_TRANSLATED");
        assertThat(page.locator("#cure")).isEmpty();
    }

    @Test
    void theCureTakesAsManyCommandsAsItNeedsAndWorksFromTheKeyboard() throws IOException {
        server.want(List.of());
        choose(page, MMC);
        assertThat(page.locator("#cure .steps li")).hasCount(2);
        page.locator(CURE).focus();
        page.keyboard().press("Enter");
        assertThat(device(page, MMC)).hasAttribute("data-outcome", "BOUND_TRANSLATED");
    }

    @Test
    void aMisspeltCompatibleIsShownAsTheNearestMiss() throws IOException {
        String source = Files.readString(Path.of(System.getProperty("latebind.dist"), "boards", BOARD + ".dts"));
        Path board = folder.resolve("misspelt.dts");
        Files.writeString(board, source.replace("renesas,ipmmu-r8a7795", "renesas,ipmu-r8a7795"));
        try (LiveServer misspelt = LiveServer.start(board.toString(), 0, "dma-client")) {
            Page other = open(misspelt);
            choose(other, MMC);
            assertThat(other.locator("#cure")).containsText("No known command");
            assertThat(other.locator("#cure .miss")).containsText("renesas,ipmmu-r8a7795");
            Chromium.keep(other, "nearest-miss");
        }
    }

    @Test
    void theGraphShowsGroupsAsBoxesBetweenTheirMembersAndTheirIommu() {
        page.locator("button[aria-label='Load ipmmu-vmsa']").click();
        assertThat(device(page, MMC)).hasAttribute("data-outcome", "BOUND_TRANSLATED");
        page.waitForCondition(() -> groups(page).size() == 2);
        assertThat(groups(page).stream().map(String::valueOf)).anyMatch(text -> text.endsWith(": /soc/iommu@e7740000"))
                .anyMatch(text -> text.endsWith(": /soc/iommu@e6570000"));
        page.locator("button[aria-label='Unload ipmmu-vmsa']").click();
        page.waitForCondition(() -> groups(page).isEmpty());
    }

    /** Method: no two nodes of the H3 board and of a made one overlap, whatever the groups and the shape of the window. */
    @Test
    void noNodesOfTheGraphOverlap() {
        Object overlaps = page.evaluate("""
                async () => {
                  const { place, shown } = await import('/layout.js');
                  const board = await (await fetch('/api/board')).json();
                  const made = { devices: [{ path: '/m', iommu: true }], edges: [] };
                  for (let i = 0; i < 300; i++) {
                    made.devices.push({ path: '/d' + i, iommu: false });
                    made.edges.push({ from: '/d' + i, to: '/m', property: 'iommus' });
                  }
                  const bad = [];
                  for (const [topology, choice] of [[board, 'iommu'], [board, 'edges'], [board, 'all'], [made, 'iommu']]) {
                    for (const aspect of [0.5, 1, 2, 4]) {
                      const groupOf = path => path.length % 3 ? undefined : path.charCodeAt(path.length - 2) % 4;
                      const devices = shown(topology, choice);
                      const { at, groups, sizes } = place(devices, topology.edges, groupOf, aspect);
                      const boxes = devices.map(device => ({ path: device.path, ...at.get(device.path),
                        w: device.iommu ? sizes.iommuWidth : sizes.width, h: device.iommu ? sizes.iommuHeight : sizes.height }));
                      boxes.filter(box => !(box.x >= 0 && box.y >= 0)).forEach(box => bad.push('no place: ' + box.path));
                      for (let i = 0; i < boxes.length; i++) {
                        for (let j = i + 1; j < boxes.length; j++) {
                          const [a, b] = [boxes[i], boxes[j]];
                          if (Math.abs(a.x - b.x) < (a.w + b.w) / 2 && Math.abs(a.y - b.y) < (a.h + b.h) / 2) {
                            bad.push([choice, aspect, a.path, b.path].join(' '));
                          }
                        }
                      }
                    }
                  }
                  return bad.slice(0, 5);
                }""");
        assertThat((List<?>) overlaps).isEmpty();
    }

    @Test
    void theArrowKeysGoFromDeviceToDeviceInTheGraph() {
        assertThat(page.locator("#graph canvas").first()).isVisible();
        page.waitForCondition(() -> Boolean.TRUE.equals(page.evaluate("""
                () => new Set(document.querySelector('#graph')._cyreg.cy.nodes().map(node => node.position('y'))).size > 3""")));
        page.locator("#graph").focus();
        page.keyboard().press("ArrowRight");
        assertThat(page.locator("#detail dl")).isVisible();
        String first = page.locator("#detail-title").textContent();
        page.keyboard().press("ArrowDown");
        page.keyboard().press("ArrowRight");
        assertThat(page.locator("#detail-title")).not().hasText(first);
    }

    @Test
    void aPressOnTheDrawnTimeLineGoesThere() {
        assertThat(page.locator("#strip .tick").first()).isVisible();
        page.locator("#strip svg").click(new Locator.ClickOptions().setPosition(300, 40));
        assertThat(page.locator("#past")).containsText("You look back");
        assertThat(page.locator("#scrubber")).not().hasValue("0");
        page.locator("#live").click();
        assertThat(page.locator("#past")).isHidden();
    }

    @Test
    void thePathWaitsAndChartAreThere() {
        page.locator("button[aria-label='Load ipmmu-vmsa']").click();
        assertThat(device(page, MMC)).hasAttribute("data-outcome", "BOUND_TRANSLATED");
        choose(page, MMC);
        page.locator("#chain summary").click();
        assertThat(page.locator("#chain pre")).containsText("/soc/iommu@e7740000: bound to ipmmu-vmsa");
        page.locator("#blame summary").click();
        assertThat(page.locator("#blame pre")).containsText(MMC);
        Object chart = page.evaluate("async () => (await (await fetch('/api/plot')).text()).slice(0, 4)");
        assertThat(chart).isEqualTo("<svg");
    }

    @Test
    void theBindButtonOfADeviceUnbindsAndBinds() {
        page.locator("button[aria-label='Load ipmmu-vmsa']").click();
        assertThat(device(page, MMC)).hasAttribute("data-outcome", "BOUND_TRANSLATED");
        choose(page, MMC);
        page.locator("#detail button[data-action='bind']").click();
        assertThat(device(page, MMC)).hasAttribute("data-outcome", "GROUPED_UNBOUND");
        page.locator(CURE).click();
        assertThat(device(page, MMC)).hasAttribute("data-outcome", "BOUND_TRANSLATED");
    }
}
