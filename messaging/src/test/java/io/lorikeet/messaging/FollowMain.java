package io.lorikeet.messaging;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** A reader in a process of its own: says what it took of a topic, then how many records it passed over. */
final class FollowMain {
    private FollowMain() {}

    /**
     * Reads to the end that the topic has now.
     *
     * @param arguments the broker and the topic
     */
    public static void main(String[] arguments) throws InterruptedException {
        var progress = new TopicProgress(arguments[1]);
        var unreadable = new UnreadableRecords(arguments[1]);
        try (var follower = new TopicFollower(
                progress,
                Map.of("bootstrap.servers", arguments[0]),
                record -> System.out.println(new String(record.value(), StandardCharsets.UTF_8)),
                unreadable)) {
            follower.start();
            System.out.println(progress.awaitReplay(Duration.ofSeconds(30)) ? "replayed" : progress.describe());
            System.out.println(unreadable.count(arguments[1]) + " passed over");
        }
    }
}
