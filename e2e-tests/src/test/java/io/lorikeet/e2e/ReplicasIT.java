package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What replicas make of checkpoint events. */
@ExtendWith(SharedStack.Resolver.class)
@Timeout(value = 5, unit = MINUTES)
class ReplicasIT {

    private static final String QUESTION = "你是谁?";

    @Test
    void aReplicaStartedLaterServesTheAdapterToo(SharedStack shared) {
        CheckpointEvent checkpoint = shared.train(QuickJob.of(SharedStack.unique("replayed")));
        Inference.Answer first = shared.inference().ask(checkpoint.adapter(), QUESTION);
        assertThat(first.adapter()).isEqualTo(checkpoint.adapter());
        assertThat(first.version()).isEqualTo(checkpoint.version());

        List<Integer> ports = PortPlan.free(2);
        ManagedProcess second = shared.stack().startInference("inference-2", ports.get(0), ports.get(1));
        try {
            assertThat(new Inference(ports.get(0)).ask(checkpoint.adapter(), QUESTION))
                    .isEqualTo(first);
        } finally {
            shared.stack().stop(second);
        }
    }

    @Test
    void refusesACheckpointWhoseFileWasAlteredAndGoesOnAnsweringWithTheOldVersion(SharedStack shared)
            throws IOException {
        CheckpointEvent good = shared.train(QuickJob.of(SharedStack.unique("altered")));
        Inference.Answer before = shared.inference().ask(good.adapter(), QUESTION);
        CheckpointEvent altered = alteredCopy(shared, good);

        shared.topic(Topics.CHECKPOINTS).publish(altered.adapter(), Json.write(altered));

        Await.until(
                "the replica has judged " + altered.version(),
                () -> shared.inference().rejections(good.adapter()).containsKey(altered.version()));
        assertThat(shared.inference().rejections(good.adapter()).get(altered.version()))
                .contains("adapter_model.safetensors", "SHA-256");
        assertThat(shared.inference().ask(good.adapter(), QUESTION)).isEqualTo(before);
        assertThat(before.version()).isEqualTo(good.version());
        Await.until(
                "the gateway shows what was asked for, and that the replica serves another version",
                () -> shared.gateway().adapters().stream()
                        .filter(adapter -> adapter.path("name").asText().equals(good.adapter()))
                        .filter(adapter -> adapter.path("version").asText().equals(altered.version()))
                        .flatMap(adapter -> adapter.findValues("refused").stream())
                        .anyMatch(refused -> refused.path("version").asText().equals(altered.version())));
    }

    @Test
    void answersOfTheBaseNameNoAdapter(SharedStack shared) {
        Inference.Answer answer = shared.inference().ask(shared.gateway().baseModel(), QUESTION);

        assertThat(answer.text()).isNotBlank();
        assertThat(answer.adapter()).isNull();
        assertThat(answer.version()).isNull();
    }

    /** The same files as a version of their own, with one bit of one weight turned after their checksums were taken. */
    private static CheckpointEvent alteredCopy(SharedStack shared, CheckpointEvent good) throws IOException {
        Path from = Path.of(good.uri());
        Path to = shared.stack().options().adapters().resolve(good.adapter()).resolve("altered");
        Files.createDirectories(to);
        for (CheckpointFile file : good.files()) {
            Files.copy(from.resolve(file.name()), to.resolve(file.name()));
        }
        try (var weights =
                new RandomAccessFile(to.resolve("adapter_model.safetensors").toFile(), "rw")) {
            weights.seek(weights.length() - 2);
            int last = weights.read();
            weights.seek(weights.length() - 2);
            weights.write(last ^ 1);
        }
        URI uri = to.toUri();
        return new CheckpointEvent(
                good.adapter(),
                CheckpointEvent.version(SharedStack.unique("altered"), 1),
                uri,
                good.files(),
                good.baseModel(),
                good.r(),
                good.loraAlpha(),
                good.useRslora(),
                good.targetModules(),
                good.system(),
                good.acceptance(),
                good.training(),
                Instant.now());
    }
}
