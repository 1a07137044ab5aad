package io.lorikeet.gateway;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.gateway.kafka.Replay;
import io.lorikeet.gateway.kafka.TopicProgress;
import io.lorikeet.gateway.training.Jobs;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/** Brings what is on the topics to those who know it for HTTP. A record that nobody can read is logged and left out. */
@ApplicationScoped
public class TopicReader {
    private static final Logger LOG = Logger.getLogger(TopicReader.class);

    private final Replay replay;
    private final Jobs jobs;
    private final AdapterCatalog adapters;

    TopicReader(Replay replay, Jobs jobs, AdapterCatalog adapters) {
        this.replay = replay;
        this.jobs = jobs;
        this.adapters = adapters;
    }

    @Incoming("events-in")
    void event(ConsumerRecord<String, byte[]> message) {
        take(message, replay.events(), () -> {
            var event = Json.read(message.value(), TrainingEvent.class);
            if (event instanceof TrainingEvent.Succeeded succeeded) {
                adapters.trained(succeeded);
            }
            jobs.take(event);
        });
    }

    @Incoming("checkpoints-in")
    void checkpoint(ConsumerRecord<String, byte[]> message) {
        take(message, replay.checkpoints(), () -> {
            if (message.value() == null) {
                adapters.retired(message.key());
            } else {
                adapters.served(Json.read(message.value(), CheckpointEvent.class));
            }
        });
    }

    private static void take(ConsumerRecord<String, byte[]> message, TopicProgress progress, Runnable reading) {
        try {
            reading.run();
        } catch (ContractException e) {
            LOG.warnf(
                    "%s-%d@%d is left out: %s", message.topic(), message.partition(), message.offset(), e.getMessage());
        } finally {
            progress.read(new TopicPartition(message.topic(), message.partition()), message.offset());
        }
    }
}
