package io.lorikeet.inference.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.Service;
import io.lorikeet.inference.testing.TestModel;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** Requests that take longer than a request may. */
@QuarkusTest
@TestProfile(DeadlineTest.Impatient.class)
class DeadlineTest {
    /** A service with little patience that answers one after the other. */
    public static class Impatient implements QuarkusTestProfile {
        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(ImpatientBroker.class));
        }

        @Override
        public boolean disableGlobalTestResources() {
            return true;
        }
    }

    /** Its settings. */
    public static class ImpatientBroker extends Broker {
        @Override
        public Map<String, String> start() {
            var settings = new HashMap<>(super.start());
            settings.put("lorikeet.max-num-seqs", "1");
            settings.put("lorikeet.request-timeout", "300ms");
            return settings;
        }
    }

    private static Map<String, Object> long16(boolean stream) {
        var body = new HashMap<>(Service.question(TestModel.ID, 190));
        body.put("n", 16);
        body.put("stream", stream);
        return body;
    }

    @Test
    void isAnsweredWith504AndTakesNoPlaceAnyMore() {
        var reply = Service.chat(long16(false));

        assertThat(reply.status()).as(reply.text()).isEqualTo(504);
        assertThat(reply.json().at("/error/code").asText()).isEqualTo("timeout");
        assertThat(reply.json().at("/error/message").asText()).contains("300 ms");
        await().atMost(Duration.ofSeconds(5))
                .until(() -> Service.metric("lorikeet_num_requests_running") == 0
                        && Service.metric("lorikeet_num_requests_waiting") == 0);
        assertThat(Service.metric("lorikeet_requests_refused_total{adapter=\"\",reason=\"deadline\"}"))
                .isPositive();
    }

    @Test
    void endsAStreamWithAnErrorEventAndABrokenConnection() {
        var read = new ArrayList<String>();
        try (var stream = Service.open(long16(true))) {
            assertThatThrownBy(() -> {
                        for (var line = stream.readLine(); line != null; line = stream.readLine()) {
                            read.add(line);
                        }
                    })
                    .isInstanceOf(IOException.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }

        assertThat(read).contains("event: error").noneMatch(line -> line.contains("[DONE]"));
        assertThat(read).last(InstanceOfAssertFactories.STRING).isEmpty();
        assertThat(read.get(read.size() - 2)).startsWith("data: {\"error\":").contains("\"timeout\"");
    }

    @Test
    void tellsAnOverfullQueueWhenToComeBack() {
        var body = new HashMap<>(Service.question(TestModel.ID, 190));
        body.put("n", 17);

        var reply = Service.chat(body);

        assertThat(reply.status()).as("16 may wait").isEqualTo(429);
        assertThat(reply.headers().firstValueAsLong("Retry-After").orElseThrow())
                .isBetween(1L, 60L);
    }
}
