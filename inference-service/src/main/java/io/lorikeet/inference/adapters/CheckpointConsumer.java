package io.lorikeet.inference.adapters;

import io.lorikeet.inference.ServedModel;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.reactive.messaging.kafka.KafkaClientService;
import io.smallrye.reactive.messaging.kafka.KafkaConsumer;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/** Reads the whole checkpoint topic at each start, then what comes; the topic is the list of what is served. */
@ApplicationScoped
public class CheckpointConsumer {
    private static final Logger LOG = Logger.getLogger(CheckpointConsumer.class);
    private static final Duration BROKER_RETRY = Duration.ofSeconds(1);

    private final KafkaClientService kafka;
    private final CheckpointTopic topic;
    private final CheckpointReader reader;
    private final CheckpointReplay replay;
    private volatile boolean stopped;
    private volatile String trouble;

    @Inject
    CheckpointConsumer(
            @Identifier("default-kafka-broker") Map<String, Object> connection,
            KafkaClientService kafka,
            CheckpointReplay replay,
            ServedModel base) {
        this.kafka = kafka;
        this.topic = new CheckpointTopic(connection);
        this.reader = new CheckpointReader(base.id());
        this.replay = replay;
    }

    /** Records of the topic that were not fetched yet; empty until the broker has said. */
    public OptionalLong lag() {
        try {
            KafkaConsumer<String, byte[]> consumer = kafka.getConsumer("checkpoints");
            Function<Consumer<String, byte[]>, OptionalLong> lag = c -> c.currentLag(CheckpointTopic.PARTITION);
            return consumer == null
                    ? OptionalLong.empty()
                    : consumer.runOnPollingThread(lag).await().atMost(BROKER_RETRY);
        } catch (IllegalStateException | TimeoutException e) {
            return OptionalLong.empty(); // not assigned yet, or busy
        }
    }

    /** Why the topic cannot be replayed; null if it can. */
    public String trouble() {
        return trouble;
    }

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("checkpoint-replay").start(this::findEnd);
    }

    private void findEnd() {
        while (!stopped) {
            try {
                topic.require();
                replay.endsWith(topic.lastOffset());
                trouble = null;
                return;
            } catch (InterruptedException e) {
                return;
            } catch (Exception e) {
                var cause = e.getCause() == null ? e : e.getCause();
                if (trouble == null) {
                    LOG.errorf("the checkpoint topic cannot be replayed, trying on: %s", cause.getMessage());
                }
                trouble = cause.getMessage();
            }
            try {
                Thread.sleep(BROKER_RETRY);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    @Incoming("checkpoints")
    void consume(ConsumerRecord<String, byte[]> checkpoint) {
        replay.accept(checkpoint.offset(), reader.read(checkpoint.key(), checkpoint.value()));
    }

    @PreDestroy
    void stop() {
        stopped = true;
    }
}
