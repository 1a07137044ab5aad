package io.lorikeet.inference.adapters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CloudEvents;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.ReplicaReport;
import io.lorikeet.contracts.ReplicaReport.RefusedVersion;
import io.lorikeet.contracts.ReplicaReport.ServedAdapter;
import io.lorikeet.contracts.Shown;
import io.lorikeet.contracts.Topics;
import io.lorikeet.engine.generation.AdapterStatus;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.inference.ReplicaName;
import io.lorikeet.inference.ServedModel;
import io.lorikeet.messaging.Refusal;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jboss.logging.Logger;

/**
 * Tells the others what this replica serves and what it has refused, on {@link Topics#REPLICAS}: when it changes, and now and
 * then, so that a replica that has died is told from one that lives. Serving does not depend on it.
 */
@ApplicationScoped
public class ReplicaReporter {
    private static final Logger LOG = Logger.getLogger(ReplicaReporter.class);
    private static final String SOURCE = "/lorikeet/inference";
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final Duration GOODBYE = Duration.ofSeconds(2);
    /** What is said of so many names fits a record of the default size; the others are left out. */
    private static final int MOST_ADAPTERS = 2_000;

    private static final Map<String, String> TOPIC = Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            "compact,delete",
            TopicConfig.RETENTION_MS_CONFIG,
            Long.toString(Duration.ofDays(1).toMillis()));

    private final InferenceEngine engine;
    private final AdapterSwaps swaps;
    private final String replica;
    private final BaseModel base;
    private final Map<String, Object> connection;
    private volatile Thread thread;

    // of the thread
    private List<ServedAdapter> said;
    private long saidAt;
    private boolean failing;
    private boolean refused;

    @Inject
    ReplicaReporter(
            InferenceEngine engine,
            AdapterSwaps swaps,
            ReplicaName name,
            ServedModel base,
            @Identifier("default-kafka-broker") Map<String, Object> connection) {
        this.engine = engine;
        this.swaps = swaps;
        this.replica = name.get();
        this.base = base.asBase();
        this.connection = connection;
    }

    void start(@Observes StartupEvent event) {
        thread = Thread.ofPlatform().name("replica-report").daemon().start(this::run);
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        thread.interrupt();
        thread.join(GOODBYE.toMillis() * 2);
    }

    private void run() {
        try {
            while (!prepared()) {
                Thread.sleep(refused ? Refusal.RETRY : RETRY);
            }
            try (var producer = producer()) {
                report(producer);
            }
        } catch (InterruptedException | InterruptException e) {
            LOG.debug("stopped before it could say anything");
        }
    }

    /** Says what there is to say, until it is told to stop; then says goodbye. */
    private void report(KafkaProducer<byte[], byte[]> producer) {
        try {
            while (true) {
                var now = adapters();
                if (!now.equals(said) || System.nanoTime() - saidAt > ReplicaReport.INTERVAL.toNanos()) {
                    // what nobody has heard is said again
                    if (send(producer, Optional.of(new ReplicaReport(replica, Instant.now(), base, now)), RETRY)) {
                        said = now;
                        saidAt = System.nanoTime();
                    }
                }
                Thread.sleep(PERIOD);
            }
        } catch (InterruptedException | InterruptException e) {
            var _ = Thread.interrupted();
            try {
                var _ = send(producer, Optional.empty(), GOODBYE);
            } catch (InterruptedException | InterruptException again) {
                LOG.debug("stopped before it could say goodbye");
            }
            producer.close(Duration.ZERO);
        }
    }

    private List<ServedAdapter> adapters() {
        var serving = new TreeMap<String, Optional<AdapterStatus>>();
        engine.adapters().stream()
                .filter(adapter -> adapter.state() == AdapterStatus.State.SERVING)
                .forEach(adapter -> serving.put(adapter.name(), Optional.of(adapter)));
        var refused = new HashMap<String, RefusedVersion>();
        for (var rejection : swaps.rejections()) {
            var detail = rejection.detail() == null ? null : Shown.sentence(rejection.detail());
            refused.put(
                    rejection.adapter(),
                    new RefusedVersion(rejection.version(), rejection.reason(), detail, rejection.time()));
            serving.putIfAbsent(rejection.adapter(), Optional.empty());
        }
        var adapters = new ArrayList<ServedAdapter>();
        serving.forEach((name, status) -> {
            if (adapters.size() < MOST_ADAPTERS) {
                adapters.add(new ServedAdapter(
                        name,
                        status.map(AdapterStatus::version).orElse(null),
                        swaps.canary(name).orElse(null),
                        status.map(AdapterStatus::resident).orElse(false),
                        refused.get(name)));
            }
        });
        return adapters;
    }

    /**
     * Whether the broker has it.
     *
     * @param report empty: this replica leaves
     */
    private boolean send(KafkaProducer<byte[], byte[]> producer, Optional<ReplicaReport> report, Duration atMost)
            throws InterruptedException {
        var record = new ProducerRecord<>(
                Topics.REPLICAS,
                replica.getBytes(UTF_8),
                report.map(Json::write).orElse(null));
        report.ifPresent(message -> CloudEvents.headers(message, SOURCE)
                .forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8))));
        try {
            producer.send(record).get(atMost.toMillis(), TimeUnit.MILLISECONDS);
            failing = false;
            return true;
        } catch (ExecutionException | TimeoutException e) {
            failed(e.getCause() == null ? e : e.getCause());
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            failed(e);
        }
        return false;
    }

    private boolean prepared() throws InterruptedException {
        try (var admin = Admin.create(connection)) {
            var topic = new NewTopic(Topics.REPLICAS, Optional.of(1), Optional.empty()).configs(TOPIC);
            if (!admin.listTopics().names().get().contains(Topics.REPLICAS)) {
                admin.createTopics(List.of(topic)).all().get();
            }
            failing = false;
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TopicExistsException) {
                return true;
            }
            failed(e.getCause());
            return false;
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            failed(e); // no client can be made: certificates may be replaced at this moment
            return false;
        }
    }

    private void failed(Throwable why) {
        refused = Refusal.of(why, connection).isPresent();
        if (!failing && !refused) { // of a refusal the log has a line from who watches the broker
            LOG.warnf("what this replica serves cannot be told to others, trying on: %s", why);
        }
        failing = true;
    }

    private KafkaProducer<byte[], byte[]> producer() {
        var settings = new HashMap<>(connection);
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, "replica-report");
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) RETRY.toMillis());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) RETRY.toMillis());
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2 * (int) RETRY.toMillis());
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4 << 20);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
