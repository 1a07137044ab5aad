package io.lorikeet.gateway.kafka;

import io.lorikeet.contracts.Topics;
import io.lorikeet.http.HelperThreads;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jboss.logging.Logger;

/**
 * How many commands wait, and how many were given up. The gateway asks the broker, as it is there when no trainer is: whoever
 * scales trainers from zero needs to know.
 */
@ApplicationScoped
public class QueueMetrics {
    private static final Logger LOG = Logger.getLogger(QueueMetrics.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Map<String, Object> connection;
    private final HelperThreads threads;
    private volatile Thread thread;
    private volatile Reading reading = Reading.UNKNOWN;

    /**
     * What the broker said last.
     *
     * @param lag commands that no trainer has finished, running ones among them; NaN if it is not known
     * @param deadLetters commands on the dead-letter topic; NaN if it is not known
     */
    private record Reading(double lag, double deadLetters) {
        static final Reading UNKNOWN = new Reading(Double.NaN, Double.NaN);
    }

    QueueMetrics(@Identifier("default-kafka-broker") Map<String, Object> connection, HelperThreads threads) {
        this.connection = connection;
        this.threads = threads;
    }

    void start(@Observes StartupEvent event, MeterRegistry registry) {
        gauge(registry, "lorikeet.training.queue.lag", "Commands not finished, running ones among them", Reading::lag);
        gauge(registry, "lorikeet.training.dead.letters", "Commands on the dead-letter topic", Reading::deadLetters);
        thread = threads.start("queue-metrics", this::watch);
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<Reading> value) {
        Gauge.builder(name, () -> value.applyAsDouble(reading))
                .description(description)
                .register(registry);
    }

    void stop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }

    private void watch() {
        var settings = new HashMap<>(connection);
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "gateway-queue-metrics");
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000);
        try (var admin = Admin.create(settings)) {
            while (true) {
                try {
                    reading = new Reading(lag(admin), deadLetters(admin));
                } catch (ExecutionException | KafkaException e) {
                    LOG.debugf(e, "no reading of the command queue");
                    reading = Reading.UNKNOWN;
                }
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException e) {
            LOG.debug("stopped");
        }
    }

    private static double lag(Admin admin) throws ExecutionException, InterruptedException {
        Map<TopicPartition, SharePartitionOffsetInfo> group = groupOffsets(admin);
        double lag = 0;
        for (var partition : lengths(admin, Topics.COMMANDS).entrySet()) {
            SharePartitionOffsetInfo info = group.get(partition.getKey());
            // a group that has not begun begins at the oldest command
            lag += info == null ? partition.getValue() : info.lag().orElse(partition.getValue());
        }
        return lag;
    }

    private static Map<TopicPartition, SharePartitionOffsetInfo> groupOffsets(Admin admin)
            throws ExecutionException, InterruptedException {
        try {
            return admin.listShareGroupOffsets(Map.of(Topics.TRAINERS, new ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(Topics.TRAINERS)
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Map.of();
            }
            throw e;
        }
    }

    private static double deadLetters(Admin admin) throws ExecutionException, InterruptedException {
        return lengths(admin, Topics.COMMANDS_DLQ).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Records in each partition of a topic; nothing if there is no such topic. */
    private static Map<TopicPartition, Long> lengths(Admin admin, String topic)
            throws ExecutionException, InterruptedException {
        var begin = new HashMap<TopicPartition, OffsetSpec>();
        var end = new HashMap<TopicPartition, OffsetSpec>();
        try {
            admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .partitions()
                    .forEach(partition -> {
                        begin.put(new TopicPartition(topic, partition.partition()), OffsetSpec.earliest());
                        end.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest());
                    });
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Map.of();
            }
            throw e;
        }
        var begins = admin.listOffsets(begin).all().get();
        var lengths = new HashMap<TopicPartition, Long>();
        admin.listOffsets(end)
                .all()
                .get()
                .forEach((partition, info) -> lengths.put(
                        partition, info.offset() - begins.get(partition).offset()));
        return lengths;
    }
}
