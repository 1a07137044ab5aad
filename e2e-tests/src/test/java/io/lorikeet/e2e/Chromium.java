package io.lorikeet.e2e;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Debian's chromium without a window, and what its pages complain of. */
final class Chromium implements AutoCloseable {
    private static final double PATIENCE_MILLIS = 30_000;

    static {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    }

    private final Playwright playwright =
            Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));

    private final Browser browser = playwright
            .chromium()
            .launch(new BrowserType.LaunchOptions()
                    .setExecutablePath(installed())
                    .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));

    private final List<String> complaints = new ArrayList<>();

    /** A person before the browser. */
    record Person(String locale, ColorScheme theme) {
        static final Person ENGLISH = new Person("en-GB", ColorScheme.LIGHT);
        static final Person CHINESE = new Person("zh-CN", ColorScheme.DARK);
    }

    /** A window of its own, in which nothing is remembered; tabs of it share what a browser remembers. */
    BrowserContext window(Person person) {
        BrowserContext window = browser.newContext(
                new Browser.NewContextOptions().setLocale(person.locale()).setColorScheme(person.theme()));
        window.setDefaultTimeout(PATIENCE_MILLIS);
        window.onPage(page -> page.onPageError(complaints::add));
        window.onResponse(answer -> {
            if (answer.status() >= 400 && !answer.url().contains("/v1/")) {
                complaints.add(answer.status() + " " + answer.url());
            }
        });
        window.onConsoleMessage(message -> {
            // what was refused because of the page's own policy
            if (message.text().contains("Content Security Policy")) {
                complaints.add(message.text());
            }
        });
        return window;
    }

    /** A page in a window of its own. */
    Page page(Person person) {
        return window(person).newPage();
    }

    /** Errors of scripts, and what the pages tried to load and may not or cannot, since this was asked last. */
    List<String> complaints() {
        List<String> told = List.copyOf(complaints);
        complaints.clear();
        return told;
    }

    private static Path installed() {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, "chromium"))
                .filter(file -> file.toFile().canExecute())
                .findFirst()
                .orElseThrow(
                        () -> new AssertionError("chromium is not installed; deploy/test/install-tools does that"));
    }

    @Override
    public void close() {
        playwright.close();
    }
}
