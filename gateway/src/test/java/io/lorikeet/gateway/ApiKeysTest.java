package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.keys.Quota;
import io.lorikeet.contracts.keys.Role;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway that asks for keys. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
@WithTestResource(KeyResource.class)
class ApiKeysTest {
    private static final String ASK = "{\"question\": \"hi\"}";
    private static final String CHAT =
            "{\"model\": \"%s\", \"stream\": %s, \"messages\": [{\"role\": \"user\", \"content\": \"hello\"}]}";
    private static final String JOB = "{\"job_id\": \"%s\", \"adapter\": \"%s\", \"dataset\": [\"d.json\"]}";

    @BeforeEach
    void servesAnAdapter() {
        Kafka.publish(Topics.CHECKPOINTS, "assistant", Kafka.checkpoint("assistant", "job@1"));
        var admin = key(Role.ADMIN);
        await().until(() -> get("/v1/adapters/assistant", admin).status() == 200);
    }

    /** What everybody may read begins otherwise, however a path is written. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "//v1/adapters",
                "/./v1/adapters",
                "/docs/../v1/adapters",
                "/docs/%2e%2e/v1/adapters",
                "/console/..//v1/adapters",
                "/v1/adapters;x=/docs",
                "/docs/..;/v1/adapters",
                "/%2fv1/adapters"
            })
    void noSpellingOfAPathGoesWithoutAKey(String path) {
        var answer = Http.raw("GET %s HTTP/1.1\nHost: localhost\nConnection: close\n\n".formatted(path));

        assertThat(answer.body()).doesNotContain("\"adapters\"");
        assertThat(answer.status()).isIn(401, 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ask", "/v1/chat/completions", "/v1/training/jobs", "/v1/nowhere", "/nowhere"})
    void whoHasNoKeyIsToldSoInTheShapeOfThePath(String path) {
        var none = Http.post(path, "{}");
        var wrong = post(path, "{}", "lk_0123456789ab_" + "x".repeat(43));

        for (var answer : List.of(none, wrong)) {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.type())
                    .startsWith(path.startsWith("/v1") ? "application/json" : "application/problem+json");
            assertThat(answer.text()).contains("Authorization: Bearer KEY");
        }
        assertThat(none.header("www-authenticate")).isEqualTo("Bearer realm=\"lorikeet\"");
        assertThat(wrong.header("www-authenticate")).contains("error=\"invalid_token\"");
    }

    @Test
    void documentsAndErrorsOfHttpNeedNoKey() {
        assertThat(Http.get("/q/openapi").status()).isEqualTo(200);
        assertThat(Http.get("/q/openapi").text()).contains("securitySchemes", "bearer");
        assertThat(Http.get("/schemas/training-command.json").status()).isEqualTo(200);
    }

    @Test
    void aRoleOpensItsRoutesAndNoOthers() {
        var ask = key(Role.ASK);
        var train = key(Role.TRAIN);
        var admin = key(Role.ADMIN);

        assertThat(post("/ask", ASK, ask).status()).isEqualTo(200);
        assertThat(post("/ask", ASK, admin).status()).isEqualTo(200);
        assertThat(get("/v1/training/jobs", train).status()).isEqualTo(200);
        assertThat(get("/v1/adapters", train).status()).isEqualTo(200);
        assertThat(get("/v1/adapters", ask).status()).isEqualTo(200);
        var refused = post("/ask", ASK, train);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.type()).startsWith("application/problem+json");
        assertThat(refused.text()).contains("is for train, and this needs ask");
        assertThat(refused.header("www-authenticate")).contains("insufficient_scope");
        assertThat(get("/v1/training/jobs", ask).status()).isEqualTo(403);
        for (var key : List.of(ask, train)) {
            var rollback = post("/v1/adapters/assistant/rollback", "{}", key);
            assertThat(rollback.status()).isEqualTo(403);
            assertThat(rollback.json().at("/error/type").asText()).isEqualTo("permission_error");
        }
    }

    @Test
    void aKeyWithAdaptersAsksAndTrainsThoseAlone() {
        var key = KeyResource.issue(
                "limited", Set.of(Role.ASK, Role.TRAIN, Role.ADMIN), Set.of("assistant", "mine"), Quota.NONE);
        awaitKnown(key);

        assertThat(post("/v1/chat/completions", CHAT.formatted("assistant", false), key)
                        .status())
                .isEqualTo(200);
        assertThat(post("/ask", "{\"question\": \"hi\", \"adapter\": \"assistant\"}", key)
                        .status())
                .isEqualTo(200);
        for (var refused : List.of(
                post("/v1/chat/completions", CHAT.formatted("fledgling", false), key),
                post("/ask", "{\"question\": \"hi\", \"adapter\": \"other\"}", key),
                post("/v1/training/jobs", JOB.formatted("not-mine", "other"), key),
                Http.send(Http.request("/v1/adapters/assistant").DELETE().header("authorization", "Bearer none")))) {
            assertThat(refused.status()).isIn(403, 401);
        }
        assertThat(Kafka.read(Topics.COMMANDS, "not-mine")).isEmpty();
        assertThat(post("/v1/training/jobs", JOB.formatted("mine-1", "mine"), key)
                        .status())
                .isEqualTo(202);
    }

    @Test
    void keysComeAndGoWithoutARestart() throws Exception {
        var key = key(Role.ASK);
        assertThat(post("/ask", ASK, key).status()).isEqualTo(200);

        KeyResource.revoke(key);
        await().atMost(Duration.ofSeconds(5)).until(() -> post("/ask", ASK, key).status() == 401);

        var other = key(Role.ASK);
        Files.writeString(KeyResource.file(), "not keys");
        Thread.sleep(1_100);
        assertThat(post("/ask", ASK, other).status())
                .as("a file that cannot be read changes nothing")
                .isEqualTo(200);
        awaitKnown(key(Role.ASK));
    }

    @Test
    void aJobSaysWhoHasAskedForIt() {
        var key = KeyResource.issue("build-server", Set.of(Role.TRAIN), Set.of(), Quota.NONE);
        awaitKnown(key);

        var job = post("/v1/training/jobs", JOB.formatted("whose", "other"), key);

        assertThat(job.status()).isEqualTo(202);
        assertThat(job.json().at("/queued/requested_by").asText()).isEqualTo("build-server");
        var told = Kafka.read(Topics.EVENTS, "whose").getFirst().value();
        assertThat(Json.parse(told, "event").path("requested_by").asText()).isEqualTo("build-server");
    }

    @Test
    void theInferenceServiceIsToldTheSecretAndNotTheKey() {
        assertThat(post("/ask", ASK, key(Role.ASK)).status()).isEqualTo(200);

        assertThat(InferenceResource.AUTHORIZATIONS.getLast()).isEqualTo("Bearer " + KeyResource.SECRET);
    }

    @Test
    void requestsBeyondTheQuotaWait() {
        var key = KeyResource.issue("often", Set.of(Role.ASK), Set.of(), new Quota(3, null, null));
        var other = key(Role.ASK);
        await().until(() -> get("/v1/models", key).status() != 401);

        var answers =
                List.of(get("/v1/models", key), get("/v1/models", key), get("/v1/models", key), get("/v1/models", key));

        var refused = answers.getLast();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.json().at("/error/code").asText()).isEqualTo("rate_limit_exceeded");
        assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(1, 60);
        assertThat(get("/v1/models", other).status()).isEqualTo(200);
    }

    /** A stub's answer says 8 tokens, whatever it is. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tokensBeyondTheQuotaWait(boolean stream) {
        var key = KeyResource.issue("much", Set.of(Role.ASK), Set.of(), new Quota(null, 15, null));
        awaitKnown(key);

        var first = post("/v1/chat/completions", CHAT.formatted("fledgling", stream), key);
        var second = post("/v1/chat/completions", CHAT.formatted("fledgling", stream), key);
        var third = post("/v1/chat/completions", CHAT.formatted("fledgling", stream), key);

        assertThat(first.status()).isEqualTo(200);
        assertThat(second.status()).isEqualTo(200);
        assertThat(third.status()).isEqualTo(429);
        assertThat(third.text()).contains("15 tokens a minute");
        assertThat(third.header("retry-after")).isNotNull();
        assertThat(post("/ask", ASK, key).status()).isEqualTo(429);
    }

    @Test
    void moreJobsThanTheQuotaWait() {
        var key = KeyResource.issue("eager", Set.of(Role.TRAIN), Set.of(), new Quota(null, null, 1));
        awaitKnown(key);

        assertThat(post("/v1/training/jobs", JOB.formatted("eager-1", "a"), key).status())
                .isEqualTo(202);
        var second = post("/v1/training/jobs", JOB.formatted("eager-2", "a"), key);

        assertThat(second.status()).isEqualTo(429);
        assertThat(second.header("retry-after")).isNotNull();
        assertThat(post("/v1/training/jobs", JOB.formatted("eager-1", "a"), key).status())
                .as("the same again is no other job")
                .isEqualTo(200);
        assertThat(Kafka.read(Topics.COMMANDS, "eager-2")).isEmpty();
    }

    private static String key(Role role) {
        var key = KeyResource.issue("a-" + role, Set.of(role), Set.of(), Quota.NONE);
        awaitKnown(key);
        return key;
    }

    private static void awaitKnown(String key) {
        await().atMost(Duration.ofSeconds(5))
                .until(() -> get("/v1/adapters", key).status() != 401);
    }

    private static Http.Answer get(String path, String key) {
        return Http.send(Http.request(path).header("authorization", "Bearer " + key));
    }

    private static Http.Answer post(String path, String json, String key) {
        return Http.send(Http.request(path)
                .header("content-type", "application/json")
                .header("authorization", "Bearer " + key)
                .POST(BodyPublishers.ofString(json)));
    }
}
