package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CancelCommand;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingSummary;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** OpenAI's files and fine-tuning jobs, with the trainer's side of the topics played by hand. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
@WithTestResource(DataRootResource.class)
@Timeout(60)
class FineTuningTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final String ROW = """
            {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello!"}]}
            """;

    @Test
    void aFileIsWhereTrainersReadAndCanBeListedReadAndDeleted() throws IOException {
        var first = upload(ROW).path("id").asText();
        var file = upload(ROW + ROW);
        var id = file.path("id").asText();

        assertThat(file.path("object").asText()).isEqualTo("file");
        assertThat(file.path("bytes").asInt()).isEqualTo(2 * ROW.length());
        assertThat(file.path("filename").asText()).isEqualTo("rows.jsonl");
        assertThat(file.path("status").asText()).isEqualTo("processed");
        assertThat(DataRootResource.root().resolve("uploads/" + id + ".jsonl")).hasContent(ROW + ROW);
        assertThat(Http.get("/v1/files/" + id).json()).isEqualTo(file);
        assertThat(Http.get("/v1/files/" + id + "/content").text()).isEqualTo(ROW + ROW);

        var newest = Http.get("/v1/files?limit=1").json();
        assertThat(newest.path("data").findValuesAsText("id")).containsExactly(id);
        assertThat(newest.path("has_more").asBoolean()).isTrue();
        assertThat(Http.get("/v1/files?limit=1&after=" + id)
                        .json()
                        .path("last_id")
                        .asText())
                .isEqualTo(first);
        assertThat(Http.get("/v1/files?purpose=batch").json().path("data")).isEmpty();

        assertThat(Http.delete("/v1/files/" + id).json().path("deleted").asBoolean())
                .isTrue();
        assertThat(Http.get("/v1/files/" + id).status()).isEqualTo(404);
        assertThat(DataRootResource.root().resolve("uploads/" + id + ".jsonl")).doesNotExist();
    }

    @Test
    void refusesWhatNoTrainerCouldReadAndLeavesNothingBehind() throws IOException {
        var wrong = form("fine-tune", ROW + "{\"prompt\": \"x\"}\n");

        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.json().at("/error/message").asText()).contains("line 2: messages: is missing");
        assertThat(form("assistants", ROW).json().at("/error/param").asText()).isEqualTo("purpose");
        assertThat(form("fine-tune", ROW.repeat(40_000)).status()).isEqualTo(413);
        for (var version : HttpClient.Version.values()) {
            var large = chunked(version, "multipart/form-data; boundary=x", body("fine-tune", ROW.repeat(40_000)));
            assertThat(large.status()).as("over " + version).isEqualTo(413);
            assertThat(large.json().at("/error/message").asText()).contains("MiB that a request may have");
            assertThat(chunked(version, "multipart/form-data", body("fine-tune", ROW))
                            .status())
                    .isEqualTo(400);
            assertThat(chunked(version, "multipart/form-data; boundary=y", body("fine-tune", ROW))
                            .status())
                    .isEqualTo(400);
        }
        await().untilAsserted(() -> {
            try (var left = Files.list(DataRootResource.root().resolve("uploads/.incoming"))) {
                assertThat(left).isEmpty();
            }
        });
    }

    @Test
    void namesThatAreNoFilesLeadNowhere() {
        for (var name : List.of("file-1", "..%2f..%2fetc%2fpasswd", "ftjob-0000000000000000")) {
            assertThat(Http.get("/v1/files/" + name).status()).as(name).isEqualTo(404);
            assertThat(Http.get("/v1/files/" + name + "/content").status())
                    .as(name)
                    .isEqualTo(404);
            assertThat(Http.get("/v1/fine_tuning/jobs/" + name).status())
                    .as(name)
                    .isEqualTo(404);
        }
    }

    @Test
    void aJobIsATrainingCommand() {
        var file = upload(ROW).path("id").asText();
        var validation = upload(ROW).path("id").asText();

        var job = create("""
                {"model": "fledgling", "training_file": "%s", "validation_file": "%s", "suffix": "shop", "seed": 7,
                 "metadata": {"team": "a"}, "integrations": null, "method": {"type": "supervised", "supervised":
                 {"hyperparameters": {"n_epochs": 5, "batch_size": 2, "learning_rate_multiplier": 20}}}}""".formatted(file, validation));
        var id = job.path("id").asText();

        assertThat(id).matches("ftjob-[a-z0-9]{16}");
        assertThat(job.path("status").asText()).isEqualTo("queued");
        assertThat(job.path("fine_tuned_model").isNull()).isTrue();
        assertThat(job.path("training_file").asText()).isEqualTo(file);
        assertThat(job.at("/hyperparameters/n_epochs").asDouble()).isEqualTo(5);
        assertThat(job.path("metadata").path("team").asText()).isEqualTo("a");
        var command = (TrainCommand)
                TrainingCommand.parse(Kafka.read(Topics.COMMANDS, id).getFirst().value());
        assertThat(command.adapter()).isEqualTo("ft-shop-" + id.substring("ftjob-".length()));
        assertThat(command.dataset()).containsExactly("uploads/" + file + ".jsonl");
        var settings = command.settings();
        assertThat(settings.data().valDataset()).containsExactly("uploads/" + validation + ".jsonl");
        assertThat(settings.run().seed()).isEqualTo(7);
        assertThat(settings.schedule().numTrainEpochs()).isEqualTo(5);
        assertThat(settings.schedule().rowsPerStep()).isEqualTo(2);
        assertThat(settings.optimizer().learningRate()).isEqualTo(2e-3);
    }

    @Test
    void aJobIsToldAsItsEventsTellIt() {
        var id = create("{\"model\": \"fledgling\", \"training_file\": \"%s\"}"
                        .formatted(upload(ROW).path("id").asText()))
                .path("id")
                .asText();
        var adapter = "ft-" + id.substring("ftjob-".length());
        var model = "ft:fledgling:lorikeet::" + id.substring("ftjob-".length());
        Kafka.publish(
                Topics.EVENTS,
                id,
                new TrainingEvent.Started(
                        id,
                        adapter,
                        NOW,
                        new BaseModel("fledgling", "sha256:0"),
                        40,
                        1000,
                        1,
                        0,
                        null,
                        List.of(),
                        List.of()));
        Kafka.publish(
                Topics.EVENTS,
                id,
                new TrainingEvent.Progress(id, adapter, NOW, 5, 40, 1, 2.5, 1, 1e-4, 0.5, 1, 7, 0.5, 0.2));
        await().untilAsserted(() -> {
            var job = Http.get("/v1/fine_tuning/jobs/" + id).json();
            assertThat(job.path("status").asText()).isEqualTo("running");
            assertThat(job.path("estimated_finish").asLong()).isEqualTo(NOW.getEpochSecond() + 7);
        });

        var summary = new TrainingSummary(40, 10, 0.1, null, 50, 1000, 9.5, 0);
        Kafka.publish(
                Topics.EVENTS,
                id,
                new TrainingEvent.Succeeded(id, adapter, NOW, Kafka.checkpoint(adapter, id + "@40"), true, summary));
        await().untilAsserted(() -> {
            var job = Http.get("/v1/fine_tuning/jobs/" + id).json();
            assertThat(job.path("status").asText()).isEqualTo("succeeded");
            assertThat(job.path("fine_tuned_model").asText()).isEqualTo(model);
            assertThat(job.path("trained_tokens").asInt()).isEqualTo(1000);
        });

        var newest = Http.get("/v1/fine_tuning/jobs/" + id + "/events?limit=2").json();
        assertThat(newest.path("data").findValuesAsText("message"))
                .containsExactly("The job has successfully completed", "Step 5/40: training loss=2.5000");
        assertThat(newest.at("/data/1/data/train_loss").asDouble()).isEqualTo(2.5);
        assertThat(newest.path("has_more").asBoolean()).isTrue();
        var older = Http.get("/v1/fine_tuning/jobs/" + id + "/events?after="
                        + newest.path("last_id").asText())
                .json();
        assertThat(older.path("data").findValuesAsText("message"))
                .containsExactly("Fine-tuning job started: 1 rows, 40 steps", "Created fine-tuning job: " + id);
        var checkpoint =
                Http.get("/v1/fine_tuning/jobs/" + id + "/checkpoints").json().at("/data/0");
        assertThat(checkpoint.path("fine_tuned_model_checkpoint").asText()).isEqualTo(model);
        assertThat(checkpoint.path("step_number").asInt()).isEqualTo(40);
    }

    @Test
    void aFailedJobSaysWhy() {
        var id = create("{\"model\": \"fledgling\", \"training_file\": \"%s\"}"
                        .formatted(upload(ROW).path("id").asText()))
                .path("id")
                .asText();
        Kafka.publish(
                Topics.EVENTS,
                id,
                new TrainingEvent.Failed(id, "ft-" + id.substring(6), NOW, "row 1 is wrong", "X", false, "dataset"));

        await().untilAsserted(() -> {
            var job = Http.get("/v1/fine_tuning/jobs/" + id).json();
            assertThat(job.path("status").asText()).isEqualTo("failed");
            assertThat(job.at("/error/code").asText()).isEqualTo("invalid_training_file");
            assertThat(job.at("/error/message").asText()).isEqualTo("row 1 is wrong");
        });
        assertThat(Http.post("/v1/fine_tuning/jobs/" + id + "/cancel", null).status())
                .isEqualTo(400);
    }

    @Test
    void jobsAreListedInPagesAndByTheirMetadata() {
        var file = upload(ROW).path("id").asText();
        var request = "{\"model\": \"fledgling\", \"training_file\": \"%s\", \"metadata\": {\"list\": \"%s\"}}";
        var first = create(request.formatted(file, "yes")).path("id").asText();
        create(request.formatted(file, "no"));
        var last = create(request.formatted(file, "yes")).path("id").asText();

        var all = Http.get("/v1/fine_tuning/jobs?metadata%5Blist%5D=yes").json();
        assertThat(all.path("data").findValuesAsText("id")).containsExactly(last, first);
        var page =
                Http.get("/v1/fine_tuning/jobs?limit=1&metadata%5Blist%5D=yes").json();
        assertThat(page.path("has_more").asBoolean()).isTrue();
        assertThat(Http.get("/v1/fine_tuning/jobs?metadata%5Blist%5D=yes&after=" + last)
                        .json()
                        .path("data")
                        .findValuesAsText("id"))
                .containsExactly(first);
    }

    @Test
    void cancelIsACommandAndPauseIsRefusedByName() {
        var id = create("{\"model\": \"fledgling\", \"training_file\": \"%s\"}"
                        .formatted(upload(ROW).path("id").asText()))
                .path("id")
                .asText();

        assertThat(Http.post("/v1/fine_tuning/jobs/" + id + "/cancel", null).status())
                .isEqualTo(200);
        assertThat(TrainingCommand.parse(
                        Kafka.read(Topics.COMMANDS, id).getLast().value()))
                .isEqualTo(new CancelCommand(id));
        var paused = Http.post("/v1/fine_tuning/jobs/" + id + "/pause", null);
        assertThat(paused.status()).isEqualTo(400);
        assertThat(paused.json().at("/error/message").asText()).startsWith("pause is not supported");
    }

    @Test
    void whatIsNotSupportedIsRefusedByName() {
        var file = upload(ROW).path("id").asText();
        var wrong = List.of(
                List.of("\"model\": \"gpt-4o\"", "expected fledgling"),
                List.of("\"training_file\": \"file-none\"", "training_file: there is no file"),
                List.of("\"validation_file\": \"file-none\"", "validation_file: there is no file"),
                List.of("\"suffix\": \"a:b\"", "suffix"),
                List.of("\"seed\": -1", "seed"),
                List.of("\"integrations\": [{\"type\": \"wandb\"}]", "integrations: is not supported"),
                List.of("\"method\": {\"type\": \"dpo\"}", "method.type: is not supported"),
                List.of("\"hyperparameters\": {\"n_epochs\": 0}", "hyperparameters.n_epochs"),
                List.of("\"hyperparameters\": {\"beta\": 1}", "hyperparameters.beta: is not supported"),
                List.of("\"epochs\": 1", "epochs: unknown field"));
        for (var each : wrong) {
            var body = "{\"model\": \"fledgling\", \"training_file\": \"" + file + "\"}";
            var name = each.getFirst().substring(0, each.getFirst().indexOf(':'));
            var request = body.contains(name)
                    ? body.replaceFirst(name + ": \"[^\"]*\"", each.getFirst())
                    : body.replace("}", ", " + each.getFirst() + "}");
            var answer = Http.post("/v1/fine_tuning/jobs", request);

            assertThat(answer.status()).as(request).isEqualTo(400);
            assertThat(answer.json().at("/error/message").asText()).contains(each.getLast());
        }
    }

    private static JsonNode create(String request) {
        var answer = Http.post("/v1/fine_tuning/jobs", request);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static JsonNode upload(String rows) {
        var answer = form("fine-tune", rows);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static Http.Answer form(String purpose, String rows) {
        return Http.send(Http.request("/v1/files")
                .header("content-type", "multipart/form-data; boundary=x")
                .POST(BodyPublishers.ofString(body(purpose, rows), UTF_8)));
    }

    /** A form that does not say how long it is. */
    private static Http.Answer chunked(HttpClient.Version version, String type, String body) {
        var stream = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(UTF_8)));
        return Http.send(Http.request("/v1/files")
                .version(version)
                .header("content-type", type)
                .POST(stream));
    }

    private static String body(String purpose, String rows) {
        return """
                --x\r
                Content-Disposition: form-data; name="purpose"\r
                \r
                %s\r
                --x\r
                Content-Disposition: form-data; name="file"; filename="rows.jsonl"\r
                Content-Type: application/octet-stream\r
                \r
                %s\r
                --x--\r
                """.formatted(purpose, rows);
    }
}
