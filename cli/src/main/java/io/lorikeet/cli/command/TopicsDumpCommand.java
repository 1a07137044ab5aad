package io.lorikeet.cli.command;

import io.lorikeet.cli.broker.TopicDump;
import io.lorikeet.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code topics dump}: a backup of one topic. */
@Command(
        name = "dump",
        description = {
            "Writes all records of a topic to a file, a JSON object a line: partition, timestamp, key, value and headers.",
            "A tombstone's value is null. The file is there whole or not at all; one that is there is replaced.",
        })
public final class TopicsDumpCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Mixin
    KafkaOptions kafka;

    @Option(names = "--topic", paramLabel = "TOPIC", required = true, description = "The topic to read.")
    private String topic;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The file to write.")
    private Path out;

    @Override
    public Integer call() {
        long records = kafka.on(client -> TopicDump.dump(client, topic, out));
        Terminal.current().note("%s: %,d records are in %s".formatted(topic, records, out));
        return 0;
    }
}
