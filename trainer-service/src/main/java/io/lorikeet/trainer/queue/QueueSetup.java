package io.lorikeet.trainer.queue;

import io.lorikeet.contracts.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/** Makes what the queue needs in Kafka and is not there yet: topics, and a group that begins at the oldest command. */
public final class QueueSetup {
    private QueueSetup() {}

    /**
     * Makes it so; does nothing that is done already.
     *
     * @throws ExecutionException if the broker refuses, with its reason as the cause
     */
    public static void apply(QueueSettings settings) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(settings.client())) {
            createMissingTopics(admin, settings);
            // a share group begins at the end of the topic unless told otherwise, and would miss what was sent before
            var group = new ConfigResource(ConfigResource.Type.GROUP, settings.group());
            var earliest =
                    new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(group, List.of(earliest)))
                    .all()
                    .get();
        }
    }

    private static void createMissingTopics(Admin admin, QueueSettings settings)
            throws ExecutionException, InterruptedException {
        var topics = new ArrayList<NewTopic>();
        topics.add(topic(settings.commands(), Map.of()));
        topics.add(topic(settings.deadLetters(), Map.of()));
        topics.add(topic(Topics.EVENTS, Map.of()));
        topics.add(topic(Topics.CHECKPOINTS, Map.of("cleanup.policy", "compact")));
        for (var created : admin.createTopics(topics).values().values()) {
            try {
                var _ = created.get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
    }

    private static NewTopic topic(String name, Map<String, String> config) {
        return new NewTopic(name, Optional.of(1), Optional.empty()).configs(config);
    }
}
