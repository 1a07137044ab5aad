package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CancelCommand;
import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingSummary;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
@Timeout(60)
class TrainingJobsTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void publishesTheCommandAndShowsTheJobAtOnce() {
        var answer = Http.post("/v1/training/jobs", job("published", "0.001"));

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.header("location")).endsWith("/v1/training/jobs/published");
        assertThat(answer.json().path("status").asText()).isEqualTo("queued");
        assertThat(Http.get("/v1/training/jobs/published")
                        .json()
                        .path("adapter")
                        .asText())
                .isEqualTo("assistant");

        var messages = Kafka.read(Topics.COMMANDS, "published");
        assertThat(messages).hasSize(1);
        var command = (TrainCommand) TrainingCommand.parse(messages.getFirst().value());
        assertThat(command.settings().optimizer().learningRate()).isEqualTo(0.001);
        assertThat(Kafka.header(messages.getFirst(), "ce_type")).isEqualTo("io.lorikeet.training.command.train");
        assertThat(Kafka.header(messages.getFirst(), "content-type")).isEqualTo("application/json");
        var events = Kafka.read(Topics.EVENTS, "published");
        assertThat(Json.read(events.getFirst().value(), TrainingEvent.class)).isInstanceOf(TrainingEvent.Queued.class);
    }

    @Test
    void theSameCommandTwiceIsPublishedOnceAndAnotherOneUnderItsIdIsRefused() {
        Http.post("/v1/training/jobs", job("twice", "0.001"));

        var again = Http.post("/v1/training/jobs", job("twice", "1e-3"));
        var other = Http.post("/v1/training/jobs", job("twice", "0.002"));

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().path("job_id").asText()).isEqualTo("twice");
        assertThat(again.json().path("note").asText()).contains("there already");
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.json().at("/error/message").asText()).contains("choose another job_id");
        assertThat(Kafka.read(Topics.COMMANDS, "twice")).hasSize(1);
    }

    @Test
    void aJobIdIsMadeUpIfNoneIsGiven() {
        var answer = Http.post("/v1/training/jobs", "{\"adapter\": \"a\", \"rows\": [{\"query\": \"q\"}]}");

        assertThat(answer.status()).isEqualTo(202);
        var id = answer.json().path("job_id").asText();
        assertThat(Kafka.read(Topics.COMMANDS, id)).hasSize(1);
    }

    @Test
    void aCheckIsADryRunThatIsWaitedFor() throws Exception {
        var summary = new TrainingSummary(40, 10, 0.1, null, 50, 1_000, 20, 0);
        Kafka.publish(
                Topics.EVENTS,
                "quick-one",
                new TrainingEvent.Succeeded(
                        "quick-one", "quick", NOW, Kafka.checkpoint("quick", "quick-one@40"), false, summary));
        await().until(() -> Http.get("/v1/training/jobs/quick-one").status() == 200);
        var command = "{\"adapter\": \"checked\", \"dataset\": [\"data.json\"]}";
        var waiting = CompletableFuture.supplyAsync(() -> Http.post("/v1/training/check", command));
        var id = awaitJob("checked");
        var published = (TrainCommand)
                TrainingCommand.parse(Kafka.read(Topics.COMMANDS, id).getFirst().value());
        assertThat(published.dryRun()).isTrue();
        Kafka.publish(Topics.EVENTS, id, new TrainingEvent.Validated(id, "checked", NOW, report()));

        var result = waiting.get().json();

        assertThat(result.path("ok").asBoolean()).isTrue();
        assertThat(result.path("job_id").asText()).isEqualTo(id);
        assertThat(result.at("/estimate/memory_bytes").asLong()).isEqualTo(3);
        assertThat(result.at("/estimate/seconds").asDouble()).isEqualTo(0.4);
        assertThat(result.path("checks").findValuesAsText("name")).containsExactly("command", "rows", "memory");
    }

    @Test
    void aCheckSaysWhatStandsAgainstACommand() throws Exception {
        var command = "{\"adapter\": \"unfit\", \"dataset\": [\"nowhere.json\"]}";
        var waiting = CompletableFuture.supplyAsync(() -> Http.post("/v1/training/check", command));
        var id = awaitJob("unfit");
        Kafka.publish(
                Topics.EVENTS,
                id,
                new TrainingEvent.Failed(
                        id, "unfit", NOW, "nowhere.json is not there", "DatasetException", false, "dataset"));

        var result = waiting.get().json();

        assertThat(result.path("ok").asBoolean()).isFalse();
        assertThat(result.at("/checks/0").toString())
                .isEqualTo("{\"name\":\"dataset\",\"ok\":false,\"detail\":\"nowhere.json is not there\"}");
        assertThat(Http.post("/v1/training/check", "{\"adapter\": \"unfit\"}").status())
                .isEqualTo(400);
    }

    private static String awaitJob(String adapter) {
        return await().until(
                        () -> Http.get("/v1/training/jobs")
                                .json()
                                .path("jobs")
                                .valueStream()
                                .filter(job -> job.path("adapter").asText().equals(adapter))
                                .map(job -> job.path("job_id").asText())
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    @Test
    void refusesAMistypedSettingAndPublishesNothing() {
        var answer = Http.post("/v1/training/jobs", job("mistyped", "0.001").replace("lora_rank", "lora_rnak"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/message").asText())
                .isEqualTo("training command: lora_rnak: unknown field; did you mean lora_rank?");
        assertThat(Kafka.read(Topics.COMMANDS, "mistyped")).isEmpty();
    }

    @Test
    void tellsAJobAsItsEventsDo() {
        var base = new BaseModel("fledgling", "sha256:0");
        var started =
                new TrainingEvent.Started("told", "assistant", NOW, base, 40, 1000, 50, 0, null, List.of(), List.of());
        var progress =
                new TrainingEvent.Progress("told", "assistant", NOW, 5, 40, 1, 2.5, 1, 1e-4, 0.5, 1, 7, 0.5, 0.2);
        // published by hand: no event says that it was queued
        Kafka.publish(Topics.EVENTS, "told", started);
        Kafka.publish(Topics.EVENTS, "told", progress);
        await().untilAsserted(() -> {
            var view = Http.get("/v1/training/jobs/told").json();
            assertThat(view.path("status").asText()).isEqualTo("running");
            assertThat(view.path("progress").path("global_step").asInt()).isEqualTo(5);
        });

        var live = CompletableFuture.supplyAsync(() -> Http.get("/v1/training/jobs/told/events"));
        var checkpoint = Kafka.checkpoint("assistant", "told@40");
        var summary = new TrainingSummary(40, 10, 0.1, null, 50, 1000, 9.5, 0);
        Kafka.publishBytes(Topics.EVENTS, "told", "{\"type\": \"party\"}".getBytes(UTF_8));
        Kafka.publish(
                Topics.EVENTS,
                "told",
                new TrainingEvent.Succeeded("told", "assistant", NOW, checkpoint, false, summary));

        assertThat(live.join().events())
                .map(event ->
                        Json.parse(event.getBytes(UTF_8), "event").path("type").asText())
                .containsExactly("started", "progress", "succeeded");
        var first = live.join().text().lines().findFirst().orElseThrow();
        assertThat(first).matches("id: \\d+-\\d+");
        var resumed = Http.send(Http.request("/v1/training/jobs/told/events")
                .header("Last-Event-ID", first.substring("id: ".length())));
        assertThat(types(resumed.events())).containsExactly("progress", "succeeded");
        var view = Http.get("/v1/training/jobs/told").json();
        assertThat(view.path("status").asText()).isEqualTo("succeeded");
        assertThat(view.path("outcome").path("checkpoint").path("version").asText())
                .isEqualTo("told@40");
        assertThat(Http.get("/v1/training/jobs").json().path("jobs").findValuesAsText("job_id"))
                .contains("told");
    }

    @Test
    void aLateQueuedEventDoesNotTakeARunningJobBack() {
        var base = new BaseModel("fledgling", "sha256:0");
        Kafka.publish(
                Topics.EVENTS,
                "quick",
                new TrainingEvent.Started("quick", "a", NOW, base, 40, 1000, 50, 0, null, List.of(), List.of()));
        Kafka.publish(Topics.EVENTS, "quick", new TrainingEvent.Queued("quick", "a", NOW, null));

        await().untilAsserted(() -> assertThat(
                        Http.get("/v1/training/jobs/quick").json().has("queued"))
                .isTrue());
        assertThat(Http.get("/v1/training/jobs/quick").json().path("status").asText())
                .isEqualTo("running");
    }

    @Test
    void aFailedJobRunsAgainUnderItsIdAndACancelledOneDoesNot() {
        String job = job("retried", "0.001");
        Http.post("/v1/training/jobs", job);
        Kafka.publish(
                Topics.EVENTS,
                "retried",
                new TrainingEvent.Failed(
                        "retried",
                        "assistant",
                        Instant.now(),
                        "the disk is full",
                        "java.io.IOException",
                        true,
                        "files"));
        await().untilAsserted(() -> assertThat(status("retried")).isEqualTo("failed"));
        assertThat(Http.post("/v1/training/jobs", job("retried", "0.002")).status())
                .as("another command under its id")
                .isEqualTo(409);

        var again = Http.post("/v1/training/jobs", job);

        assertThat(again.status()).isEqualTo(202);
        assertThat(again.json().path("status").asText()).isEqualTo("queued");
        assertThat(again.json().has("outcome")).isFalse();
        assertThat(Http.post("/v1/training/jobs", job).status()).as("it waits").isEqualTo(200);
        assertThat(Kafka.read(Topics.COMMANDS, "retried")).hasSize(2);
        Kafka.publish(
                Topics.EVENTS, "retried", new TrainingEvent.Cancelled("retried", "assistant", Instant.now(), 0, null));
        await().untilAsserted(() -> assertThat(status("retried")).isEqualTo("cancelled"));

        var cancelled = Http.post("/v1/training/jobs", job);

        assertThat(cancelled.status()).isEqualTo(409);
        assertThat(cancelled.json().at("/error/message").asText()).contains("was cancelled", "another job_id");
        assertThat(Kafka.read(Topics.COMMANDS, "retried")).hasSize(2);
    }

    @Test
    void aDryRunThatIsOverLeavesItsJobIdToTheRealRun() {
        String real = job("rehearsed", "0.001");
        String dry = real.replaceFirst("\\{", "{\"dry_run\": true, ");
        assertThat(Http.post("/v1/training/jobs", dry).status()).isEqualTo(202);
        assertThat(Http.post("/v1/training/jobs", real).status())
                .as("the dry run is still to come")
                .isEqualTo(409);
        var validated = new TrainingEvent.Validated("rehearsed", "assistant", Instant.now(), report());
        Kafka.publish(Topics.EVENTS, "rehearsed", validated);
        await().untilAsserted(() -> assertThat(status("rehearsed")).isEqualTo("validated"));
        assertThat(Http.post("/v1/training/jobs", dry).status()).isEqualTo(200);

        var accepted = Http.post("/v1/training/jobs", real);

        assertThat(accepted.status()).isEqualTo(202);
        assertThat(accepted.json().path("status").asText()).isEqualTo("queued");
        assertThat(accepted.json().has("outcome")).isFalse();
        assertThat(Http.post("/v1/training/jobs", real).status()).isEqualTo(200);
        assertThat(Kafka.read(Topics.COMMANDS, "rehearsed")).hasSize(2);
        Kafka.publish(
                Topics.EVENTS,
                "rehearsed",
                new TrainingEvent.Cancelled("rehearsed", "assistant", Instant.now(), 0, null));
        await().untilAsserted(() -> assertThat(status("rehearsed")).isEqualTo("cancelled"));
        assertThat(Http.get("/v1/training/jobs/rehearsed/events").events())
                .as("the real run's events alone")
                .map(event ->
                        Json.parse(event.getBytes(UTF_8), "event").path("type").asText())
                .containsExactly("queued", "cancelled");
    }

    @Test
    void aDryRunQuickerThanItsQueuedEventStaysValidated() {
        Kafka.publish(Topics.EVENTS, "swift", new TrainingEvent.Validated("swift", "a", NOW, report()));
        Kafka.publish(Topics.EVENTS, "swift", new TrainingEvent.Queued("swift", "a", NOW.minusMillis(5), "sha256:1"));

        await().untilAsserted(() -> assertThat(
                        Http.get("/v1/training/jobs/swift").json().has("queued"))
                .isTrue());
        assertThat(status("swift")).isEqualTo("validated");
    }

    @Test
    void aJobThatHasSucceededIsNotTrainedAgainAndItsRepeatedCommandGoesToThoseWhoSeeItsFiles() {
        String job = job("done", "0.001");
        Http.post("/v1/training/jobs", job);
        Kafka.publish(Topics.EVENTS, "done", succeeded("done", "assistant", NOW.plusSeconds(1)));
        await().untilAsserted(() -> assertThat(status("done")).isEqualTo("succeeded"));

        var again = Http.post("/v1/training/jobs", job);

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().path("status").asText()).isEqualTo("succeeded");
        assertThat(again.json().path("note").asText()).contains("has succeeded before, so nothing is trained");
        assertThat(Kafka.read(Topics.COMMANDS, "done")).hasSize(2);
        assertThat(Kafka.read(Topics.EVENTS, "done"))
                .as("it is not queued anew")
                .hasSize(2);

        // its files were gone, and a trainer begins
        var base = new BaseModel("fledgling", "sha256:0");
        Kafka.publish(
                Topics.EVENTS,
                "done",
                new TrainingEvent.Started(
                        "done", "assistant", NOW.plusSeconds(2), base, 40, 1000, 50, 0, null, List.of(), List.of()));
        await().untilAsserted(() -> assertThat(status("done")).isEqualTo("running"));
        assertThat(Http.post("/v1/training/jobs", job).status()).isEqualTo(200);
        assertThat(Http.post("/v1/training/jobs", job("done", "0.002")).status())
                .isEqualTo(409);
    }

    @Test
    void aMalformedCommandUnderAJobsIdIsNothingToTheJobAndToThoseWhoFollowIt() {
        Http.post("/v1/training/jobs", job("firm", "0.001"));
        var live = CompletableFuture.supplyAsync(() -> Http.get("/v1/training/jobs/firm/events"));
        Kafka.publish(Topics.EVENTS, "firm", malformed("firm", null));
        Kafka.publish(Topics.EVENTS, "firm", malformed("firm", "other"));
        Kafka.publish(
                Topics.EVENTS,
                "firm",
                new TrainingEvent.Progress("firm", "assistant", NOW, 1, 40, 1, 2.5, 1, 1e-4, 0.5, 1, 7, 0.5, 0.2));
        await().untilAsserted(() -> assertThat(
                        Http.get("/v1/training/jobs/firm").json().has("progress"))
                .isTrue());
        assertThat(status("firm")).isEqualTo("queued");
        Kafka.publish(Topics.EVENTS, "firm", succeeded("firm", "assistant", NOW));
        Kafka.publish(Topics.EVENTS, "firm", malformed("firm", null));

        assertThat(types(live.join().events())).containsExactly("queued", "progress", "succeeded");
        assertThat(status("firm")).isEqualTo("succeeded");
    }

    @Test
    void aMalformedCommandOfNobodysIdIsToldAndLeavesTheIdToTheRightOne() {
        Kafka.publish(Topics.EVENTS, "mended", malformed("mended", "other"));
        await().untilAsserted(() -> assertThat(status("mended")).isEqualTo("failed"));

        assertThat(Http.post("/v1/training/jobs", job("mended", "0.001")).status())
                .isEqualTo(202);
        assertThat(status("mended")).isEqualTo("queued");
        assertThat(Http.get("/v1/training/jobs/mended").json().path("adapter").asText())
                .isEqualTo("assistant");
    }

    @Test
    void oneJobIdUnderTwoAdaptersIsTheFirstOnesJob() {
        Http.post("/v1/training/jobs", job("shared", "0.001"));
        var other = job("shared", "0.001").replace("\"assistant\"", "\"other\"");
        var base = new BaseModel("fledgling", "sha256:0");

        assertThat(Http.post("/v1/training/jobs", other).status()).isEqualTo(409);
        Kafka.publish(
                Topics.EVENTS,
                "shared",
                new TrainingEvent.Started("shared", "other", NOW, base, 1, 1000, 50, 0, null, List.of(), List.of()));
        Kafka.publish(Topics.EVENTS, "shared", succeeded("shared", "other", NOW));
        Kafka.publish(
                Topics.EVENTS,
                "shared",
                new TrainingEvent.CheckpointSaved("shared", "assistant", NOW, 10, "/adapters/shared/checkpoint-10"));

        await().untilAsserted(() -> assertThat(
                        Http.get("/v1/training/jobs/shared").json().has("checkpoint"))
                .isTrue());
        var view = Http.get("/v1/training/jobs/shared").json();
        assertThat(view.path("adapter").asText()).isEqualTo("assistant");
        assertThat(view.path("status").asText()).isEqualTo("queued");
        assertThat(view.has("started")).isFalse();
    }

    @Test
    void anIdThatTheTrainersKnowAndThisGatewayDoesNotIsRefusedByThem() {
        Http.post("/v1/training/jobs", job("forgotten", "0.002"));
        var taken = new TrainingEvent.Failed(
                "forgotten",
                "assistant",
                Instant.now(),
                "job_id forgotten belongs to another command",
                "",
                false,
                "job_id");
        Kafka.publish(Topics.EVENTS, "forgotten", taken);
        await().untilAsserted(() -> assertThat(status("forgotten")).isEqualTo("failed"));

        // and the command that it belongs to hears what became of it
        assertThat(Http.post("/v1/training/jobs", job("forgotten", "0.001")).status())
                .isEqualTo(202);
        Kafka.publish(Topics.EVENTS, "forgotten", succeeded("forgotten", "assistant", NOW));
        await().untilAsserted(() -> assertThat(status("forgotten")).isEqualTo("succeeded"));
        Kafka.publish(Topics.EVENTS, "forgotten", taken);
        assertThat(Http.post("/v1/training/jobs", job("forgotten", "0.002")).status())
                .isEqualTo(409);
    }

    @Test
    void anAdapterNamedLikeTheBaseModelIsRefusedBeforeAnythingIsTrained() {
        var answer = Http.post("/v1/training/jobs", job("base", "0.001").replace("\"assistant\"", "\"fledgling\""));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error").path("message").asText()).contains("adapter: is the base model's name");
        assertThat(Kafka.read(Topics.COMMANDS, "base")).isEmpty();
    }

    @Test
    void cancelsARunningJobAndNoOther() {
        Http.post("/v1/training/jobs", job("unwanted", "0.001"));

        assertThat(Http.post("/v1/training/jobs/unwanted/cancel", null).status())
                .isEqualTo(202);
        assertThat(TrainingCommand.parse(
                        Kafka.read(Topics.COMMANDS, "unwanted").getLast().value()))
                .isEqualTo(new CancelCommand("unwanted"));

        Kafka.publish(Topics.EVENTS, "unwanted", new TrainingEvent.Cancelled("unwanted", "assistant", NOW, 3, null));
        await().untilAsserted(() -> assertThat(
                        Http.post("/v1/training/jobs/unwanted/cancel", null).status())
                .isEqualTo(409));
        assertThat(Http.post("/v1/training/jobs/nobodys/cancel", null).status()).isEqualTo(404);
    }

    @Test
    void rowsTooLargeForATopicAreRefusedWithTheWayOut() {
        var answer = Http.post(
                "/v1/training/jobs",
                "{\"adapter\": \"a\", \"rows\": [{\"query\": \"" + "x".repeat(2_000_000) + "\"}]}");

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.json().at("/error/message").asText()).contains("put the rows into a file");
    }

    private static String status(String id) {
        return Http.get("/v1/training/jobs/" + id).json().path("status").asText();
    }

    private static List<String> types(List<String> events) {
        return events.stream()
                .map(event ->
                        Json.parse(event.getBytes(UTF_8), "event").path("type").asText())
                .toList();
    }

    private static TrainingEvent malformed(String id, String adapter) {
        return new TrainingEvent.Failed(
                id,
                adapter,
                Instant.now(),
                "training command: lora_rnak: unknown field",
                "io.lorikeet.contracts.ContractException",
                false,
                "command");
    }

    private static TrainingEvent succeeded(String id, String adapter, Instant time) {
        var summary = new TrainingSummary(40, 10, 0.1, null, 50, 1000, 9.5, 0);
        return new TrainingEvent.Succeeded(id, adapter, time, Kafka.checkpoint(adapter, id + "@40"), false, summary);
    }

    private static DryRunReport report() {
        var memory = new DryRunReport.Memory(1, 1, 1, null, 64, false);
        return new DryRunReport(
                4, 0, 0, List.of(), List.of(), 2, 2, 40, 20, 12, 100, memory, List.of(), List.of(), List.of());
    }

    private static String job(String id, String learningRate) {
        return """
                {"job_id": "%s", "adapter": "assistant", "dataset": ["data.json"], "lora_rank": 4,
                 "learning_rate": %s}""".formatted(id, learningRate);
    }
}
