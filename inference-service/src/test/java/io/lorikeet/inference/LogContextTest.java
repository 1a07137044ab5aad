package io.lorikeet.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.GenerationRequest;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.generation.TokenListener;
import io.lorikeet.engine.generation.TokenLogprobs;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.CheckpointProducer;
import io.lorikeet.inference.testing.Checkpoints;
import io.lorikeet.inference.testing.Service;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.MDC;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What lines are about that are logged on threads which serve everybody: the engine's and those that load adapters. */
@QuarkusTest
@QuarkusTestResource(Broker.class)
class LogContextTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    @Inject
    InferenceEngine engine;

    private final Logger root = Logger.getLogger("io.lorikeet");
    private final Lines lines = new Lines();

    /** Keeps what is logged with its context. */
    private static final class Lines extends Handler {
        private static final Formatter MESSAGE = new PatternFormatter("%s");

        record Line(String message, Map<String, String> context) {}

        final List<Line> all = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord line) {
            var extended = ExtLogRecord.wrap(line);
            all.add(new Line(MESSAGE.format(extended), extended.getMdcCopy()));
        }

        List<Line> with(String words) {
            return all.stream().filter(line -> line.message().contains(words)).toList();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** Fails when it begins. */
    private record Failing() implements TokenListener {
        @Override
        public void started(Optional<AdapterVersion> adapter) {
            throw new IllegalStateException("a listener of this test");
        }

        @Override
        public void delta(String text, List<TokenLogprobs> logprobs) {}

        @Override
        public void finished(GenerationResult result) {}

        @Override
        public void failed(EngineException error) {}
    }

    @BeforeEach
    void listen() {
        root.addHandler(lines);
    }

    /** What is served here is served to the classes after this one, too. */
    @AfterEach
    void retire() {
        try (var topic = new CheckpointProducer(bootstrapServers)) {
            topic.publish("logged", null);
        }
        await().atMost(PATIENCE).until(() -> Service.adapters("logged").isEmpty());
    }

    @AfterEach
    void stopListening() {
        root.removeHandler(lines);
        MDC.clear();
    }

    @Test
    void theEnginesLinesAreAboutTheRequestThatTheyAreAboutAndNoOther() {
        serve("logged", "v1", 1);

        submit("logged", "first");
        await().atMost(PATIENCE).until(() -> lines.with("a listener failed").size() == 1);
        submit("logged", "second");
        await().atMost(PATIENCE).until(() -> lines.with("a listener failed").size() == 2);
        MDC.remove("request_id");
        engine.submit(request("logged"), new Failing());
        await().atMost(PATIENCE).until(() -> lines.with("a listener failed").size() == 3);

        assertThat(lines.with("a listener failed"))
                .extracting(Lines.Line::context)
                .containsExactly(
                        Map.of("request_id", "first", "adapter", "logged", "version", "v1"),
                        Map.of("request_id", "second", "adapter", "logged", "version", "v1"),
                        Map.of("adapter", "logged", "version", "v1"));
    }

    @Test
    void aSwapsLinesAreAboutItsVersion() {
        serve("swapped", "v1", 2);
        try (var topic = new CheckpointProducer(bootstrapServers)) {
            topic.publish(Checkpoints.withoutChecksums(Checkpoints.write("swapped", "v2", 3)));
            await().atMost(PATIENCE)
                    .until(() -> !lines.with("swapped: version v2 rejected").isEmpty());
            topic.publish("swapped", null);
            await().atMost(PATIENCE).until(() -> !lines.with("swapped: retired").isEmpty());
        }

        assertThat(lines.with("adapter swapped:"))
                .extracting(Lines.Line::context)
                .containsExactly(
                        Map.of("adapter", "swapped", "version", "v1"),
                        Map.of("adapter", "swapped", "version", "v2"),
                        Map.of("adapter", "swapped"));
    }

    private void serve(String adapter, String version, long seed) {
        try (var topic = new CheckpointProducer(bootstrapServers)) {
            topic.publish(Checkpoints.write(adapter, version, seed));
        }
        await().atMost(PATIENCE).until(() -> Service.serving(adapter).equals(Optional.of(version)));
    }

    private void submit(String adapter, String requestId) {
        MDC.put("request_id", requestId);
        engine.submit(request(adapter), new Failing());
    }

    private static GenerationRequest request(String adapter) {
        return GenerationRequest.chat(
                "test", List.of(ChatMessage.user(Service.QUESTION)), Optional.of(adapter), SamplingParams.greedy(8));
    }
}
