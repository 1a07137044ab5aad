package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.Topics;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A gateway that is up before the topics and the inference service are, and outlives the broker. */
@QuarkusTest
@TestProfile(LateTopicsTest.NothingElseIsUp.class)
@WithTestResource(value = BrokerResource.class, initArgs = @ResourceArg(name = "topics", value = "none"))
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LateTopicsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    public static class NothingElseIsUp implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "lorikeet.inference-url", "http://localhost:1",
                    "mp.messaging.outgoing.commands-out.max.block.ms", "1000",
                    "mp.messaging.outgoing.commands-out.delivery.timeout.ms", "2000",
                    "mp.messaging.outgoing.commands-out.request.timeout.ms", "1000",
                    "lorikeet.publish-timeout", "4s");
        }
    }

    @Test
    @Order(1)
    void isNotReadyWhileTopicsAreMissingAndSaysWhich() {
        await().atMost(PATIENCE).untilAsserted(() -> {
            var health = Http.management("/q/health/ready");
            assertThat(health.status()).isEqualTo(503);
            assertThat(health.text()).contains(Topics.EVENTS + "\": \"the topic does not exist");
        });
        assertThat(Http.management("/q/health/live").status()).isEqualTo(200);
    }

    @Test
    @Order(2)
    void refusesAJobWhileTopicsAreMissing() {
        var answer = Http.post("/v1/training/jobs", "{\"adapter\": \"a\", \"dataset\": [\"d.json\"]}");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("retry-after")).isEqualTo("5");
        assertThat(answer.json().at("/error/message").asText()).contains("did not acknowledge", Topics.COMMANDS);
    }

    @Test
    @Order(3)
    void saysThatTheInferenceServiceIsAway() {
        var ask = Http.post("/ask", "{\"question\": \"q\"}");
        assertThat(ask.status()).isEqualTo(502);
        assertThat(ask.type()).startsWith("application/problem+json");
        assertThat(ask.json().path("detail").asText()).contains("the inference service at 127.0.0.1:1 does not answer");

        var chat = Http.post("/v1/chat/completions", "{}");
        // a replica that has failed that often is not asked for a moment
        assertThat(chat.status()).isIn(502, 503);
        assertThat(chat.json().at("/error/message").asText()).contains("the inference service at 127.0.0.1:1");
    }

    @Test
    @Order(4)
    void becomesReadyWhenTheTopicsAppear() {
        BrokerResource.running().createTopics();
        Kafka.publish(Topics.CHECKPOINTS, "late", Kafka.checkpoint("late", "job@1"));

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(Http.management("/q/health/ready").status()).isEqualTo(200));
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(Http.get("/v1/adapters/late").status()).isEqualTo(200));
    }

    @Test
    @Order(5)
    void takesJobsAgainAfterTheBrokerWasAway() {
        BrokerResource.running().halt();
        await().atMost(PATIENCE).untilAsserted(() -> {
            var health = Http.management("/q/health/ready");
            assertThat(health.text()).contains("has not answered for");
            assertThat(health.status()).as("who asks has no need of it").isEqualTo(200);
        });
        var away = Http.post("/v1/training/jobs", "{\"job_id\": \"j\", \"adapter\": \"a\", \"dataset\": [\"d.json\"]}");
        assertThat(away.status()).isEqualTo(503);

        BrokerResource.running().run();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Http.post(
                                "/v1/training/jobs",
                                "{\"job_id\": \"j\", \"adapter\": \"a\", \"dataset\": [\"d.json\"]}")
                        .status())
                .isIn(200, 202));
        assertThat(Kafka.read(Topics.COMMANDS, "j")).isNotEmpty();
    }
}
