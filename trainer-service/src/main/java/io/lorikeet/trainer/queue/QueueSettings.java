package io.lorikeet.trainer.queue;

import java.time.Duration;
import java.util.Map;

/**
 * How commands are taken.
 *
 * @param work which commands are taken
 * @param client settings of every Kafka client: bootstrap servers, security
 * @param group name of the share group
 * @param commands topic of the commands
 * @param deadLetters topic of the commands that could not be trained
 * @param maxDeliveries a record delivered this often is published anew. Must not be above the broker's own limit ({@code
 *     group.share.delivery.count.limit}, 5 by default), after which the broker drops it without a word
 * @param retryDelay pause before a failed command is given back, multiplied by the deliveries of its record
 * @param shutdownGrace how long a running job has for coming to a stop at a step when the trainer shuts down
 */
public record QueueSettings(
        Work work,
        Map<String, Object> client,
        String group,
        String commands,
        String deadLetters,
        int maxDeliveries,
        Duration retryDelay,
        Duration shutdownGrace) {
    public QueueSettings {
        client = Map.copyOf(client);
        if (maxDeliveries < 2) {
            throw new IllegalArgumentException(
                    "maxDeliveries is %d: at the last delivery the command is published anew, so 2 is the least"
                            .formatted(maxDeliveries));
        }
    }
}
