package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.Topics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** What the checkpoint topic has to be, whatever its records say. */
final class CheckpointTopic {
    private final Map<String, Object> connection;

    /** @param connection settings of the broker connection, {@code bootstrap.servers} among them */
    CheckpointTopic(Map<String, Object> connection) {
        this.connection = connection;
    }

    /**
     * Creates the topic if it is missing, for with the broker's defaults it would forget adapters.
     *
     * @throws IllegalStateException if it has several partitions: only one has an order over all of it
     */
    void require() throws ExecutionException, InterruptedException {
        try (var admin = Admin.create(connection)) {
            var topic = new NewTopic(Topics.CHECKPOINTS, Optional.of(1), Optional.empty())
                    .configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
            try {
                admin.createTopics(List.of(topic)).all().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
            var partitions = admin.describeTopics(List.of(Topics.CHECKPOINTS))
                    .allTopicNames()
                    .get()
                    .get(Topics.CHECKPOINTS)
                    .partitions()
                    .size();
            if (partitions != 1) {
                throw new IllegalStateException(
                        "topic " + Topics.CHECKPOINTS + " has " + partitions + " partitions, must have 1");
            }
        }
    }
}
