package org.latebind.webtests;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** Debian's Chromium under Playwright; nothing is downloaded. */
final class Chromium implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/usr/bin/chromium");
    /** The machines that run this are slow at times; nothing here asserts how fast it was. */
    private static final double PATIENCE_MILLIS = 60_000;

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    static Chromium start() {
        Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "no browser: Debian's package chromium is not installed");
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(PROGRAM).setHeadless(true)
                .setTimeout(PATIENCE_MILLIS).setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                        "--disable-background-networking", "--disable-component-update", "--disable-sync")));
        return new Chromium(playwright, browser);
    }

    Page page(int width, int height, ColorScheme scheme) {
        Page page = browser.newContext(new Browser.NewContextOptions().setViewportSize(width, height).setColorScheme(scheme))
                .newPage();
        page.setDefaultTimeout(PATIENCE_MILLIS);
        return page;
    }

    Page page() {
        return page(1280, 900, ColorScheme.LIGHT);
    }

    /** Closes what a test opened: a page that is left alone still follows its board and takes time from the next. */
    void closePages() {
        List.copyOf(browser.contexts()).forEach(BrowserContext::close);
    }

    /** Keeps what the page looks like. */
    static void keep(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(artefact(name + ".png")));
    }

    static Path artefact(String name) {
        return Path.of(System.getProperty("latebind.artefacts")).resolve(name);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
