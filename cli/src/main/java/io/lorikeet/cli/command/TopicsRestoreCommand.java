package io.lorikeet.cli.command;

import io.lorikeet.cli.broker.TopicDump;
import io.lorikeet.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code topics restore}: a backup back into its topic. */
@Command(
        name = "restore",
        description = {
            "Puts the records of a dump into the topic that they came from, which must be there and empty:",
            "`./lorikeet topics` creates it. The dump is read to its end before anything is written.",
        })
public final class TopicsRestoreCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Mixin
    KafkaOptions kafka;

    @Option(names = "--in", paramLabel = "FILE", required = true, description = "A file of `topics dump`.")
    private Path in;

    @Override
    public Integer call() {
        TopicDump.Restored restored = kafka.on(client -> TopicDump.restore(client, in));
        Terminal.current().note("%s: %,d records of %s are back".formatted(restored.topic(), restored.records(), in));
        return 0;
    }
}
