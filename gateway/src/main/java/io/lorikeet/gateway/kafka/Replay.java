package io.lorikeet.gateway.kafka;

import io.lorikeet.contracts.Topics;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;

/** Everything that the gateway knows it reads again at each start; until it has, it is not ready. */
@ApplicationScoped
public class Replay {
    private static final Logger LOG = Logger.getLogger(Replay.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final TopicProgress events = new TopicProgress(Topics.EVENTS);
    private final TopicProgress checkpoints = new TopicProgress(Topics.CHECKPOINTS);
    private final Map<String, Object> connection;
    private volatile Thread search;

    Replay(@Identifier("default-kafka-broker") Map<String, Object> connection) {
        this.connection = connection;
    }

    /** Of {@link Topics#EVENTS}. */
    public TopicProgress events() {
        return events;
    }

    /** Of {@link Topics#CHECKPOINTS}. */
    public TopicProgress checkpoints() {
        return checkpoints;
    }

    void start(@Observes StartupEvent event) {
        search = Thread.ofVirtual().name("replay-ends").start(this::findEnds);
    }

    void stop(@Observes ShutdownEvent event) {
        search.interrupt();
    }

    /** Keeps trying: a broker or a topic may come later than the gateway. */
    private void findEnds() {
        var open = new ArrayList<>(List.of(events, checkpoints));
        while (!open.isEmpty() && !Thread.currentThread().isInterrupted()) {
            try (var consumer =
                    new KafkaConsumer<>(settings(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                var ends = new TopicEnds(consumer);
                open.removeIf(progress -> findEnd(progress, ends));
            } catch (org.apache.kafka.common.errors.InterruptException e) {
                return;
            } catch (KafkaException e) {
                open.forEach(progress -> progress.trouble("no broker answers at "
                        + connection.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG) + ": " + e.getMessage()));
            }
            if (!open.isEmpty() && !pause()) {
                return;
            }
        }
    }

    private static boolean findEnd(TopicProgress progress, TopicEnds ends) {
        var partitions = ends.partitions(progress.topic());
        if (partitions.isEmpty()) {
            progress.trouble(
                    "the topic does not exist; `./lorikeet up` creates it, or kafka-topics.sh --create --topic "
                            + progress.topic());
            return false;
        }
        var last = ends.lastRecords(partitions);
        LOG.infof("%s: reading %d partitions, %d of them not empty", progress.topic(), partitions.size(), last.size());
        progress.startedAt(last);
        return true;
    }

    private static boolean pause() {
        try {
            Thread.sleep(RETRY);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private Map<String, Object> settings() {
        var settings = new HashMap<>(connection);
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, "gateway-replay");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        return settings;
    }
}
