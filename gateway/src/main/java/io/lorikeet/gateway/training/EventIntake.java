package io.lorikeet.gateway.training;

import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.messaging.RecordHandler;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/** Takes the events in, from where the {@link StateFile} ends, and writes that anew now and then. */
@ApplicationScoped
public class EventIntake implements RecordHandler {
    /** So often at most, and only if something has come. */
    private static final Duration SAVING = Duration.ofMinutes(1);

    private final Jobs jobs;
    private final AdapterCatalog adapters;
    private final StateFile file;
    private final Map<String, Object> connection;

    // of the thread that reads the topic
    private String topic;
    private long saved;

    EventIntake(
            Jobs jobs,
            AdapterCatalog adapters,
            StateFile file,
            @Identifier("default-kafka-broker") Map<String, Object> connection) {
        this.jobs = jobs;
        this.adapters = adapters;
        this.file = file;
        this.connection = connection;
    }

    @Override
    public Map<TopicPartition, Long> begin(Map<TopicPartition, Long> ends) {
        saved = System.nanoTime();
        if (!file.isKept()) {
            return Map.of();
        }
        topic = topicId();
        var byNumber = new HashMap<Integer, Long>();
        ends.forEach((partition, end) -> byNumber.put(partition.partition(), end));
        var next = new HashMap<TopicPartition, Long>();
        file.restore(topic, byNumber).forEach((number, at) -> next.put(Place.partition(number), at));
        return next;
    }

    private String topicId() {
        try (var admin = Admin.create(connection)) {
            return admin.describeTopics(List.of(Topics.EVENTS))
                    .allTopicNames()
                    .get()
                    .get(Topics.EVENTS)
                    .topicId()
                    .toString();
        } catch (ExecutionException e) {
            throw new KafkaException("the id of " + Topics.EVENTS + " is not known: " + e.getCause(), e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public void record(ConsumerRecord<byte[], byte[]> record) {
        prepare(record).run();
    }

    @Override
    public Runnable prepare(ConsumerRecord<byte[], byte[]> record) {
        var event = Json.read(record.value(), TrainingEvent.class);
        return () -> take(new Located(event, Place.of(record), record.value().length));
    }

    @Override
    public Set<ConsumerRecord<byte[], byte[]>> superseded(List<ConsumerRecord<byte[], byte[]>> records) {
        return SupersededProgress.among(records);
    }

    @Override
    public void passed(ConsumerRecord<byte[], byte[]> record) {
        if (!jobs.passes(SupersededProgress.jobId(record), SupersededProgress.adapter(record), Place.of(record))) {
            record(record);
        }
    }

    private void take(Located next) {
        if (next.event() instanceof TrainingEvent.Succeeded succeeded) {
            adapters.trained(succeeded);
        }
        jobs.take(next);
        if (System.nanoTime() - saved > SAVING.toNanos()) {
            save();
        }
    }

    @Override
    public void replayed() {
        save();
    }

    @Override
    public void stopped() {
        save();
    }

    private void save() {
        if (topic != null) {
            file.save(topic);
        }
        saved = System.nanoTime();
    }
}
