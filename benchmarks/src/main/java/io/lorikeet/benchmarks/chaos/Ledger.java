package io.lorikeet.benchmarks.chaos;

import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What Kafka and the adapters root know of the jobs. */
final class Ledger {
    private static final Duration POLL = Duration.ofMillis(500);

    private final String bootstrapServers;
    private final Path adapters;

    Ledger(String bootstrapServers, Path adapters) {
        this.bootstrapServers = bootstrapServers;
        this.adapters = adapters;
    }

    /** The last events of each job, in order; one that is told again stands there again. */
    Map<String, List<TrainingEvent>> ends() {
        Map<String, List<TrainingEvent>> ends = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : all(Topics.EVENTS)) {
            try {
                TrainingEvent event = Json.read(record.value(), TrainingEvent.class);
                if (event.last()) {
                    ends.computeIfAbsent(event.jobId(), _ -> new ArrayList<>()).add(event);
                }
            } catch (ContractException e) {
                // the malformed ones that were put there
            }
        }
        return ends;
    }

    /** The version that the topic says is to be served, by adapter. */
    Map<String, String> served() {
        Map<String, String> served = new LinkedHashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : all(Topics.CHECKPOINTS)) {
            try {
                var event = Json.read(record.value(), CheckpointEvent.class);
                served.put(event.adapter(), event.version());
            } catch (ContractException e) {
                // as above
            }
        }
        return served;
    }

    /** What is wrong with how a job ended; empty if it was trained once, and its one result told. */
    Optional<String> wrong(String jobId, List<TrainingEvent> ends) {
        Set<TrainingEvent> results = new LinkedHashSet<>();
        ends.stream().filter(TrainingEvent.Succeeded.class::isInstance).forEach(results::add);
        if (results.size() != 1) {
            return Optional.of("%s has %d results, and ended with %s"
                    .formatted(jobId, results.size(), ends.isEmpty() ? "nothing" : ends.getLast()));
        }
        Path folder = adapters.resolve(Pupils.adapter(jobId)).resolve(jobId);
        try (Stream<Path> runs = Files.list(folder)) {
            long count = runs.filter(Files::isDirectory).count();
            return count == 1 ? Optional.empty() : Optional.of("%s has %d runs".formatted(jobId, count));
        } catch (IOException e) {
            return Optional.of("%s has no run: %s".formatted(jobId, e));
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> all(String topic) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", bootstrapServers, "auto.offset.reset", "earliest", "enable.auto.commit", false);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(POLL).forEach(record -> {
                    if (record.value() != null) {
                        records.add(record);
                    }
                });
            }
            return records;
        } catch (KafkaException e) {
            throw new CliException(topic + " cannot be read: " + e.getMessage(), e);
        }
    }
}
