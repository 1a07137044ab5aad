package io.lorikeet.cli.command;

import io.lorikeet.cli.broker.KafkaLayout;
import io.lorikeet.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code topics}: brings a Kafka of one's own to the layout that the services need. */
@Command(
        name = "topics",
        description = {
            "Creates the topics that are missing on a Kafka cluster, and gives them and the trainers' share group",
            "their settings. Doing it again changes nothing.",
        },
        subcommands = {TopicsDumpCommand.class, TopicsRestoreCommand.class})
public final class TopicsCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Mixin
    KafkaOptions kafka;

    @Override
    public Integer call() {
        kafka.on(client -> {
            KafkaLayout.apply(client);
            return client;
        });
        Terminal.current().note("Topics and the trainers' group are laid out on " + kafka.bootstrapServers());
        return 0;
    }
}
