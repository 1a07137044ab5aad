package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.Topics;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class DocumentsTest {
    @Test
    void swaggerUiIsAtDocs() {
        assertThat(Http.get("/docs/").text()).contains("swagger-ui");
    }

    @Test
    void theConsoleIsAtTheRootAndItsLibrariesAreWhereItSays() {
        var page = Http.get("/");

        assertThat(page.type()).startsWith("text/html");
        assertThat(page.header("Content-Security-Policy"))
                .contains("script-src 'self' 'sha256-")
                .doesNotContain("unsafe");
        assertThat(page.header("Cache-Control")).isEqualTo("no-cache");
        var files = Pattern.compile("\"(/[^\"]+[^/\"])\"")
                .matcher(page.text())
                .results()
                .map(file -> file.group(1));
        assertThat(files)
                .hasSizeGreaterThan(10)
                .allSatisfy(file -> assertThat(Http.get(file).status()).as(file).isEqualTo(200));
    }

    @Test
    void everyRouteIsInTheOpenApiDocument() {
        var document = Http.get("/q/openapi?format=json").json();

        assertThat(document.path("paths").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "/ask",
                        "/v1/chat/completions",
                        "/v1/completions",
                        "/v1/responses",
                        "/v1/files",
                        "/v1/files/{file_id}",
                        "/v1/files/{file_id}/content",
                        "/v1/fine_tuning/jobs",
                        "/v1/fine_tuning/jobs/{job_id}",
                        "/v1/fine_tuning/jobs/{job_id}/events",
                        "/v1/fine_tuning/jobs/{job_id}/checkpoints",
                        "/v1/fine_tuning/jobs/{job_id}/cancel",
                        "/v1/models",
                        "/v1/models/{model}",
                        "/v1/training/jobs",
                        "/v1/training/jobs/{job_id}",
                        "/v1/training/jobs/{job_id}/events",
                        "/v1/training/jobs/{job_id}/cancel",
                        "/v1/adapters",
                        "/v1/adapters/{name}",
                        "/v1/adapters/{name}/rollback",
                        "/v1/adapters/{name}/promote",
                        "/v1/adapters/{name}/canary",
                        "/v1/adapters/{name}/canary/promote",
                        "/v1/adapters/{name}/upload",
                        "/v1/adapters/{name}/versions/{version}",
                        "/v1/adapters/{name}/versions/{version}/download",
                        "/v1/adapters/{name}/evaluate",
                        "/v1/replicas",
                        "/v1/overview",
                        "/v1/training/check",
                        "/asyncapi",
                        "/schemas/{name}");
        assertThat(document.at("/components/schemas/AskRequest/properties").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "question", "adapter", "version", "system", "max_new_tokens", "temperature", "user", "stream");
    }

    @Test
    void theSchemaOfTheTrainingCommandIsLinkedAndServed() {
        var document = Http.get("/q/openapi?format=json").json();
        var ref = document.at("/paths/~1v1~1training~1jobs/post/requestBody/content/application~1json/schema/$ref");

        assertThat(Http.get(ref.asText()).json().at("/$defs/train/properties").has("lora_rank"))
                .isTrue();
        assertThat(Http.get("/schemas/passwd").status()).isEqualTo(404);
    }

    @Test
    void theMessagesOnKafkaAreAnAsyncApiDocumentWhoseSchemasAreServed() {
        var document = Http.get("/asyncapi").json();

        assertThat(document.path("asyncapi").asText()).isEqualTo("3.0.0");
        assertThat(document.path("channels").findValuesAsText("address")).contains(Topics.COMMANDS, Topics.EVENTS);
        var schemas = document.findValuesAsText("$ref").stream()
                .filter(ref -> !ref.startsWith("#"))
                .toList();
        assertThat(schemas).hasSize(4).allSatisfy(schema -> assertThat(
                        Http.get(schema).json().path("$schema").asText())
                .as(schema)
                .contains("2020-12"));
    }

    @Test
    void isReadyOnceTheTopicsAreReplayed() {
        await().untilAsserted(() ->
                assertThat(Http.management("/q/health/ready").status()).isEqualTo(200));
        assertThat(Http.management("/q/health").text())
                .contains("topics replayed", "lorikeet.training.events", "records read");
    }

    @Test
    void countsJobsForPrometheus() {
        assertThat(Http.management("/q/metrics").text()).contains("lorikeet_training_jobs{status=\"queued\"}");
    }
}
