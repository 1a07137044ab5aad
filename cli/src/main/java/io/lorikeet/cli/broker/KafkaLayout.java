package io.lorikeet.cli.broker;

import io.lorikeet.contracts.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * The topics and the trainers' share group as Lorikeet wants them on a broker: what is missing is created, what is
 * there gets these settings. Applying it twice changes nothing.
 */
public final class KafkaLayout {

    /** How often a command is handed out before the broker gives up on it: each crash of a trainer costs one. */
    private static final int DELIVERY_LIMIT = 5;

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(20);

    private static final Duration COMMANDS_KEPT = Duration.ofDays(30);
    private static final Duration EVENTS_KEPT = Duration.ofDays(90);
    private static final Duration REPLICAS_KEPT = Duration.ofDays(1);

    private static final Map<String, Map<String, String>> TOPICS = Map.of(
            Topics.COMMANDS,
                    with(deleted(COMMANDS_KEPT), "max.message.bytes", Integer.toString(Topics.MAX_MESSAGE_BYTES)),
            Topics.COMMANDS_DLQ, with(deleted(COMMANDS_KEPT), "errors.deadletterqueue.group.enable", "true"),
            Topics.EVENTS, deleted(EVENTS_KEPT),
            Topics.CHECKPOINTS, Map.of("cleanup.policy", "compact"),
            Topics.REPLICAS, Map.of("cleanup.policy", "compact,delete", "retention.ms", millis(REPLICAS_KEPT)));

    private static final Map<String, String> TRAINER_GROUP = Map.of(
            "share.auto.offset.reset",
            "earliest",
            "share.delivery.count.limit",
            Integer.toString(DELIVERY_LIMIT),
            "errors.deadletterqueue.topic.name",
            Topics.COMMANDS_DLQ,
            "errors.deadletterqueue.copy.record.enable",
            "true");

    private KafkaLayout() {}

    /** Brings the broker at {@code bootstrapServers} to this layout, and waits until it has acknowledged. */
    public static void apply(String bootstrapServers) {
        apply(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    /**
     * The same for a cluster that wants more than an address.
     *
     * @param client settings of a Kafka client: {@code bootstrap.servers}, security
     */
    public static void apply(Map<String, Object> client) {
        try (Admin admin = Admin.create(client)) {
            create(admin);
            configure(admin);
            awaitEffect(admin);
        }
    }

    private static void create(Admin admin) {
        List<NewTopic> topics = TOPICS.entrySet().stream()
                .map(topic ->
                        new NewTopic(topic.getKey(), Optional.of(1), Optional.<Short>empty()).configs(topic.getValue()))
                .toList();
        admin.createTopics(topics).values().forEach((name, created) -> {
            try {
                created.get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw new IllegalStateException("Topic " + name + " cannot be created: " + e.getCause(), e);
                }
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        });
    }

    private static void configure(Admin admin) {
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        TOPICS.forEach((name, config) -> changes.put(new ConfigResource(ConfigResource.Type.TOPIC, name), set(config)));
        changes.put(new ConfigResource(ConfigResource.Type.GROUP, Topics.TRAINERS), set(TRAINER_GROUP));
        try {
            admin.incrementalAlterConfigs(changes).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Topics and groups cannot be configured: " + e.getCause(), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** The controller acknowledges before the broker goes by it; a trainer that joined between would miss commands. */
    private static void awaitEffect(Admin admin) {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, Topics.TRAINERS);
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                Config config =
                        admin.describeConfigs(List.of(group)).all().get().get(group);
                boolean effective = TRAINER_GROUP.entrySet().stream()
                        .allMatch(
                                setting -> config.get(setting.getKey()).value().equals(setting.getValue()));
                if (effective) {
                    return;
                }
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("The broker does not take the settings of " + Topics.TRAINERS);
                }
                Thread.sleep(POLL);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("The group's settings cannot be read: " + e.getCause(), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static Collection<AlterConfigOp> set(Map<String, String> config) {
        Collection<AlterConfigOp> operations = new ArrayList<>();
        config.forEach((key, value) -> operations.add(new AlterConfigOp(new ConfigEntry(key, value), OpType.SET)));
        return operations;
    }

    private static Map<String, String> deleted(Duration after) {
        return Map.of("cleanup.policy", "delete", "retention.ms", millis(after));
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }

    private static Map<String, String> with(Map<String, String> config, String key, String value) {
        Map<String, String> more = new HashMap<>(config);
        more.put(key, value);
        return Map.copyOf(more);
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("Interrupted while setting up topics", e);
    }
}
