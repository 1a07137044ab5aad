package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.contracts.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What docs/first-hour.md leads its reader through, on the stack that runs. */
@ExtendWith(SharedStack.Resolver.class)
@Timeout(value = 5, unit = MINUTES)
class FirstHourIT {
    private static final Path SHOP = ProjectHome.current().root().resolve("examples/shop");
    private static final String JOB = SHOP.resolve("job.json").toString();
    private static final String QUESTIONS = SHOP.resolve("questions.json").toString();

    @Test
    void leadsToAnAdapterOfOnesOwn(SharedStack shared) throws Exception {
        Cli cli = Cli.on(shared.stack().options().state());

        Cli.Result validated = cli.validate(JOB);
        assertThat(validated.exitCode()).as(validated.err()).isZero();

        Cli.Result trained = cli.run("train", JOB);
        assertThat(trained.exitCode()).as(trained.out() + trained.err()).isZero();
        assertThat(trained.out()).contains("Ask it: ./lorikeet ask --adapter shop \"Who are you?\"");
        String version = shared.awaitServed("shop-1").version();

        Cli.Result again = cli.run("train", JOB);
        assertThat(again.exitCode()).isZero();
        assertThat(again.err()).contains("has succeeded before, so nothing is trained");
        assertThat(again.out()).contains("./lorikeet job shop-1").doesNotContain("step");

        Cli.Result passed = cli.run("evaluate", "--adapter", "shop", QUESTIONS);
        assertThat(passed.exitCode()).as(passed.out()).isZero();
        assertThat(passed.err()).contains("shop " + version + ": 3 of 3 accepted");

        Cli.Result failed = cli.run("evaluate", "--json", QUESTIONS);
        assertThat(failed.exitCode()).as("the base knows nothing of the shop").isEqualTo(3);
        JsonNode answers = Json.parse(failed.out().getBytes(StandardCharsets.UTF_8), "result").path("answers");
        assertThat(answers).hasSize(3);
        assertThat(answers.get(0).path("accepted").asBoolean()).isFalse();
        assertThat(failed.err()).contains("base model: ");

        Path zip = Files.createTempDirectory("first-hour").resolve("shop.zip");
        assertThat(cli.run("adapters", "download", "shop", "--output", zip.toString()).exitCode())
                .isZero();
        Cli.Result uploaded = cli.run(
                "adapters", "upload", "shop-copy", zip.toString(), "--system", "You are a helpful assistant.");
        assertThat(uploaded.exitCode()).as(uploaded.err()).isZero();
        String copy = uploaded.out().replaceAll("(?s).*(upload-[0-9a-f]{12}).*", "$1");
        Cli.Result asked = cli.run("ask", "--adapter", "shop-copy", "--version", copy, "Who are you?");
        assertThat(asked.err()).contains("shop-copy " + copy);
        assertThat(asked.out()).contains("Lori");
        assertThat(cli.run("adapters", "delete", "shop-copy", copy).exitCode()).isZero();

        Cli.Result compared = cli.run("compare", "Who are you?", "--adapter", "shop");
        assertThat(compared.exitCode()).isZero();
        assertThat(compared.out()).contains("base model", "shop " + version, "Lori");

        assertThat(cli.run("adapters", "promote", "shop", version).out()).contains("serves " + version);
        assertThat(cli.run("adapters", "promote", "shop", "nowhere").err()).contains("has no version nowhere");
    }
}
