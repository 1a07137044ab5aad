package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example of the API's document, sent as it stands there; each is answered with the status that the document says. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
@WithTestResource(DataRootResource.class)
class ExamplesTest {
    private static final List<String> METHODS = List.of("post", "get", "patch", "delete");
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    /** What earlier examples have made, by what the document calls it: nobody knows such an id before. */
    private static final Map<String, String> MADE = new HashMap<>();

    /** An operation of the document. */
    record Operation(String method, String path, JsonNode json) {
        @Override
        public String toString() {
            return method.toUpperCase(Locale.ROOT) + " " + path;
        }

        /** The status of its example, or the only one that it has when all is well. */
        int status() {
            var good = json.path("responses").properties().stream()
                    .filter(each -> each.getKey().startsWith("2"))
                    .toList();
            var statuses = good.stream()
                    .filter(each -> good.size() == 1
                            || !each.getValue().findValues("example").isEmpty())
                    .map(Map.Entry::getKey)
                    .toList();
            assertThat(statuses).as("statuses of %s", this).hasSize(1);
            return Integer.parseInt(statuses.getFirst());
        }

        boolean hasParameters() {
            return json.path("parameters")
                    .valueStream()
                    .filter(each -> each.path("in").asText().equals("path"))
                    .noneMatch(each -> each.path("example").isMissingNode());
        }

        String url() {
            var url = path;
            for (var parameter : json.path("parameters")) {
                var name = parameter.path("name").asText();
                var example = parameter.path("example").asText();
                url = url.replace("{" + name + "}", URLEncoder.encode(MADE.getOrDefault(example, example), UTF_8));
            }
            return url;
        }
    }

    /** What is made before it is looked at, and deleted last. */
    static Stream<Operation> operations() {
        var document = Http.get("/q/openapi?format=json").json();
        return document.path("paths").properties().stream()
                .flatMap(path -> path.getValue().properties().stream()
                        .filter(method -> METHODS.contains(method.getKey()))
                        .map(method -> new Operation(method.getKey(), path.getKey(), method.getValue())))
                .sorted(Comparator.<Operation>comparingInt(each -> METHODS.indexOf(each.method()))
                        .thenComparing(Operation::path));
    }

    @BeforeAll
    static void somebodyHasTrained() {
        for (var version : List.of("job-0@40", "job-1@40", "job-2@40")) {
            trained("assistant", version);
        }
        trained("poet", "rhyme-1@40");
        for (var checkpoint :
                List.of(Kafka.checkpoint("assistant", "job-1@40"), Kafka.checkpoint("poet", "rhyme-1@40"))) {
            Kafka.publish(Topics.CHECKPOINTS, checkpoint.adapter(), checkpoint);
        }
    }

    private static void trained(String adapter, String version) {
        var checkpoint = Kafka.checkpoint(adapter, version, List.of());
        var job = checkpoint.jobId().orElseThrow();
        Kafka.publish(Topics.EVENTS, job, new TrainingEvent.Succeeded(job, adapter, NOW, checkpoint, true, null));
    }

    @Test
    void everyRouteHasAnExample() {
        assertThat(operations()).hasSizeGreaterThan(35).allSatisfy(operation -> {
            int status = operation.status();
            assertThat(operation.hasParameters())
                    .as("%s: parameters", operation)
                    .isTrue();
            var body = operation.json().path("requestBody");
            if (!body.isMissingNode()) {
                assertThat(body.findValues("example"))
                        .as("%s: request", operation)
                        .isNotEmpty();
            }
            if (status != 204) {
                assertThat(operation.json().at("/responses/" + status).findValues("example"))
                        .as("%s: response", operation)
                        .isNotEmpty();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("operations")
    void isAnsweredAsTheDocumentSays(Operation operation) {
        prepare(operation);

        var answer = send(operation);

        assertThat(answer.status()).as("%s: %s", operation, answer.text()).isEqualTo(operation.status());
        remember(operation, answer);
    }

    /** What has to be so for the example to be one. */
    private static void prepare(Operation operation) {
        switch (operation.toString()) {
            case "POST /v1/adapters/{name}/canary" -> awaitAdapter("job-2@40");
            case "POST /v1/adapters/{name}/rollback", "POST /v1/adapters/{name}/promote" -> awaitAdapter("job-0@40");
            case "PATCH /v1/adapters/{name}/canary", "DELETE /v1/adapters/{name}/canary" ->
                Http.post("/v1/adapters/assistant/canary", "{\"version\": \"job-2@40\"}");
            case "POST /v1/adapters/{name}/canary/promote" ->
                assertThat(Http.get("/v1/adapters/assistant").json().has("canary"))
                        .isTrue();
            case "GET /v1/training/jobs/{job_id}/events" ->
                Kafka.publish(
                        Topics.EVENTS,
                        MADE.get("job-7f3a"),
                        new TrainingEvent.Cancelled(MADE.get("job-7f3a"), "greeting", NOW, 0, null));
            default -> {}
        }
    }

    private static void awaitAdapter(String version) {
        await().untilAsserted(() -> {
            var adapter = Http.get("/v1/adapters/assistant");
            assertThat(adapter.text()).contains(version);
            assertThat(adapter.json().path("version").asText()).isNotEmpty();
        });
        // one after the other, whatever was promoted before
        if (Http.get("/v1/adapters/assistant").json().path("version").asText().equals(version)) {
            Http.post("/v1/adapters/assistant/promote", "{\"version\": \"job-1@40\", \"force\": true}");
        }
    }

    private static Http.Answer send(Operation operation) {
        var request = Http.request(operation.url());
        var content = operation.json().at("/requestBody/content");
        if (content.has("multipart/form-data")) {
            return Http.send(request.header("content-type", "multipart/form-data; boundary=x")
                    .POST(BodyPublishers.ofByteArray(form(content.at("/multipart~1form-data/example")))));
        }
        var example = content.at("/application~1json/example");
        var json = example.isMissingNode() ? "{}" : example.toString();
        var body = operation.method().equals("get")
                ? BodyPublishers.noBody()
                : BodyPublishers.ofString(MADE.entrySet().stream()
                        .reduce(json, (text, made) -> text.replace(made.getKey(), made.getValue()), (a, _) -> a));
        request = request.header("content-type", "application/json")
                .method(operation.method().toUpperCase(Locale.ROOT), body);
        if (!operation.path().equals("/v1/training/check")) {
            return Http.send(request);
        }
        var sending = request;
        var waiting = CompletableFuture.supplyAsync(() -> Http.send(sending));
        answerCheck();
        return waiting.join();
    }

    /** As a trainer does. */
    private static void answerCheck() {
        var job = await().until(
                        () -> Http.get("/v1/training/jobs")
                                .json()
                                .path("jobs")
                                .valueStream()
                                .filter(each -> each.path("adapter").asText().equals("checked-shop"))
                                .map(each -> each.path("job_id").asText())
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
        var report = new DryRunReport(
                49,
                0,
                0,
                List.of(),
                List.of(),
                40,
                16,
                12_000,
                5_000,
                58,
                20_185_088,
                new DryRunReport.Memory(1, 2, 3, null, 8192, true),
                List.of(),
                List.of(),
                List.of());
        Kafka.publish(Topics.EVENTS, job, new TrainingEvent.Validated(job, "checked-shop", NOW, report));
    }

    private static byte[] form(JsonNode example) {
        var body = new ByteArrayOutputStream();
        example.properties().forEach(part -> {
            boolean file = part.getKey().equals("file");
            var disposition = "form-data; name=\"" + part.getKey() + "\"" + (file ? "; filename=\"example\"" : "");
            body.writeBytes(("--x\r\nContent-Disposition: " + disposition + "\r\n\r\n").getBytes(UTF_8));
            var text = part.getValue().asText();
            // a zip cannot stand in a document
            body.writeBytes(text.startsWith("(a zip") ? VersionFilesTest.adapter() : text.getBytes(UTF_8));
            body.writeBytes("\r\n".getBytes(UTF_8));
        });
        body.writeBytes("--x--\r\n".getBytes(UTF_8));
        return body.toByteArray();
    }

    private static void remember(Operation operation, Http.Answer answer) {
        switch (operation.toString()) {
            case "POST /v1/files" ->
                MADE.put("file-abc123", answer.json().path("id").asText());
            case "POST /v1/training/jobs" ->
                MADE.put("job-7f3a", answer.json().path("job_id").asText());
            case "POST /v1/fine_tuning/jobs" ->
                MADE.put("ftjob-abcdefghij012345", answer.json().path("id").asText());
            case "POST /v1/adapters/{name}/upload" ->
                MADE.put("upload-0123456789ab", answer.json().path("version").asText());
            default -> {}
        }
    }
}
