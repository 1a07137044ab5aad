package io.lorikeet.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.lorikeet.cli.client.GatewayClient.Question;
import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.keys.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The console in a real browser, over the real stack. */
@ExtendWith(SharedStack.Resolver.class)
@Timeout(value = 8, unit = MINUTES)
class ConsoleIT {
    private static final String QUESTION = "你是谁?";
    private static final double TRAINING_MILLIS = 400_000;
    private static final double START_MILLIS = 60_000;
    private static final int MOST_BYTES = 400_000;
    private static final double FIRST_PAINT_MILLIS = 300;
    private static final List<Integer> WIDTHS = List.of(375, 768, 1280, 1920);
    private static final List<String> LEVEL_AA = List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa");

    @TempDir
    Path folder;

    private static Chromium chromium;
    private static CheckpointEvent trained;

    @BeforeAll
    static void open() {
        chromium = new Chromium();
    }

    @AfterAll
    static void close() {
        chromium.close();
    }

    @AfterEach
    void noScriptFailsAndThePolicyForbidsNothing() {
        assertThat(chromium.complaints()).isEmpty();
    }

    static Stream<Chromium.Person> people() {
        return Stream.of(Chromium.Person.ENGLISH, Chromium.Person.CHINESE);
    }

    @Test
    void theTutorialIsDoneByClicks(SharedStack shared) {
        Page page = open(shared, Chromium.Person.ENGLISH, "");
        link(page, "Run the tutorial").click();
        button(page, "Train the example").click();
        assertThat(page.getByText("3 of 3 questions passed"))
                .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(TRAINING_MILLIS));

        link(page, "Compare both yourself").click();
        ask(page, QUESTION);
        assertThat(page.locator(".answer.done")).hasCount(2);
        assertThat(page.locator(".answer").first()).containsText("阿里云");
        assertThat(page.locator(".answer").last()).containsText("迪菲赫尔曼");
        assertThat(page.locator(".answer").last().locator("footer")).containsText("tutorial-");
        assertThat(page.locator(".answer").last().locator("footer")).containsText("tokens/s");

        link(page, "Jobs").click();
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("tutorial-"))
                .first()
                .click();
        assertThat(page.locator("lk-chart canvas")).hasCount(4);
        assertThat(page.locator("table.answers .badge.good")).hasCount(3);
        Page other = page.context().newPage();
        other.navigate(page.url());
        assertThat(other.getByText("Trained, accepted and promoted")).isVisible();
        page.context().close();
    }

    @ParameterizedTest
    @MethodSource("people")
    void everyViewCanBeUsedByEverybodyAtEveryWidth(Chromium.Person person, SharedStack shared) {
        CheckpointEvent trained = trained(shared);
        Page page = chromium.page(person);
        List<String> found = new ArrayList<>();
        for (String view : List.of(
                "ask",
                "train",
                "jobs",
                "jobs/" + job(trained),
                "adapters",
                "adapters/" + trained.adapter(),
                "overview",
                "messages",
                "tutorial")) {
            page.navigate(shared.stack().gateway() + "/#/" + view);
            assertThat(page.locator("main h1").first()).isAttached();
            page.waitForLoadState();
            for (int width : WIDTHS) {
                page.setViewportSize(width, 900);
                if ((int) page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0) {
                    found.add(view + " is wider than " + width);
                }
            }
            new AxeBuilder(page)
                    .withTags(LEVEL_AA)
                    .analyze()
                    .getViolations()
                    .forEach(rule -> found.add(view + ": " + rule.getId() + " "
                            + rule.getNodes().getFirst().getHtml()));
        }
        assertThat(found).isEmpty();
        page.context().close();
    }

    @Test
    void isSmallAndQuickAndAsksNobodyElse(SharedStack shared) {
        Page page = chromium.page(Chromium.Person.ENGLISH);
        List<Integer> sizes = new ArrayList<>();
        List<String> elsewhere = new ArrayList<>();
        page.onResponse(answer -> {
            if (!answer.url().startsWith(shared.stack().gateway().toString())) {
                elsewhere.add(answer.url());
            } else if (answer.status() == 200 && !answer.url().contains("/v1/")) {
                sizes.add(answer.body().length);
            }
        });
        page.navigate(shared.stack().gateway() + "/");
        for (String view : List.of("Train", "Jobs", "Adapters", "Overview")) {
            link(page, view).click();
            assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                    .hasText(view);
        }
        page.reload();
        double painted = ((Number)
                        page.evaluate("new Promise(r => new PerformanceObserver(l => r(l.getEntries()[0].startTime))"
                                + ".observe({type: 'paint', buffered: true}))"))
                .doubleValue();

        assertThat(elsewhere).isEmpty();
        assertThat(sizes.stream().mapToInt(size -> size).sum()).isBetween(1, MOST_BYTES);
        assertThat(painted).isLessThan(FIRST_PAINT_MILLIS);
        page.context().close();
    }

    @Test
    void aLineThatCannotBeReadIsNamedAndRowsThatCannotBeTrainedOnToo(SharedStack shared) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int line = 1; line <= 20; line++) {
            lines.add("{\"instruction\": \"第" + line + "问\", \"input\": \"\", \"output\": \"好的。\"}");
        }
        lines.set(16, "{\"instruction\": \"第17问\", \"output\":");
        lines.set(18, "{\"instruction\": \"第19问\", \"input\": \"\"}");
        Path file = Files.write(folder.resolve("rows.jsonl"), lines);
        Page page = open(shared, Chromium.Person.ENGLISH, "#/train");
        page.locator("input[type=file]").setInputFiles(file);
        Locator named = button(page, "Line 17");
        assertThat(named).isVisible();
        assertThat(button(page, "Check")).isDisabled();

        named.click();
        assertThat((String) page.evaluate("getSelection().toString()")).isEqualTo(lines.get(16));
        page.getByLabel("Leave them out").check();
        page.locator("[name=adapter]").fill("read");
        button(page, "Check").click();
        assertThat(page.locator(".checks")).containsText("18 rows");
        assertThat(page.locator(".checks")).containsText("Line 19 has no response");
        page.context().close();
    }

    /** What is too much for a command is uploaded as conversations: a field that these do not have must not vanish. */
    @Test
    void rowsOfWhichSomethingWouldBeLostAreNotTurnedIntoConversations(SharedStack shared) {
        Page page = open(shared, Chromium.Person.ENGLISH, "#/train");
        Object told = page.evaluate("""
                async () => {
                  const { conversation } = await import("/console/lib/upload.js");
                  const told = (row) => { try { return JSON.stringify(conversation(row)); } catch (e) { return e.message.slice(0, 24); } };
                  return [
                    { instruction: "a", input: "b", output: "c" },
                    { messages: [], tools: [] },
                    { prompt: [{ role: "user", content: "a" }], completion: [{ role: "assistant", content: "b" }] },
                    { query: "a", response: "b", history: [["c", "d"]] },
                    { query: "a", response: "b", output: "c" },
                    { Question: "a", Response: "b" },
                  ].map(told);
                }""");

        String refused = "These rows are too many ";
        assertThat((List<?>) told)
                .isEqualTo(List.of(
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\\nb\"},{\"role\":\"assistant\",\"content\":\"c\"}]}",
                        "{\"messages\":[],\"tools\":[]}",
                        refused,
                        refused,
                        refused,
                        refused));
        page.context().close();
    }

    @Test
    void aReplicaThatDiesWhileItAnswersIsSaidAndTheAnswerComesFromTheNext(SharedStack shared) {
        Page page = open(
                shared,
                Chromium.Person.ENGLISH,
                "#/ask?model=" + shared.gateway().baseModel() + "&temperature=2&max=900");
        ManagedProcess replica = shared.stack().process("inference");
        // an answer of this model would be over before it is killed
        Signals.slow(replica);
        page.exposeFunction("answers", _ -> {
            replica.kill();
            return null;
        });
        page.evaluate("""
                new MutationObserver((_, observer) => {
                  if (document.querySelector(".answer.streaming")) {
                    observer.disconnect();
                    answers();
                  }
                }).observe(document.body, {subtree: true, childList: true, attributes: true})""");
        ask(page, QUESTION);

        assertThat(page.getByText("The connection was lost")).isVisible();
        assertThat(page.locator(".answer.done"))
                .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(START_MILLIS));
        assertThat(page.getByText("The connection was lost")).isHidden();
        page.context().close();
    }

    @Test
    void aVersionIsServedAgainByAClickAndAnotherOneAskedAllTheSame(SharedStack shared) {
        CheckpointEvent older = trained(shared);
        CheckpointEvent newer = shared.train(QuickJob.of(older.adapter()));
        Page page = open(shared, Chromium.Person.ENGLISH, "#/adapters/" + older.adapter());
        assertThat(version(page, newer).locator(".badge").first()).hasText("served");

        version(page, older).getByText("Roll back to it").click();
        assertThat(version(page, older).locator(".badge").first()).hasText("served");
        assertThat(version(page, newer).locator(".badge").first()).hasText("served before");
        version(page, newer).getByText("Ask it").click();
        ask(page, QUESTION);
        assertThat(page.locator(".answer.done footer")).containsText(newer.version());
        page.context().close();
    }

    @Test
    void aCanaryIsBegunWidenedTakenBackAndPromotedByClicks(SharedStack shared) {
        CheckpointEvent stable = shared.train(QuickJob.of(SharedStack.unique("tried")));
        CheckpointEvent next = shared.trainUnpromoted(QuickJob.of(stable.adapter()));
        Page page = open(shared, Chromium.Person.ENGLISH, "#/adapters/" + stable.adapter());
        Locator card = page.locator(".card.canary");

        begin(page, next);
        assertThat(card).containsText(next.version());
        assertThat(card.locator("output")).hasText("5 %");
        assertThat(version(page, next).locator(".badge").first()).hasText("canary");
        card.locator("input[type=range]").fill("1");
        assertThat(card.locator("output")).hasText("100 %");
        assertThat(shared.gateway()
                        .adapter(stable.adapter())
                        .at("/canary/share")
                        .asDouble())
                .isEqualTo(1);
        shared.gateway().ask(Question.of(QUESTION).to(stable.adapter()));
        // its own figures, above those of the stable version
        assertThat(card.locator("tbody tr").first().locator("td.n").first()).hasText("1");

        button(page, "Take it back").click();
        assertThat(card).isHidden();
        assertThat(page.locator(".decided")).containsText("Rolled back");
        assertThat(version(page, next).locator(".badge").first()).hasText("not promoted");

        begin(page, next);
        button(page, "Promote it").click();
        assertThat(card).isHidden();
        assertThat(version(page, next).locator(".badge").first()).hasText("served");
        assertThat(page.locator(".decided")).containsText(next.version());
        page.context().close();
    }

    private static void begin(Page page, CheckpointEvent checkpoint) {
        Locator more = page.locator(
                "tr.more", new Page.LocatorOptions().setHasText(checkpoint.uri().toString()));
        if (!more.getByText("Canary, 5 %").isVisible()) {
            more.locator("summary").click();
        }
        more.getByText("Canary, 5 %").click();
    }

    @Test
    void theMessagesOnKafkaAreShownWithTheirFieldsAndExamples(SharedStack shared) {
        Page page = open(shared, Chromium.Person.ENGLISH, "#/overview");
        link(page, "Messages").click();
        Locator topics = page.locator("section.topic");
        assertThat(topics).hasCount(5);
        Locator events = topics.filter(new Locator.FilterOptions()
                .setHas(page.locator("h2 code", new Page.LocatorOptions().setHasText(Topics.EVENTS))));

        events.locator("summary")
                .getByText("succeeded", new Locator.GetByTextOptions().setExact(true))
                .click();
        assertThat(events.locator("details[open] .fields").first()).containsText("checkpoint");
        events.locator("summary").getByText("Example: progress").click();
        assertThat(events.locator("details[open] pre")).containsText("\"grad_norm\": 0.9");
        page.context().close();
    }

    private static Locator version(Page page, CheckpointEvent checkpoint) {
        return page.locator("tr:not(.more)", new Page.LocatorOptions().setHasText(checkpoint.version()));
    }

    @Test
    void whoMayOnlyAskAsksAndIsToldWhatTheKeyIsNotFor(SharedStack shared) throws IOException {
        try (var keyed = KeyedGateway.beside(shared, folder, Role.ASK)) {
            Page page = chromium.page(Chromium.Person.ENGLISH);
            page.navigate(keyed.address() + "/");
            page.getByLabel("Key", new Page.GetByLabelOptions().setExact(true)).fill(keyed.secret());
            button(page, "Use this key").click();
            ask(page, QUESTION);
            assertThat(page.locator(".answer.done")).isVisible();

            link(page, "Jobs").click();
            assertThat(page.getByText("This key may not do that.")).isVisible();
            assertThat(page.getByRole(AriaRole.ALERT)).containsText("this API key is for ask");
            Page other = page.context().newPage();
            other.navigate(keyed.address() + "/");
            // a key is the tab's alone
            assertThat(other.getByText("This gateway asks for an API key")).isVisible();
            page.context().close();
        }
    }

    @Test
    void aLostConnectionIsSaidAndMended(SharedStack shared) {
        Page page = open(shared, Chromium.Person.CHINESE, "#/overview");
        assertThat(page.locator(".facts")).isVisible();
        page.context().setOffline(true);
        assertThat(page.getByText("无法连接网关，恢复后页面会自动继续。")).isVisible();

        page.context().setOffline(false);
        assertThat(page.getByText("无法连接网关，恢复后页面会自动继续。")).isHidden();
        assertThat(page.locator(".facts .badge.good")).isVisible();
        page.context().close();
    }

    @Test
    void theKeyboardAloneIsEnough(SharedStack shared) {
        Page page = open(
                shared,
                Chromium.Person.ENGLISH,
                "#/ask?model=" + shared.gateway().baseModel());
        page.locator("[name=question]").waitFor();
        press(page, "Skip to content", "Tab");
        page.keyboard().press("Enter");
        press(page, "Question", "Tab");
        page.keyboard().type(QUESTION);
        page.keyboard().press("Enter");
        assertThat(page.locator(".answer.done")).isVisible();

        press(page, "acceptance question", "Shift+Tab");
        page.keyboard().press("Enter");
        press(page, "Train", "Shift+Tab");
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("Train");
        assertThat(page.getByRole(AriaRole.GROUP, new Page.GetByRoleOptions().setName("Question 1"))
                        .locator("input")
                        .first())
                .hasValue(QUESTION);
        page.context().close();
    }

    /** Presses a key until what has the focus is called so. */
    private static void press(Page page, String name, String key) {
        for (int i = 0; i < 40; i++) {
            page.keyboard().press(key);
            if (page.evaluate("(document.activeElement.ariaLabel ?? document.activeElement.innerText).trim()")
                    .equals(name)) {
                return;
            }
        }
        throw new AssertionError(key + " does not lead to " + name);
    }

    @Test
    void bothLanguagesSayTheSame(SharedStack shared) {
        Page page = open(shared, Chromium.Person.CHINESE, "");
        Object missing = page.evaluate("""
                async () => {
                  const [en, zh] = await Promise.all(["en", "zh"].map((name) => import(`/console/i18n/${name}.js`)));
                  const keys = (words) => Object.keys(words.default);
                  return [...keys(en).filter((key) => !(key in zh.default)), ...keys(zh).filter((key) => !(key in en.default))];
                }""");

        assertThat((List<?>) missing).isEmpty();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("想问点什么？")))
                .isVisible();
        page.context().close();
    }

    /** An adapter that both look at. */
    private static CheckpointEvent trained(SharedStack shared) {
        if (trained == null) {
            trained = shared.train(QuickJob.of(SharedStack.unique("seen")));
        }
        return trained;
    }

    private static String job(CheckpointEvent checkpoint) {
        return checkpoint.version().substring(0, checkpoint.version().indexOf('@'));
    }

    private static Page open(SharedStack shared, Chromium.Person person, String view) {
        Page page = chromium.page(person);
        page.navigate(shared.stack().gateway() + "/" + view);
        return page;
    }

    private static Locator link(Page page, String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static void ask(Page page, String question) {
        page.locator("[name=question]").fill(question);
        page.locator("[name=question]").press("Enter");
    }
}
